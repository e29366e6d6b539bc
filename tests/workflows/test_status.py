"""The shift on one screen: what is mine, what a half of the world being down leaves of it, in one wave."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from secops_oncall.domain.answered import COMMAND, answered
from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.events import Event, shifts
from secops_oncall.domain.issues import Board, Issue, IssueQuery
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Owner, Page, PageDetail, PageQuery, PendingAction
from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.posting import Spot, end
from secops_oncall.domain.reviews import verdict
from secops_oncall.domain.status import ReviewCount, Stale, Status
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RemoteError
from secops_oncall.workflows.backlog import BoardName
from secops_oncall.workflows.focus import focus_on, focused
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.status import Seen, status
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal, FakePagerDuty, a_page, an_issue

ANA, BEN, CHEN = ME.person, Person("PBEN002", "Ben Okafor"), Person("PCHEN03", "Chen Wei")
START, END = NOW - timedelta(hours=5), NOW + timedelta(hours=7)
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Security Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Security Responder", 2),
}
OPERATIONS, GONE = (IssueQuery(f"acme/{name}", "project", ("incident",)) for name in ("operations", "gone"))
SETTINGS = HandoffSettings(ROLES, "https://gitlab.example.com", (OPERATIONS,))
WITH_BOARD = replace(SETTINGS, board=BoardName("acme", "On-call", "Backlog", "In Progress"))
BOARD = Board(1, "On-call", "acme", "group", ("Backlog", "In Progress"))
TURNS = [
    OnCall(ANA, START, END, "Security Responder", 1),
    OnCall(CHEN, END, END + timedelta(hours=12), "Security Responder", 1),
]
ONE, TWO, THREE = "Q1ONE00001", "Q1TWO00002", "Q1THREE003"
REF = "acme/operations#101"
DOWN = RemoteError("GitLab does not answer", "try again")


def seen(
    pagerduty: FakePagerDuty,
    gitlab: FakeGitLab | None = None,
    *events: Event,
    settings: HandoffSettings = SETTINGS,
    now: datetime = NOW,
) -> Seen:
    return status(pagerduty, gitlab, FakeJournal(*events), settings, now)


def told(*pages: PageDetail, lab: FakeGitLab | None = None, events: Iterable[Event] = (), **more: Any) -> Status:
    return seen(responders(*pages), lab or FakeGitLab(boards=[BOARD]), *events, **more).status


def responders(*pages: PageDetail, turns: Sequence[OnCall] = TURNS, **more: Any) -> FakePagerDuty:
    return FakePagerDuty(pages, turns=turns, **more)


def acked(id: str, by: Person = ANA, **more: Any) -> PageDetail:
    owner = Owner(by.id, by.name, NOW)
    return a_page(id, "acknowledged", acknowledged_by=(by,), assigned_to=(by,), owner=owner, **more)


def ack(page: str, result: str = "done", code: str = "") -> Event:
    return Event(NOW, "ack", page, data={"result": result, "code": code})


def test_what_i_have_read_back_is_my_work_though_it_is_anothers() -> None:
    issue, other = an_issue(REF, f"Filed for {ONE}"), an_issue("acme/operations#102", f"Filed for {TWO}")
    read_back = answered("engineer/PBEN002/x", [Outcome(str(issue.id), Result.DONE, ref=REF, place="gitlab-note")], NOW)
    found = told(acked(ONE, BEN), acked(TWO, BEN), lab=FakeGitLab([issue, other]), events=[read_back])
    assert [(one.id, one.owner and one.owner.name, one.acting) for one in found.incidents] == [(REF, BEN.name, ANA)]


def test_what_a_read_back_lacks_is_queued() -> None:
    lacks = answered("engineer/PBEN002/x", [Outcome("101", Result.UNKNOWN, ref=REF, place="gitlab-note")], NOW)
    assert [(one.ref, one.hint) for one in told(events=[lacks]).queued] == [(REF, COMMAND)]
    assert told(events=[replace(lacks, at=NOW - timedelta(days=4))]).queued == ()


def work(found: Status) -> list[str]:
    return [incident.id for incident in found.incidents]


def test_the_journal_knows_the_shift_afterwards() -> None:
    journal = FakeJournal()
    for _ in range(2):
        status(responders(), None, journal, SETTINGS, NOW)
    assert [(one.role, one.start, one.end) for one in shifts(journal.written)] == [("engineer", START, END)]
    assert len(journal.written) == 1


def test_the_page_in_focus_is_in_it_no_longer_once_it_is_resolved_and_no_open_issue_names_it() -> None:
    before = [focus_on(a_page(ONE), NOW), Event(NOW, "resolve", ONE, data={"result": "done"})]
    issue = an_issue(REF, f"https://acme.pagerduty.com/incidents/{ONE}")
    for lab, problem, kept in (
        (FakeGitLab([issue]), None, True),
        (FakeGitLab(), DOWN, True),
        (None, None, True),
        (FakeGitLab(), None, False),
    ):
        journal = FakeJournal(*before)
        if lab and problem:
            lab.failing["issues"] = problem
        status(responders(), lab, journal, SETTINGS, NOW)
        assert (focused(journal, NOW) is not None) is kept


def test_who_i_am_and_until_when() -> None:
    found = told()
    assert (found.me.id, found.me.name, found.me.role) == (ME.id, ME.name, "engineer")
    assert found.shift and (found.shift.start, found.shift.end) == (START, END)
    assert [(coming.kind, coming.whose_shift) for coming in found.coming_up] == [("shift_ends", CHEN.name)]


def test_without_a_shift_i_am_nobody_and_still_see_my_pages() -> None:
    found = seen(responders(acked(ONE), turns=[]), FakeGitLab()).status
    assert (found.me.role, found.shift, found.coming_up) == ("none", None, ())
    assert [page.id for page in found.pages] == [ONE]


def test_a_shift_that_is_just_over_is_shown_and_is_no_role_any_more() -> None:
    found = told(now=END + timedelta(hours=1))
    assert found.shift and found.shift.end == END
    assert found.me.role == "none"
    assert found.coming_up == (), "that it ends is nothing that comes"


def test_a_snoozed_page_says_in_whose_shift_it_comes_back_for_a_week_ahead() -> None:
    far = NOW + timedelta(days=6)
    turns = [*TURNS, OnCall(BEN, far - timedelta(hours=1), None, "Security Responder", 1)]
    pages = [acked(ONE, snoozed_until=END), acked(TWO, snoozed_until=far), acked(THREE, snoozed_until=far), acked("Q1")]
    found = seen(responders(*pages, turns=turns), FakeGitLab()).status
    assert {page.id: page.whose_shift for page in found.pages} == {
        ONE: CHEN.name,
        TWO: BEN.name,
        THREE: BEN.name,
        "Q1": None,
    }
    snoozes = [coming.whose_shift for coming in found.coming_up if coming.kind == "snooze_ends"]
    assert snoozes == [CHEN.name, BEN.name, BEN.name]
    gap = seen(responders(acked(ONE, snoozed_until=far)), FakeGitLab()).status
    assert [page.whose_shift for page in gap.pages] == ["nobody"]


def test_pages_are_mine_and_my_teams_the_most_urgent_first_with_deadline_and_issue() -> None:
    pages = [
        acked(ONE, minutes=50),
        a_page(TWO, minutes=4, assigned_to=(ANA,)),
        a_page(THREE, minutes=2),
        a_page("Q1GONE0004", "resolved"),
    ]
    lab = FakeGitLab([an_issue(REF, f"{ONE} and {TWO}")])
    found = seen(responders(*pages, teams={TWO: "PTOTHER"}), lab, settings=replace(SETTINGS, ack_minutes=20)).status
    assert [page.id for page in found.pages] == [THREE, TWO, ONE]
    assert [page.ack_deadline for page in found.pages] == [
        NOW + timedelta(minutes=18),
        NOW + timedelta(minutes=16),
        None,
    ]
    assert [page.issue and page.issue.ref for page in found.pages] == [None, REF, REF]
    assert [page.id for page in told(a_page(ONE)).pages] == [ONE]
    alone = responders(a_page(ONE), a_page(TWO, assigned_to=(ANA,)), me=replace(ME, teams=()))
    assert [page.id for page in seen(alone, FakeGitLab()).status.pages] == [TWO]


def test_a_page_that_does_not_say_when_it_escalates_is_timed_by_its_policy() -> None:
    known: dict[str, Any] = {"policy_id": "PSECRSP", "assigned_at": NOW - timedelta(minutes=2), "assigned_to": (ANA,)}
    pagerduty = responders(a_page(ONE, minutes=4, **known))
    pagerduty.policies = {"PSECRSP": Levels((timedelta(minutes=22),), 1, tuple(TURNS))}
    (page,) = seen(pagerduty).status.pages
    assert page.ack_deadline == NOW + timedelta(minutes=20)


def test_open_work_is_what_i_own_by_its_page_or_what_is_assigned_to_me() -> None:
    lab = FakeGitLab(
        [
            an_issue(REF, ONE),
            an_issue("acme/operations#102", TWO),
            an_issue("acme/operations#103", "Q1LONGAGO01", assignees=("ana",)),
            an_issue("acme/operations#104", "no page", assignees=("ana",)),
        ]
    )
    found = told(acked(ONE), acked(TWO, BEN), acked(THREE), lab=lab)
    assert sorted(work(found)) == [THREE, REF, "acme/operations#103"]


def test_work_whose_page_is_resolved_is_mine_by_the_journal_whichever_of_its_pages_i_acked() -> None:
    """Lists tell no owner of a resolved page; of a storm I may have acked any page that the issue names."""
    lab = FakeGitLab([an_issue(REF, f"{TWO} {THREE}"), an_issue("acme/operations#102", "Q1BENS0004")])
    assert work(told(lab=lab, events=[ack(TWO)])) == [REF]
    assert work(told(lab=lab, events=[ack(THREE)])) == [REF]
    assert work(told(lab=lab, events=[ack(THREE, "failed"), ack(TWO, "unknown")])) == []
    assert work(told(lab=lab)) == []


def test_to_join_a_page_is_not_to_own_its_work() -> None:
    lab = FakeGitLab([an_issue(REF, ONE)])
    assert work(told(acked(ONE, BEN), lab=lab, events=[ack(ONE, code="joined")])) == []
    assert work(told(lab=lab, events=[ack(ONE, code="joined")])) == []


def test_the_backlog_is_what_i_picked() -> None:
    mine = an_issue("acme/engineering#1", labels=("In Progress",), assignees=("ana",), minutes=50)
    soon = an_issue("acme/engineering#2", labels=("In Progress",), assignees=("ana",), due_date="2026-11-29")
    bens = an_issue("acme/engineering#3", labels=("In Progress",), assignees=("ben",))
    moved = an_issue("acme/engineering#4", labels=("edr",), assignees=("ana",))
    lab = FakeGitLab([mine, soon, bens, moved], boards=[BOARD])
    assert told(lab=lab, settings=WITH_BOARD).backlog == (soon, mine)
    known = [Event(NOW, "pick", moved.ref, data={"result": "done"})]
    assert told(lab=lab, settings=WITH_BOARD, events=known).backlog == (soon, moved, mine)
    assert told(lab=lab).backlog == ()


def test_reviews_are_those_of_this_shift() -> None:
    at = (START - timedelta(hours=1), START, NOW, END + timedelta(minutes=1))
    events = [*(Event(moment, "review") for moment in at), Event(NOW, "note", text="no review")]
    assert told(events=events, now=END + timedelta(hours=1)).reviews == ReviewCount(2, 2, (START, NOW))
    soon = Event(START + timedelta(minutes=59), "review")
    assert told(events=[*events, soon]).reviews.at == (START, NOW), "one within the hour does not count"
    needs = [verdict(an_issue("g/p#1"), "human", NOW), verdict(an_issue("g/p#2"), "human", START - timedelta(hours=1))]
    assert told(events=needs).reviews == ReviewCount(0, 2, human=("g/p#1",))
    due = replace(SETTINGS, reviews_due=3)
    assert told(settings=due).reviews == ReviewCount(0, 3)
    assert seen(responders(turns=[]), FakeGitLab(), *events).status.reviews.done == 0


def test_what_pagerduty_will_do_by_itself_is_coming_up_in_whose_shift() -> None:
    later = PendingAction("unacknowledge", END + timedelta(hours=1))
    page = acked(ONE, pending=(later,))
    coming = [(each.kind, each.page, each.whose_shift) for each in told(page).coming_up]
    assert coming == [("shift_ends", None, CHEN.name), ("unacks", ONE, CHEN.name)]


@pytest.mark.parametrize("error", [DOWN, AuthError("GitLab rejects the token", "export …")], ids=["down", "refused"])
def test_without_gitlab_its_part_is_missing_and_that_is_told_once(error: OncallError) -> None:
    lab = FakeGitLab([an_issue(REF, ONE)], boards=[BOARD])
    lab.failing = dict.fromkeys(["me", "issues", "board"], error)
    found = seen(responders(acked(ONE)), lab, ack(ONE), settings=WITH_BOARD)
    assert found.problems == [error]
    assert found.status.stale == (Stale("GitLab", None),)
    assert [page.id for page in found.status.pages] == [ONE]
    assert (work(found.status), found.status.backlog) == ([ONE], ())


def test_a_board_or_place_that_is_not_there_costs_nothing_else() -> None:
    class Lab(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            if query == GONE:
                raise NotFoundError("acme/gone: not found or no access", "check its name")
            return super().issues(query)

    mine = an_issue("acme/engineering#1", labels=("In Progress",), assignees=("ana",))
    lab = Lab([an_issue(REF, ONE), mine], boards=[BOARD])
    found = seen(responders(acked(ONE)), lab, settings=replace(WITH_BOARD, sources=(GONE, OPERATIONS)))
    assert (work(found.status), found.status.backlog) == ([REF], (mine,))
    assert ["acme/gone" in problem.message for problem in found.problems] == [True]
    assert found.status.stale == ()
    lab.boards = []
    found = seen(responders(acked(ONE)), lab, settings=WITH_BOARD)
    assert (work(found.status), found.status.backlog, len(found.problems)) == ([REF], (), 1)


def test_where_no_gitlab_is_used_nothing_is_missing() -> None:
    found = seen(responders(acked(ONE)), None)
    assert (work(found.status), found.problems, found.status.stale) == ([ONE], [], ())


@pytest.mark.parametrize("method", ["me", "pages", "on_call"])
def test_without_pagerduty_there_is_no_status(method: str) -> None:
    pagerduty = responders(acked(ONE))
    pagerduty.failing = {method: RemoteError("PagerDuty does not answer", "try again")}
    with pytest.raises(RemoteError, match="PagerDuty"):
        seen(pagerduty, FakeGitLab())


def test_no_service_is_written_to() -> None:
    pagerduty, lab = responders(acked(ONE)), FakeGitLab([an_issue(REF, ONE)], boards=[BOARD])
    seen(pagerduty, lab, settings=WITH_BOARD)
    assert (pagerduty.writes, lab.writes) == ([], [])


def test_it_takes_one_wave() -> None:
    """Both lists of pages, the rota, the issues and my Backlog wait for each other here."""
    together = Barrier(5)

    class Responders(FakePagerDuty):
        def pages(self, query: PageQuery) -> list[Page]:
            together.wait(5)
            return super().pages(query)

        def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
            together.wait(5)
            return super().on_call(roles, since, until)

    class Lab(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            together.wait(5)
            return super().issues(query)

    found = seen(Responders([acked(ONE)], turns=TURNS), Lab([an_issue(REF, ONE)], boards=[BOARD]), settings=WITH_BOARD)
    assert (work(found.status), found.problems) == ([REF], [])


def test_posts_that_still_have_to_go_out_are_told_for_three_days() -> None:
    waits = Outcome("#secops", Result.QUEUED, place="slack")
    for days, places in ((2, ["slack"]), (4, [])):
        event = end("run", "s", {Spot("slack", "x"): waits}, NOW - timedelta(days=days), over=True)
        assert [one.place for one in told(events=[event]).queued] == places
