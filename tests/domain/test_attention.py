"""Open work from lists: what is uncovered or stale, whose it is, and what the notes of issues add to that."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.attention import acked, is_mine, overview, updated
from secops_oncall.domain.events import Event
from secops_oncall.domain.incidents import STALE, Incident
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import Owner, PageDetail
from secops_oncall.domain.people import Person
from secops_oncall.domain.said import Said
from tests.fakes import ME, NOW, a_page, an_issue

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor", "ben@example.com")
ONE, TWO = "Q1ONE00001", "Q1TWO00002"
REF, OTHER = "acme/operations#101", "acme/operations#102"


def held(id: str, by: Person = ANA, *, minutes: int = 60, **more: Any) -> PageDetail:
    owner = Owner(by.id, by.name, NOW - timedelta(minutes=minutes - 4))
    return a_page(id, "acknowledged", minutes=minutes, acknowledged_by=(by,), owner=owner, **more)


def facts(pages: list[PageDetail], issues: list[Issue], **more: Any) -> Facts:
    known = {page.id: page for page in pages}
    kept = {issue.ref: issue for issue in issues}
    people = {"ana": ANA, "ben": BEN}
    return Facts(NOW, NOW, ANA, "https://g", frozenset(known), known, kept, people=people, **more)


def only(known: Facts) -> Incident:
    (found,) = overview(known, {})
    return found


def note(kind: str, author: str, text: str = "", minutes: int = 10) -> IssueNote:
    at = NOW - timedelta(minutes=minutes)
    return IssueNote(minutes, at, author, text, True, False, Mark(kind, "-", "issue-101"))


@pytest.mark.parametrize(
    ("pages", "issues", "uncovered"),
    [
        ([held(ONE)], [an_issue(REF, ONE)], False),
        ([a_page(ONE)], [an_issue(REF, ONE, assignees=("ben",))], True),
        ([], [an_issue(REF, ONE)], True),
        ([], [an_issue(REF, ONE, assignees=("ben",))], False),
        ([held(ONE)], [], False),
    ],
    ids=["acked", "waits for its ack", "nobody's", "assigned", "no issue"],
)
def test_what_nobody_has_is_uncovered(pages: list[PageDetail], issues: list[Issue], uncovered: bool) -> None:
    assert only(facts(pages, issues)).uncovered is uncovered
    assert only(facts(pages, issues, covered=False)).uncovered


@pytest.mark.parametrize(("minutes", "stale"), [(239, False), (240, True), (2400, True)])
def test_what_had_no_update_for_four_hours_is_stale(minutes: int, stale: bool) -> None:
    assert timedelta(hours=4) == STALE
    quiet = an_issue(REF, ONE, updated_at=NOW - timedelta(minutes=minutes), minutes=3000)
    assert only(facts([held(ONE)], [quiet])).stale is stale
    assert only(facts([held(ONE, minutes=minutes)], [])).stale is stale


def test_a_resolved_page_that_i_acked_by_the_journal_is_mine() -> None:
    done = [Event(NOW, "ack", ONE, data={"result": "done"}), Event(NOW, "ack", TWO, data={"result": "refused"})]
    joined = Event(NOW, "ack", TWO, data={"result": "done", "code": "joined"})
    later = Event(NOW + timedelta(hours=1), "ack", ONE, data={"result": "done"})
    acks = acked([*done, joined, later])
    assert acks == {ONE: NOW}
    (work,) = overview(facts([], [an_issue(REF, f"{ONE} {TWO}")]), acks)
    assert (work.owner, work.uncovered) == (Owner(ANA.id, ANA.name, NOW), False)
    (other,) = overview(facts([], [an_issue(REF, TWO)]), acks)
    assert other.owner is None


def test_what_is_mine() -> None:
    mine, assigned = only(facts([held(ONE)], [])), only(facts([], [an_issue(REF, ONE, assignees=("ana",))]))
    assert is_mine(mine, ANA, "ana") and is_mine(assigned, ANA, "ana")
    bens = facts([held(ONE, BEN)], [an_issue(REF, ONE, assignees=("ben",))])
    assert not is_mine(only(bens), ANA, "ana")
    accepted = only(replace(bens, comments={REF: [note("handoff", "ben"), note("readback", "ana", minutes=5)]}))
    assert accepted.acting == ANA
    assert is_mine(accepted, ANA, "ana")


def test_nobody_is_said_to_act_where_notes_were_not_read() -> None:
    known = facts([held(ONE, BEN)], [an_issue(REF, ONE)])
    assert only(known).acting is None
    assert only(replace(known, comments={REF: []})).acting == Person(BEN.id, BEN.name, BEN.email)
    assert only(facts([held(ONE, BEN)], [])).acting == Person(BEN.id, BEN.name, BEN.email)


def test_what_the_last_hand_off_said_stands_where_nobody_has_said_anything_since() -> None:
    text = "**Posture:** active\n\n* **Issue Summary**: one line\n  - State now: contained\n* **Next Steps**:\n"
    known = facts([held(ONE)], [an_issue(REF, ONE)], comments={REF: [note("handoff", "ana", text)]})
    handed = only(known)
    assert (handed.posture, handed.summary, handed.state) == ("active", "one line", "contained")
    typed = only(replace(known, said={ONE: Said(posture="stable")}))
    assert (typed.posture, typed.state) == ("stable", "contained")
    forged = facts([held(ONE)], [an_issue(REF, ONE)], comments={REF: [note("handoff", "mallory", text)]})
    assert only(forged).posture is None


def test_uncovered_before_stale_before_the_rest_and_active_before_stable() -> None:
    unacked, nobodys = a_page("Q1UNACK003"), an_issue("acme/operations#7", "Q1GONE0004")
    stale = held("Q1STALE005", minutes=900)
    active, calm = held("Q1ACTIV006"), held("Q1CALM0007", minutes=90)
    said = {"Q1ACTIV006": Said(posture="active"), "Q1CALM0007": Said(posture="stable")}
    known = facts([calm, active, stale, unacked], [nobodys], said=said)
    assert [work.id for work in overview(known, {})] == [unacked.id, nobodys.ref, stale.id, active.id, calm.id]


def test_when_it_was_updated_last() -> None:
    issue = an_issue(REF, ONE, updated_at=NOW - timedelta(minutes=3))
    assert updated(only(facts([held(ONE)], [issue]))) == NOW - timedelta(minutes=3)
    assert updated(only(facts([held(ONE)], []))) == NOW - timedelta(minutes=60)
