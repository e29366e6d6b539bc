"""Open work: what counts as it, whose it is, and what pages, issues and notes tell about it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.declared import engages, leaves
from secops_oncall.domain.events import Event, Note
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.incidents import JUDGEMENT, Incident, incidents
from secops_oncall.domain.issues import Issue, IssueNote, LinkedIssue
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.open_work import MOST, Facts, named_issues, named_pages, open_work
from secops_oncall.domain.pages import Alert, Owner, PageDetail, PageNote
from secops_oncall.domain.people import Person
from secops_oncall.domain.said import Said, said
from tests.fakes import ME, NOW, a_page, an_entry, an_issue

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor", "ben@example.com")
START = NOW - timedelta(hours=5)
GITLAB = "https://gitlab.example.com"
ONE, TWO, OLD = "Q1ONE00001", "Q1TWO00002", "Q1OLD00003"
REF = "acme/operations#101"


def facts(pages: list[PageDetail], issues: list[Issue], open_pages: set[str] | None = None, **more: Any) -> Facts:
    still_open = {page.id for page in pages if page.status != "resolved"} if open_pages is None else open_pages
    return Facts(
        START,
        NOW,
        ANA,
        GITLAB,
        frozenset(still_open),
        {page.id: page for page in pages},
        {issue.ref: issue for issue in issues},
        **more,
    )


def acked(id: str, *, minutes: int = 60, by: Person = ANA, **more: Any) -> PageDetail:
    log = (an_entry("trigger", minutes), an_entry("acknowledge", minutes - 4, by))
    return a_page(id, "acknowledged", minutes=minutes, timeline=log, **more)


def resolved(id: str, *, minutes: int = 60, **more: Any) -> PageDetail:
    done = acked(id, minutes=minutes, **more)
    return replace(done, status="resolved", timeline=(*done.timeline, an_entry("resolve", minutes - 30, ANA)))


def only(known: Facts) -> Incident:
    (incident,) = incidents(known)
    return incident


def ids(known: Facts) -> dict[str, list[str]]:
    return {incident.id: [page.id for page in incident.pages] for incident in incidents(known)}


def comment(minutes: int, author: str, text: str, *, system: bool = False) -> IssueNote:
    return IssueNote(minutes, NOW - timedelta(minutes=minutes), author, text, internal=False, system=system)


# What is open work


def test_a_resolved_page_whose_issue_is_open_is_unfinished_work() -> None:
    assert ids(facts([resolved(ONE)], [an_issue(REF, f"See {ONE}")])) == {REF: [ONE]}


def test_an_open_issue_that_names_a_page_of_a_former_shift_is_open_work_with_or_without_it() -> None:
    issue = an_issue(REF, f"https://acme.pagerduty.com/incidents/{OLD}", minutes=9000)
    assert ids(facts([resolved(OLD, minutes=9000)], [issue])) == {REF: [OLD]}
    assert ids(facts([], [issue])) == {REF: []}


def test_an_open_issue_that_names_no_page_is_none_unless_a_page_of_the_shift_names_it() -> None:
    issue = an_issue(REF, "Clean up")
    assert ids(facts([resolved(ONE)], [issue])) == {}
    assert ids(facts([resolved(ONE, links=(issue.url,))], [issue])) == {REF: [ONE]}
    assert ids(facts([resolved(OLD, minutes=9000, links=(issue.url,))], [issue])) == {}


@pytest.mark.parametrize(
    "where",
    [
        {"links": (f"{GITLAB}/acme/operations/-/issues/101",)},
        {"notes": (PageNote(NOW, "Ana", f"filed as {GITLAB}/acme/operations/-/issues/101."),)},
        {"alerts": (Alert("A1", NOW, None, "", {"issue": f"{GITLAB}/acme/operations/-/work_items/101"}, ()),)},
    ],
    ids=["link", "note", "alert"],
)
def test_a_page_names_its_issue_in_links_notes_or_alerts(where: dict[str, Any]) -> None:
    known = facts([acked(ONE, **where)], [an_issue(REF)])
    assert named_issues(known) == {REF}
    assert ids(known) == {REF: [ONE]}


def test_an_open_page_without_an_issue_is_open_work_of_its_own() -> None:
    incident = only(facts([acked(ONE)], []))
    assert (incident.id, incident.issue, incident.summary) == (ONE, None, f"About {ONE}")


def test_a_page_that_is_neither_mine_nor_my_teams_is_not() -> None:
    assert ids(facts([acked(ONE)], [], open_pages=set())) == {}


def test_a_page_that_was_resolved_since_it_was_listed_is_not() -> None:
    assert ids(facts([resolved(ONE)], [], open_pages={ONE})) == {}


def test_an_open_page_whose_issues_are_all_closed_does_not_vanish() -> None:
    closed = an_issue(REF, f"{ONE} {TWO}", state="closed")
    older = an_issue("acme/operations#99", ONE, state="closed", minutes=300)
    incident = only(facts([acked(ONE), acked(TWO)], [older, closed]))
    assert incident.issue == closed
    assert sorted(page.id for page in incident.pages) == [ONE, TWO]
    assert ids(facts([resolved(ONE)], [closed])) == {}


def test_a_storm_is_many_pages_on_one_issue_and_one_page_may_have_two_issues() -> None:
    storm = [f"Q1STORM{n:05}" for n in range(30)]
    issue = an_issue(REF, "\n".join(storm))
    second = an_issue("acme/operations#102", storm[0])
    found = ids(facts([acked(id) for id in storm], [issue, second]))
    assert sorted(found[REF]) == storm
    assert found["acme/operations#102"] == [storm[0]]


def test_a_hand_over_issue_is_never_open_work() -> None:
    diary = an_issue(REF, f"{ONE} was noise", title="On-Call Handover 02:00/14:00 UTC (Weekday 12 h)")
    assert ids(facts([resolved(ONE)], [diary])) == {}
    assert only(facts([acked(ONE)], [diary])).issue is None


def test_an_issue_under_another_name_for_it_is_the_same_issue() -> None:
    moved = an_issue("acme/operations#7")
    page = acked(ONE, links=(f"{GITLAB}/acme/old-operations/-/issues/7",))
    known = replace(facts([page], [moved]), issues={moved.ref: moved, "acme/old-operations#7": moved})
    assert ids(known) == {moved.ref: [ONE]}


def test_a_description_full_of_ids_names_only_so_many_pages() -> None:
    flood = an_issue(REF, " ".join(f"Q1FLOOD{n:05}" for n in range(5000)))
    assert len(named_pages(flood)) == MOST


def test_pages_of_a_former_shift_stand_behind_those_of_this_one() -> None:
    work = open_work(facts([resolved(OLD, minutes=9000), acked(ONE)], [an_issue(REF, f"{OLD} {ONE}")]))
    assert [page.id for _, pages in work for page in pages] == [ONE, OLD]


# Whose it is


def test_the_owner_is_who_acked_the_earliest_page_first() -> None:
    issue = an_issue(REF, f"{ONE} {TWO}")
    incident = only(facts([acked(TWO, minutes=50, by=ANA), acked(ONE, minutes=60, by=BEN)], [issue]))
    assert incident.owner == Owner(BEN.id, BEN.name, NOW - timedelta(minutes=56))


def test_an_unacked_earliest_page_means_that_nobody_owns_it() -> None:
    incident = only(facts([a_page(ONE), acked(TWO, minutes=30)], [an_issue(REF, f"{ONE} {TWO}")]))
    assert incident.owner is None
    assert incident.uncovered


def test_an_owned_incident_is_uncovered_where_nobody_takes_over() -> None:
    assert not only(facts([acked(ONE)], [])).uncovered
    assert only(facts([acked(ONE)], [], covered=False)).uncovered


def test_a_page_that_was_resolved_and_came_back_has_a_new_owner() -> None:
    log = (
        an_entry("acknowledge", 55, BEN),
        an_entry("resolve", 50, BEN),
        an_entry("trigger", 40),
        an_entry("acknowledge", 30, ANA),
    )
    owner = only(facts([a_page(ONE, "acknowledged", timeline=log)], [])).owner
    assert owner is not None and owner.id == ANA.id


def test_whoever_is_on_shift_acts() -> None:
    assert only(facts([acked(ONE, by=BEN)], [])).acting == ANA


def test_engaged_are_ackers_assignees_and_people_who_wrote_in_the_shift_and_no_bots() -> None:
    comments = [
        comment(9000, "eva", "of a former shift"),
        comment(30, "farid", "looking"),
        comment(29, "ana", "thanks"),
        comment(28, "project_72_bot_1f", "labels added"),
        comment(27, "grace", "assigned to @hugo", system=True),
    ]
    page = acked(ONE, by=BEN)
    page = replace(page, timeline=(*page.timeline, an_entry("acknowledge", 50), an_entry("annotate", 20, ANA)))
    known = facts([page], [an_issue(REF, ONE, assignees=("chen", "alert-bot"))], comments={REF: comments})
    engaged = only(replace(known, people={"ana": ANA})).engaged
    assert engaged == (BEN, ANA, Person("", "chen"), Person("", "farid"))


# What the texts tell


def test_the_bridge_of_the_newest_page_comes_before_what_was_written() -> None:
    issue = an_issue(REF, f"{ONE} {TWO} https://example.zoom.us/j/1")
    notes = {REF: [comment(40, "ana", "moved to https://example.zoom.us/j/2."), comment(20, "ana", "no call")]}
    pages = [acked(ONE, minutes=50, bridge="https://zoom.us/j/4"), acked(TWO, minutes=60, bridge="https://zoom.us/j/3")]
    assert only(facts(pages, [issue], comments=notes)).zoom == "https://zoom.us/j/4"
    assert only(facts([acked(ONE)], [issue], comments=notes)).zoom == "https://example.zoom.us/j/2"
    assert only(facts([acked(ONE)], [an_issue(REF, ONE)])).zoom is None


def test_a_bridge_that_is_a_slack_channel_is_a_slack_channel() -> None:
    channel = "https://acme.slack.com/archives/C0SECOPS"
    incident = only(facts([acked(ONE, bridge=channel)], []))
    assert (incident.zoom, incident.slack) == (None, (channel,))


def test_slack_threads_come_from_pages_and_issue_each_once() -> None:
    one, two = "https://acme.slack.com/archives/C1/p1", "https://acme.slack.com/archives/C2/p2"
    notes = {REF: [comment(20, "ana", f"{one} and {two} and https://acme.slack.com/team/U1")]}
    assert only(facts([acked(ONE, links=(one,))], [an_issue(REF, ONE)], comments=notes)).slack == (one, two)


def test_related_issues_are_the_linked_ones() -> None:
    linked = LinkedIssue("acme/infra#7", "Rotate", f"{GITLAB}/acme/infra/-/issues/7", "opened", False, ("ben",))
    assert only(facts([acked(ONE)], [an_issue(REF, ONE)], links={REF: [linked]})).related == (linked,)


def test_next_steps_come_from_description_and_comments_but_not_from_gitlabs_record() -> None:
    issue = an_issue(REF, f"{ONE}\n- [ ] rotate the key, @ana")
    notes = [comment(30, "ben", "- [ ] ask legal"), comment(20, "ben", "- [ ] never", system=True)]
    known = facts([acked(ONE)], [issue], comments={REF: notes}, people={"ana": ANA})
    assert [(step.action, step.who) for step in only(known).next_steps] == [
        ("rotate the key", ANA.name),
        ("ask legal", None),
    ]


def test_the_time_line_is_this_shifts_in_order_with_comments_and_my_own_notes() -> None:
    page = acked(ONE, minutes=50)
    log = (an_entry("trigger", 9000), an_entry("annotate", 40, BEN), *page.timeline, an_entry("snooze", 10, ANA))
    wrote = (PageNote(NOW - timedelta(minutes=40), BEN.name, "joined"),)
    notes = [comment(30, "ben", "rotated"), comment(9000, "eva", "old"), comment(25, "ben", "closed", system=True)]
    mine = [
        Note("n1", NOW - timedelta(minutes=20), "note", "called legal", ONE, None, None),
        Note("n2", NOW - timedelta(minutes=19), "note", "of another page", TWO, None, None),
        Note("n3", NOW - timedelta(minutes=18), "risk", "the admin has no password", ONE, None, "acme/x#1"),
    ]
    known = facts(
        [replace(page, timeline=log, notes=wrote)],
        [an_issue(REF, ONE)],
        comments={REF: notes},
        journal=mine,
        people={"ben": BEN},
    )
    told = [(entry.kind, entry.who, entry.text) for entry in only(known).timeline]
    assert told == [
        ("trigger", "EDR", ""),
        ("acknowledge", ANA.name, ""),
        ("note", BEN.name, "joined"),
        ("note", BEN.name, "rotated"),
        ("note", ANA.name, "called legal"),
        ("note", ANA.name, "risk, filed as acme/x#1"),
        ("snooze", ANA.name, ""),
    ]


def test_an_incident_is_silent_after_an_hour_without_a_word_and_stale_after_four() -> None:
    for minutes, silent, stale in ((120, True, False), (300, True, True)):
        quiet = acked(ONE, minutes=minutes)
        found = only(facts([quiet], []))
        assert (found.silent, found.stale) == (silent, stale)
        told = only(facts([quiet], [an_issue(REF, ONE)], comments={REF: [comment(10, "ben", "still here")]}))
        assert (told.silent, told.stale) == (False, False)


# What people have to say


def test_judgement_is_empty_until_somebody_types_it() -> None:
    incident = only(facts([acked(ONE)], []))
    assert [getattr(incident, name) or None for name in JUDGEMENT] == [None] * len(JUDGEMENT)


def test_what_was_typed_fills_the_fields_and_the_last_word_wins() -> None:
    events = [
        Event(NOW, "handoff_field", REF, data={"state": "contained", "confidence": "high"}),
        Event(
            NOW - timedelta(minutes=1), "handoff_field", REF, data={"state": "spreading", "if_then": "If it, then Ben"}
        ),
        Event(NOW, "note", REF, data={"state": "no field"}),
    ]
    incident = only(facts([acked(ONE)], [an_issue(REF, ONE)], said=said(events)))
    assert (incident.state, incident.confidence, incident.tried) == ("contained", "high", None)
    assert incident.if_then == ("If it, then Ben",)


def test_an_emptied_field_is_empty_again() -> None:
    events = [
        Event(NOW - timedelta(minutes=1), "handoff_field", ONE, data={"state": "contained", "summary": "Ours"}),
        Event(NOW, "handoff_field", ONE, data={"state": "", "summary": ""}),
    ]
    incident = only(facts([acked(ONE)], [], said=said(events)))
    assert (incident.state or None, incident.summary) == (None, f"About {ONE}")


def test_words_about_a_page_stay_when_it_gets_an_issue_and_those_about_the_issue_come_first() -> None:
    told = {ONE: Said(state="of the page", tried="nothing"), REF: Said(state="of the issue")}
    incident = only(facts([acked(ONE)], [an_issue(REF, ONE)], said=told))
    assert (incident.state, incident.tried) == ("of the issue", "nothing")


def test_what_wants_attention_comes_first() -> None:
    pages = [acked("Q1CALM00001"), acked("Q1ACTIVE0002"), a_page("Q1UNACKED003"), acked("Q1LOWISH0004", urgency="low")]
    pages += [acked("Q1FIRST00009", priority="P1"), acked("Q1SECOND0008", priority="P2"), acked("Q1NONE000007")]
    told = {"Q1ACTIVE0002": Said(posture="active"), "Q1CALM00001": Said(posture="stable")}
    found = [incident.id for incident in incidents(facts(pages, [], said=told))]
    between = ["Q1FIRST00009", "Q1SECOND0008", "Q1NONE000007", "Q1LOWISH0004"]
    assert found == ["Q1UNACKED003", "Q1ACTIVE0002", *between, "Q1CALM00001"]


def test_its_pages_are_as_lists_have_them_with_owner_and_issue() -> None:
    issue = an_issue(REF, ONE, confidential=True)
    (page,) = only(facts([acked(ONE)], [issue])).pages
    assert type(page).__name__ == "Page"
    assert page.owner and page.owner_source == "log"
    assert page.issue and (page.issue.ref, page.issue.confidential) == (REF, True)


# Who has it by the issue's notes


def told(kind: str, minutes: int, author: str, line: str = "") -> IssueNote:
    return replace(comment(minutes, author, line), mark=Mark(kind, "-", "issue-101"))


def test_whoever_the_issues_notes_say_acts_and_the_owner_stays() -> None:
    people = {"ana": ANA, "ben": BEN}
    known = facts([acked(ONE)], [an_issue(REF, ONE)], people=people)
    assert only(known).acting == ANA
    read_back = [told("handoff", 40, "ana"), told("readback", 20, "ben")]
    incident = only(replace(known, comments={REF: read_back}))
    assert (incident.owner and incident.owner.id, incident.acting, incident.charge.waits) == (ANA.id, BEN, False)
    forged = [told("readback", 20, "mallory")]
    assert only(replace(known, comments={REF: forged})).acting == ANA


def test_who_is_engaged_by_a_note_stands_beside_the_others_and_who_left_does_not() -> None:
    people, zoe = {"ana": ANA, "ben": BEN}, Person("", "Zoe")
    known = facts([acked(ONE)], [an_issue(REF, ONE, assignees=("ben",))], people=people)
    handles = Handles(gitlab={"ana@example.com": "ana", "ben@example.com": "ben"})
    notes = [told("engage", 40, "ana", engages([BEN, zoe], handles)), told("release", 20, "ana", leaves(BEN, handles))]
    assert only(known).engaged == (ANA, BEN)
    assert only(replace(known, comments={REF: notes})).engaged == (ANA, zoe)
