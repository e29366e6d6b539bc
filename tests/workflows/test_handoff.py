"""Composing the hand-off: what is read, in how many waves, and what an outage leaves of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Board, IssueNote, IssueQuery, LinkedIssue
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.pages import Owner, PageDetail
from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.reminders import DRAFT
from secops_oncall.errors import AuthError, NotFoundError, RejectedError, RemoteError, UsageError
from secops_oncall.ports import GitLab, PagerDuty
from secops_oncall.workflows.backlog import BoardName
from secops_oncall.workflows.handoff import Composed, HandoffSettings, Wanted, compose, of_page
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal, FakePagerDuty, a_page, an_entry, an_issue
from tests.workflows.tide import Tide

ANA, BEN, CHEN = ME.person, Person("PBEN002", "Ben Okafor", "ben@example.com"), Person("PCHEN03", "Chen Wei")
START, END = NOW - timedelta(hours=5), NOW + timedelta(hours=7)
GITLAB = "https://gitlab.example.com"
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Security Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Security Responder", 2),
}
SETTINGS = HandoffSettings(
    ROLES,
    GITLAB,
    (IssueQuery("acme/operations", "project", ("incident",)),),
    BoardName("acme", "On-call", "Backlog", "In Progress"),
)
BOARD = Board(1, "On-call", "acme", "group", ("Backlog", "In Progress"))
TURNS = [
    OnCall(ANA, START, END, "Security Responder", 1),
    OnCall(CHEN, END, END + timedelta(hours=12), "Security Responder", 1),
]
ONE, TWO, OLD = "Q1ONE00001", "Q1TWO00002", "Q1OLD00003"
REF = "acme/operations#101"
DOWN = RemoteError("GitLab does not answer", "try again")


def acked(id: str, *, minutes: int = 60, by: Person = ANA, **more: Any) -> PageDetail:
    log = (an_entry("trigger", minutes), an_entry("acknowledge", minutes - 4, by))
    return a_page(id, "acknowledged", minutes=minutes, timeline=log, **more)


def resolved(id: str, *, minutes: int = 60, **more: Any) -> PageDetail:
    done = acked(id, minutes=minutes, **more)
    return replace(done, status="resolved", timeline=(*done.timeline, an_entry("resolve", minutes - 30, ANA)))


def pagerduty(*pages: PageDetail, turns: list[OnCall] = TURNS, **more: Any) -> FakePagerDuty:
    return FakePagerDuty(pages, turns=turns, **more)


def gitlab(*issues: Any, **more: Any) -> FakeGitLab:
    return FakeGitLab(issues, boards=[BOARD], **more)


def composed(
    responders: FakePagerDuty, lab: FakeGitLab | None = None, *events: Event, settings: HandoffSettings = SETTINGS
) -> Composed:
    return compose(responders, lab or gitlab(), FakeJournal(*events), settings, NOW)


def ids(found: Composed) -> dict[str, list[str]]:
    return {incident.id: [page.id for page in incident.pages] for incident in found.handoff.incidents}


def codes(found: Composed) -> list[str]:
    return [problem.code for problem in found.handoff.problems]


def test_it_joins_the_pages_of_the_shift_with_their_issues_notes_and_links() -> None:
    linked = LinkedIssue("acme/infra#7", "Rotate", f"{GITLAB}/acme/infra/-/issues/7", "opened", False, ())
    said = IssueNote(1, NOW - timedelta(minutes=9), "ben", "- [ ] rotate, @ana", internal=True, system=False)
    lab = gitlab(an_issue(REF, f"See {ONE}"), notes={REF: [said]}, links={REF: [linked]})
    found = composed(pagerduty(resolved(ONE), acked(TWO, assigned_to=(ANA,))), lab)
    assert ids(found) == {REF: [ONE], TWO: [TWO]}
    incident = next(incident for incident in found.handoff.incidents if incident.id == REF)
    assert (incident.related, incident.owner and incident.owner.name) == ((linked,), ANA.name)
    assert [(step.action, step.who) for step in incident.next_steps] == [("rotate", ANA.name)]
    assert [page.id for page in found.handoff.pages] == [ONE, TWO]
    assert (found.handoff.incoming, found.problems) == (CHEN, [])


def test_without_a_shift_there_is_nothing_to_hand_off() -> None:
    with pytest.raises(UsageError, match="no current shift") as caught:
        composed(pagerduty(turns=[TURNS[1]]))
    assert caught.value.hint == "name one: --shift -1"


def test_a_shift_that_ended_lately_is_still_handed_off_as_it_was_then() -> None:
    late = [
        replace(
            turn, start=turn.start and turn.start - timedelta(hours=9), end=turn.end and turn.end - timedelta(hours=9)
        )
        for turn in TURNS
    ]
    found = composed(pagerduty(resolved(ONE, minutes=200), resolved(TWO, minutes=60), turns=late))
    assert [page.id for page in found.handoff.pages] == [ONE]
    assert found.handoff.shift.end == END - timedelta(hours=9)


def test_pages_are_mine_and_my_teams() -> None:
    pages = [acked(ONE, assigned_to=(ANA,)), acked(TWO), acked(OLD, assigned_to=(BEN,))]
    found = composed(pagerduty(*pages, teams={ONE: "PTOTHER", OLD: "PTOTHER"}))
    assert set(ids(found)) == {ONE, TWO}


def test_without_teams_the_open_pages_are_mine() -> None:
    me = replace(ME, teams=())
    found = composed(pagerduty(acked(ONE, assigned_to=(ANA,)), acked(TWO, minutes=9000), me=me))
    assert set(ids(found)) == {ONE}


def test_an_issue_that_only_a_resolved_page_names_is_read_whole_wherever_it_lies() -> None:
    ref = "acme/elsewhere#5"
    said = IssueNote(1, NOW, "ben", "https://zoom.us/j/1", internal=False, system=False)
    lab = gitlab(an_issue(ref, "unlabelled", labels=()), notes={ref: [said]})
    found = composed(pagerduty(resolved(ONE, links=(f"{GITLAB}/{ref.replace('#', '/-/issues/')}",))), lab)
    assert ids(found) == {ref: [ONE]}
    assert found.handoff.incidents[0].zoom == "https://zoom.us/j/1"


def test_an_issue_is_found_however_a_page_spells_it() -> None:
    said = IssueNote(1, NOW, "ben", "https://zoom.us/j/1", internal=False, system=False)
    lab = gitlab(an_issue(REF, labels=()), notes={REF: [said]})
    found = composed(pagerduty(acked(ONE, links=(f"{GITLAB}/Acme/Operations/-/issues/101",))), lab)
    assert ids(found) == {REF: [ONE]}
    assert found.handoff.incidents[0].zoom == "https://zoom.us/j/1"


def test_a_page_of_a_former_shift_that_an_open_issue_names_tells_the_owner() -> None:
    responders = pagerduty(resolved(OLD, minutes=9000, by=BEN), teams={OLD: "PTOTHER"})
    found = composed(responders, gitlab(an_issue(REF, f"{OLD}", minutes=8990)))
    assert ids(found) == {REF: [OLD]}
    owner = found.handoff.incidents[0].owner
    assert owner and owner.id == BEN.id


def test_an_id_that_an_issue_only_seems_to_name_is_passed_over() -> None:
    found = composed(pagerduty(acked(ONE)), gitlab(an_issue(REF, f"{ONE} mentions Q1NOSUCHPAGE9")))
    assert (ids(found), found.problems) == ({REF: [ONE]}, [])
    assert "E2" not in codes(found)


def test_an_issue_that_a_page_names_and_i_may_not_see_is_told_and_is_no_outage() -> None:
    found = composed(pagerduty(acked(ONE, links=(f"{GITLAB}/acme/secret/-/issues/1",))))
    (told,) = [problem.message for problem in found.handoff.problems if problem.code == "E2"]
    assert "acme/secret#1 is not found" in told
    assert (found.problems, found.handoff.unread) == ([], frozenset())


def test_the_bridge_of_an_open_page_is_known_though_lists_leave_it_out() -> None:
    found = composed(pagerduty(acked(ONE, bridge="https://example.zoom.us/j/1")))
    assert found.handoff.incidents[0].zoom == "https://example.zoom.us/j/1"


def test_an_unacked_page_has_its_deadline_from_the_configured_delay() -> None:
    found = composed(pagerduty(a_page(ONE, minutes=4)), settings=replace(SETTINGS, ack_minutes=20))
    (page,) = found.handoff.incidents[0].pages
    assert page.ack_deadline == NOW + timedelta(minutes=16)


def test_one_that_says_no_time_has_it_from_its_policy_and_one_of_another_team_from_the_configured_delay() -> None:
    known: dict[str, Any] = {"policy_id": "PSECRSP", "assigned_at": NOW - timedelta(minutes=3), "assigned_to": (ANA,)}
    others = {**known, "assigned_to": (BEN,)}
    responders = pagerduty(a_page(ONE, minutes=4, **known), a_page(TWO, minutes=4, **others), teams={TWO: "PTOTHER"})
    responders.policies = {"PSECRSP": Levels((timedelta(minutes=22),), 1, (replace(TURNS[0], policy=None),))}
    found = composed(responders, gitlab(an_issue(REF, f"{ONE} and {TWO}")))
    deadlines = {page.id: page.ack_deadline for incident in found.handoff.incidents for page in incident.pages}
    assert deadlines == {ONE: NOW + timedelta(minutes=19), TWO: NOW + timedelta(minutes=11)}


def test_closed_issues_of_the_shift_are_listed_as_done() -> None:
    closed = an_issue(REF, OLD, state="closed", minutes=9000, updated_at=NOW - timedelta(minutes=3))
    assert composed(pagerduty(), gitlab(closed)).handoff.closed == (closed,)


def test_the_backlog_is_what_i_picked_and_what_falls_due_first_comes_first() -> None:
    mine = an_issue("acme/engineering#1", labels=("In Progress",), assignees=("ana",), minutes=50)
    soon = an_issue("acme/engineering#2", labels=("In Progress",), assignees=("ana",), due_date="2026-11-29")
    bens = an_issue("acme/engineering#3", labels=("In Progress",), assignees=("ben",))
    moved = an_issue("acme/engineering#4", labels=("edr",), assignees=("ana",))
    lab = gitlab(mine, soon, bens, moved)
    assert composed(pagerduty(), lab).handoff.backlog == (soon, mine)
    known = Event(NOW, "pick", moved.ref, data={"result": "done"})
    assert composed(pagerduty(), lab, known).handoff.backlog == (soon, moved, mine)
    assert composed(pagerduty(), lab, settings=replace(SETTINGS, board=None)).handoff.backlog == ()


def test_a_board_that_is_not_there_is_told_and_costs_nothing_else() -> None:
    found = composed(pagerduty(acked(ONE)), FakeGitLab([an_issue(REF, ONE)]))
    assert (ids(found), "E2" in codes(found), found.problems) == ({REF: [ONE]}, True, [])


def test_people_are_the_same_in_both_services() -> None:
    issue = an_issue(REF, ONE, assignees=("ana", "ben.o", "chen", "eva"))
    people = {"ben.o": "ben@example.com", "eva": "eva@example.com"}
    turns = [*TURNS, OnCall(BEN, START, END, schedule="Backup")]
    found = composed(pagerduty(acked(ONE), turns=turns), gitlab(issue), settings=replace(SETTINGS, people=people))
    eva = Person("", "eva", "eva@example.com")
    assert found.handoff.incidents[0].engaged == (ANA, BEN, Person("", "chen"), eva)


def test_notes_and_typed_fields_are_of_this_shift() -> None:
    events = [
        Event(START - timedelta(hours=1), "handoff_field", ONE, data={"state": "of yesterday", "tried": "nothing"}),
        Event(NOW, "handoff_field", ONE, data={"state": "contained"}),
        Event(NOW, "note", ONE, "called legal", {"kind": "note"}),
    ]
    found = composed(pagerduty(acked(ONE)), None, *events).handoff
    (incident,) = found.incidents
    assert (incident.state, incident.tried) == ("contained", None)
    assert [note.text for note in found.notes] == ["called legal"]
    assert "called legal" in [entry.text for entry in incident.timeline]


@pytest.mark.parametrize("error", [DOWN, AuthError("GitLab rejects the token", "export …")], ids=["down", "refused"])
def test_without_gitlab_the_pagerduty_half_is_there_and_says_what_is_missing(error: Any) -> None:
    lab = gitlab(an_issue(REF, ONE))
    lab.failing = dict.fromkeys(["me", "issues", "issue", "notes", "links", "board"], error)
    page = acked(ONE, links=(f"{GITLAB}/acme/operations/-/issues/101",))
    found = composed(pagerduty(page, resolved(TWO)), lab)
    assert ids(found) == {ONE: [ONE]}
    assert [each.id for each in found.handoff.pages] == [ONE, TWO]
    (lost,) = [problem for problem in found.handoff.problems if problem.code == "E2"]
    assert (lost.severity, lost.subject, lost.message, lost.fix) == ("error", "GitLab", error.message, error.hint)
    assert found.problems == [error]
    assert found.handoff.unread == frozenset({"GitLab"})


def test_a_gitlab_that_is_down_is_not_asked_again_in_later_waves() -> None:
    lab = gitlab(an_issue(REF, ONE))
    lab.failing = {"issues": DOWN}
    asked: list[str] = []
    lab.issue = lambda ref: asked.append(ref) or an_issue(ref)  # type: ignore[method-assign,func-returns-value]
    composed(pagerduty(acked(ONE, links=(f"{GITLAB}/acme/operations/-/issues/101",))), lab)
    assert asked == []


def test_without_a_token_for_gitlab_that_is_said_unless_nothing_lies_there() -> None:
    responders = pagerduty(acked(ONE))
    found = compose(responders, None, FakeJournal(), SETTINGS, NOW)
    assert [type(problem) for problem in found.problems] == [AuthError]
    nowhere = replace(SETTINGS, sources=(), board=None)
    assert compose(responders, None, FakeJournal(), nowhere, NOW).problems == []


@pytest.mark.parametrize("part", ["log", "alerts", "notes"])
def test_one_page_of_which_a_part_cannot_be_read_stays_in_the_hand_off(part: str) -> None:
    responders = pagerduty(acked(ONE))
    responders.failing = {part: RemoteError("PagerDuty: 500", "try again", answered=500)}
    found = composed(responders)
    assert ids(found) == {ONE: [ONE]}
    assert [problem.message for problem in found.problems] == ["PagerDuty: 500"]
    assert found.handoff.unread == frozenset({"PagerDuty"})


def test_without_its_log_a_page_has_the_owner_whom_its_acknowledgements_tell() -> None:
    page = acked(ONE, owner=Owner(BEN.id, BEN.name, NOW), owner_source="acknowledgement", acknowledged_by=(BEN, ANA))
    responders = pagerduty(page)
    responders.failing = {"log": RejectedError("PagerDuty refused: no", "look", answered=400)}
    (incident,) = composed(responders).handoff.incidents
    assert incident.owner and incident.owner.name == BEN.name
    assert [one.owner_source for one in incident.pages] == ["acknowledgement"]
    responders.failing = {}
    (incident,) = composed(responders).handoff.incidents
    assert incident.owner and incident.owner.name == ANA.name
    assert [one.owner_source for one in incident.pages] == ["log"]


def test_a_page_of_the_shift_that_is_gone_is_told() -> None:
    responders = pagerduty(resolved(ONE))
    responders.failing = {"page": NotFoundError(f"page {ONE} not found", "oncall pages")}
    found = composed(responders)
    assert f"page {ONE} not found" in [problem.message for problem in found.handoff.problems]


@pytest.mark.parametrize("method", ["me", "on_call", "pages"])
def test_without_pagerduty_there_is_no_hand_off(method: str) -> None:
    responders = pagerduty(acked(ONE))
    responders.failing = {method: RemoteError("PagerDuty does not answer", "try again")}
    with pytest.raises(RemoteError, match="PagerDuty does not answer"):
        composed(responders)


def test_a_snoozed_page_says_in_whose_shift_it_comes_back() -> None:
    back = END + timedelta(hours=2)
    found = composed(pagerduty(acked(ONE, snoozed_until=back), acked(TWO))).handoff
    assert [page.whose_shift for page in found.pages] == [CHEN.name, None]


def test_nothing_is_written() -> None:
    responders, lab, journal = pagerduty(acked(ONE)), gitlab(an_issue(REF, ONE)), FakeJournal()
    compose(responders, lab, journal, SETTINGS, NOW)
    assert (responders.writes, lab.writes, journal.written) == ([], [], [])


def test_it_takes_four_waves() -> None:
    """Also where a page that was resolved in the shift is the only one to name an issue outside the projects."""
    elsewhere = an_issue("acme/elsewhere#5", f"{OLD}", labels=())
    lab = gitlab(an_issue(REF, ONE), elsewhere, handover(BEFORE, 300, "ben"))
    link = f"{GITLAB}/acme/elsewhere/-/issues/5"
    silent = a_page(TWO, policy_id="PSECRSP", assigned_at=NOW)
    responders = pagerduty(acked(ONE), silent, resolved("Q1GONE0004", links=(link,)), resolved(OLD, minutes=9000))
    tide = Tide()
    with tide.running():
        found = compose(
            cast(PagerDuty, tide.wrap(responders)),
            cast(GitLab, tide.wrap(lab)),
            FakeJournal(),
            with_places(),
            NOW,
        )
    assert set(ids(found)) == {REF, TWO, elsewhere.ref}
    assert found.handoff.previous
    assert len(tide.waves) == 4


# Which hand-off, and to whom


def earlier(hours: int) -> list[OnCall]:
    """The turns, so many hours earlier."""
    by = timedelta(hours=hours)
    return [replace(turn, start=turn.start and turn.start - by, end=turn.end and turn.end - by) for turn in TURNS]


def test_a_past_shift_is_told_as_it_ended() -> None:
    """Ana had the shift of the night before: what has happened since is not hers to hand off."""
    night = [replace(turn, person=who) for turn, who in zip(earlier(24), (ANA, CHEN), strict=True)]
    then = resolved(ONE, minutes=24 * 60)
    since = acked(TWO, minutes=30, assigned_to=(ANA,))
    late = IssueNote(1, NOW - timedelta(hours=1), "ben", "- [ ] of today", internal=True, system=False)
    events = [
        Event(NOW - timedelta(hours=23), "handoff_field", ONE, data={"state": "contained then"}),
        Event(NOW, "handoff_field", ONE, data={"state": "of this shift"}),
        Event(NOW - timedelta(hours=23), "note", ONE, "called legal", {"kind": "note"}),
        Event(NOW, "note", ONE, "of today", {"kind": "note"}),
    ]
    lab = gitlab(
        an_issue(REF, ONE, minutes=23 * 60), an_issue("acme/operations#102", TWO, minutes=20), notes={REF: [late]}
    )
    responders = pagerduty(then, since, turns=[*night, *TURNS])
    found = compose(responders, lab, FakeJournal(*events), SETTINGS, NOW, Wanted("-1")).handoff
    assert (found.shift.end, found.incoming) == (END - timedelta(hours=24), CHEN)
    (incident,) = found.incidents
    assert (incident.id, incident.state) == (REF, "contained then")
    assert [(entry.kind, entry.text) for entry in incident.timeline][-1] == ("note", "called legal")
    assert ([page.id for page in found.pages], [note.text for note in found.notes]) == ([ONE], ["called legal"])
    now = compose(responders, lab, FakeJournal(*events), SETTINGS, NOW).handoff
    assert {each.id: each.state for each in now.incidents} == {REF: "of this shift", "acme/operations#102": None}


def test_a_shift_by_a_time_in_it_and_one_that_is_none() -> None:
    responders = pagerduty(turns=[*earlier(24), *TURNS])
    found = compose(responders, gitlab(), FakeJournal(), SETTINGS, NOW, Wanted("2026-11-22T12:00"))
    assert found.handoff.shift.start == START - timedelta(hours=24)
    with pytest.raises(NotFoundError, match="no 9 shifts"):
        compose(responders, gitlab(), FakeJournal(), SETTINGS, NOW, Wanted("-9"))
    with pytest.raises(UsageError, match="names no shift"):
        compose(responders, gitlab(), FakeJournal(), SETTINGS, NOW, Wanted("soon"))


def test_a_late_hand_off_keeps_what_was_typed_after_the_end_of_the_shift() -> None:
    typed = Event(NOW, "handoff_field", ONE, data={"state": "typed at home"})
    responders = pagerduty(acked(ONE, minutes=200), turns=earlier(9))
    found = composed(responders, gitlab(an_issue(REF, ONE, minutes=190)), typed).handoff
    assert [incident.state for incident in found.incidents] == ["typed at home"]


def test_whoever_is_named_takes_over() -> None:
    def handed(to: str) -> Composed:
        turns = [*TURNS, OnCall(BEN, None, None, schedule="Backup")]
        return compose(pagerduty(turns=turns), gitlab(), FakeJournal(), SETTINGS, NOW, Wanted(to=to))

    assert handed("ben").handoff.incoming == BEN
    assert handed("ben@example.com").handoff.incoming == BEN
    assert "E6" in codes(handed(ANA.id))
    with pytest.raises(NotFoundError, match="no user 'nobody'"):
        handed("nobody")
    with pytest.raises(UsageError, match="fits 2 people"):
        handed("en")


def test_an_engineer_who_goes_on_has_nobody_incoming() -> None:
    again = OnCall(ANA, END, END + timedelta(hours=12), "Security Responder", 1)
    found = composed(pagerduty(turns=[TURNS[0], again]))
    assert (found.handoff.incoming, "E6" in codes(found)) == (None, True)


# The hand-off before


PLACES = replace(SETTINGS.destinations, project="acme/handovers", channel="#secops")
BEFORE = "engineer/PBEN002/2026-11-22T21:00:00Z"


def with_places(**more: Any) -> HandoffSettings:
    return replace(SETTINGS, destinations=PLACES, people={"ben": "ben@example.com"}, **more)


def handover(shift: str, minutes: int, author: str, iid: int = 1) -> Any:
    mark = Mark("handover", shift, "shift")
    title = "On-Call Handover 2026-11-22 21:00/2026-11-23 09:00 UTC (Weekday 12 h)"
    return an_issue(f"acme/handovers#{iid}", ONE, title=title, author=author, mark=mark, minutes=minutes)


def test_the_previous_hand_over_is_known_by_a_believed_mark_and_so_is_who_accepted_it() -> None:
    bens, forged = handover(BEFORE, 300, "ben"), handover(BEFORE, 200, "mallory", 2)
    mine = handover("engineer/PANA001/2026-11-23T09:00:00Z", 5, "ana", 3)
    read_back = IssueNote(1, START, "ana", "read", internal=False, system=False, mark=Mark("readback", BEFORE, "shift"))
    lab = gitlab(bens, forged, mine, notes={bens.ref: [read_back]})
    found = composed(pagerduty(), lab, settings=with_places()).handoff
    assert found.previous and (found.previous.by, found.previous.url) == ("ben", bens.url)
    assert found.previous.accepted and found.previous.accepted.by == "ana"
    assert found.handover == mine
    assert found.incidents == (), "a hand-over issue is never open work"
    assert composed(pagerduty(), lab).handoff.previous is None, "no project is configured"


def test_the_automations_hand_over_counts_where_it_is_configured() -> None:
    lab = gitlab(handover(BEFORE, 300, "duty-bot"))
    assert composed(pagerduty(), lab, settings=with_places()).handoff.previous is None
    found = composed(pagerduty(), lab, settings=with_places(bot="duty-bot")).handoff
    assert found.previous and found.previous.by == "duty-bot"


def test_a_draft_of_an_automation_that_is_not_configured_here_is_warned_of() -> None:
    draft = replace(handover("engineer/PANA001/2026-11-23T09:00:00Z", 5, "duty-bot"), description=DRAFT)
    for bot, found, text in ((None, [draft.ref], DRAFT), ("Duty-Bot", [], DRAFT), (None, [], "a forged hand-over")):
        lab = gitlab(replace(draft, description=text))
        told = composed(pagerduty(), lab, settings=with_places(bot=bot)).handoff.problems
        assert [problem.subject for problem in told if problem.code == "W13"] == found
    assert composed(pagerduty(), gitlab(draft), settings=with_places(bot="duty-bot")).handoff.handover == draft


def test_without_a_hand_over_issue_the_last_hand_off_of_an_incident_tells() -> None:
    note = "**Owner (unchanged):** @ben (acked x)\n\n* **Issue Summary**: x\n  - State now: contained\n"
    said = IssueNote(1, START, "ben", note, internal=True, system=False, mark=Mark("handoff", BEFORE, "issue-101"))
    lab = gitlab(an_issue(REF, ONE), notes={REF: [said]})
    found = composed(pagerduty(acked(ONE)), lab, settings=with_places()).handoff
    assert found.previous and (found.previous.at, found.previous.by) == (START, "ben")
    assert [incident.suggested.state for incident in found.incidents] == ["contained"]
    assert [incident.slack for incident in found.incidents] == [("#secops",)]


def test_related_merge_requests_stand_beside_the_linked_issues() -> None:
    lab = gitlab(an_issue(REF, ONE))
    lab.merging = {REF: [LinkedIssue("acme/infra!3", "Rotate", f"{GITLAB}/x", "merged", False, ("eva",))]}
    (incident,) = composed(pagerduty(acked(ONE)), lab).handoff.incidents
    assert [(each.ref, each.state) for each in incident.related] == [("acme/infra!3", "merged")]


def test_pages_that_were_called_noise() -> None:
    events = [
        Event(NOW - timedelta(minutes=2), "handoff_field", ONE, data={"noise": True}),
        Event(NOW - timedelta(minutes=2), "handoff_field", TWO, data={"noise": True}),
        Event(NOW, "handoff_field", TWO, data={"noise": False}),
    ]
    found = composed(pagerduty(resolved(ONE), resolved(TWO)), None, *events).handoff
    assert ({page.id for page in found.pages if page.noise}, found.metrics.noise) == ({ONE}, 1)


def test_what_a_hand_off_tells_of_a_page() -> None:
    whole = composed(pagerduty(acked(ONE), acked(TWO, minutes=61))).handoff
    assert [incident.id for incident in of_page(whole, "4061").incidents] == [TWO]
    with pytest.raises(NotFoundError, match="page '4999' is no open work") as caught:
        of_page(whole, "4999")
    assert caught.value.hint == "oncall handoff"
    with pytest.raises(UsageError, match="is no page"):
        of_page(whole, "https://x.example/1")
