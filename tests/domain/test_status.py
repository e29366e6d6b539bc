"""A piece of open work, as far as lists alone tell."""

from dataclasses import fields
from datetime import timedelta

from secops_oncall.domain.incidents import STALE
from secops_oncall.domain.pages import Owner, PageDetail
from secops_oncall.domain.people import Person
from secops_oncall.domain.status import MyRole, ReviewCount, Status, outline
from tests.fakes import ME, NOW, a_page, an_issue

ANA, BEN, EVA = ME.person, Person("PBEN002", "Ben Okafor"), Person("PEVA004", "Eva")
REF = "acme/operations#101"


def acked(id: str, *by: Person, minutes: int = 60) -> PageDetail:
    owner = Owner(by[0].id, by[0].name, NOW)
    return a_page(id, "acknowledged", minutes=minutes, acknowledged_by=by, owner=owner)


def test_an_issue_with_its_pages_is_called_after_the_issue() -> None:
    issue, pages = an_issue(REF, title="Leaked key"), [acked("Q1ONE00001", BEN)]
    work = outline(issue, pages, ANA, NOW)
    assert (work.id, work.summary, work.issue, work.pages) == (REF, "Leaked key", issue, tuple(pages))
    assert work.acting == ANA


def test_a_page_without_an_issue_is_called_after_the_page() -> None:
    work = outline(None, [acked("Q1ONE00001", BEN)], ANA, NOW)
    assert (work.id, work.summary, work.issue) == ("Q1ONE00001", "About Q1ONE00001", None)


def test_the_owner_is_that_of_the_earliest_page_and_never_a_later_ones() -> None:
    early, late = acked("Q1EARLY001", BEN, minutes=60), acked("Q1LATE0002", EVA, minutes=5)
    owner = outline(None, [late, early], ANA, NOW).owner
    assert owner and owner.id == BEN.id
    unowned = a_page("Q1FIRST003", minutes=90)
    assert outline(None, [late, unowned], ANA, NOW).owner is None
    assert outline(an_issue(REF), [], ANA, NOW).owner is None


def test_whoever_acked_is_engaged_once() -> None:
    pages = [acked("Q1ONE00001", BEN, EVA), acked("Q1TWO00002", EVA)]
    assert outline(None, pages, ANA, NOW).engaged == (BEN, EVA)


def test_work_is_stale_when_nothing_was_told_for_too_long() -> None:
    told = an_issue(REF, updated_at=NOW - STALE + timedelta(seconds=1))
    silent = an_issue(REF, updated_at=NOW - STALE)
    old, new = acked("Q1OLD00001", BEN, minutes=600), acked("Q1NEW00002", BEN, minutes=1)
    assert not outline(told, [old], ANA, NOW).stale
    assert outline(silent, [new], ANA, NOW).stale, "the issue is where the work is told"
    assert outline(None, [old], ANA, NOW).stale
    assert not outline(None, [old, new], ANA, NOW).stale


def test_an_unacked_page_leaves_it_uncovered() -> None:
    acknowledged, unacked = acked("Q1ONE00001", BEN), a_page("Q1TWO00002")
    assert outline(None, [acknowledged, unacked], ANA, NOW).uncovered
    assert not outline(None, [acknowledged], ANA, NOW).uncovered
    assert not outline(an_issue(REF), [], ANA, NOW).uncovered


def test_what_only_a_person_can_say_stays_unsaid() -> None:
    work = outline(an_issue(REF), [acked("Q1ONE00001", BEN)], ANA, NOW)
    assert (work.posture, work.state, work.tried, work.confidence, work.zoom) == (None,) * 5
    assert (work.next_steps, work.if_then, work.related, work.slack, work.timeline, work.problems) == ((),) * 6


def test_the_fields_are_those_of_the_interface_and_lists_are_empty_until_they_are_known() -> None:
    named = "me shift pages reviews incidents backlog handoff coming_up queued stale takeover"
    assert {each.name for each in fields(Status)} == set(named.split())
    found = Status(MyRole("PANA", "Ana", "none"), None, (), ReviewCount(0, 2))
    assert (found.incidents, found.backlog, found.coming_up, found.queued, found.stale) == ((),) * 5
    assert found.handoff is None
