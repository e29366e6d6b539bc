"""The Backlog: what is offered, what comes first, and what is mine."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.people import Person
from secops_oncall.errors import ConfigError, NotFoundError, RemoteError
from secops_oncall.workflows.backlog import BoardName, board_name, list_backlog, mine
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal, FakePagerDuty, a_page, an_issue
from tests.workflows.desks import BOARD, DOING, NAME, OTHER, REF, SILENT, desk, held, lab, on_call, waiting

THIRD = "acme/engineering#3"


def offered(gitlab: FakeGitLab, name: BoardName = NAME) -> list[str]:
    return [issue.ref for issue in list_backlog(desk(gitlab, name=name), NOW).issues]


def test_the_backlog_is_what_is_free_in_the_list_smallest_first() -> None:
    small, big, unknown = waiting(weight=1), waiting(OTHER, weight=5), waiting(THIRD)
    taken, elsewhere = waiting("acme/engineering#4", assignees=("ben",)), an_issue("acme/engineering#5", labels=("X",))
    closed, stranger = waiting("acme/engineering#6", state="closed"), waiting("other/engineering#7")
    begun = waiting("acme/engineering#8", DOING)
    found = list_backlog(desk(lab(unknown, big, taken, elsewhere, closed, stranger, begun, small)), NOW)
    assert [issue.ref for issue in found.issues] == [REF, OTHER, THIRD]
    assert (found.pages, found.problems, found.left) == ([], [], None)


def test_the_server_is_asked_for_no_more_than_what_can_be_offered() -> None:
    queries: list[IssueQuery] = []

    class Asked(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            queries.append(query)
            return super().issues(query)

    list_backlog(desk(Asked([], boards=[BOARD])), NOW)
    free = IssueQuery("acme", "group", ("Backlog",), (DOING,), assignee="None", described=False)
    assert sorted(queries, key=lambda query: query.assignee or "") == [free, replace(free, assignee="ana")]


def test_what_somebody_gave_to_me_is_offered_among_the_rest_and_mine_at_once() -> None:
    gitlab = lab(waiting(weight=2), waiting(OTHER, assignees=("ana",), weight=1), waiting(THIRD, assignees=("ben",)))
    assert (offered(gitlab), owned(gitlab)) == ([OTHER, REF], [OTHER])


def test_what_stands_in_gitlab_s_own_open_list_may_be_any_issue_of_mine_and_is_no_work_of_the_backlog() -> None:
    gitlab, name = lab(an_issue(REF, labels=("edr",), assignees=("ana",))), replace(NAME, backlog="Open")
    assert (offered(gitlab, name), mine(gitlab, [], name)) == ([], [])


def test_gitlab_s_own_open_list_is_what_stands_in_no_other() -> None:
    gitlab = lab(an_issue(REF, labels=("edr",)), waiting(OTHER), an_issue(THIRD, labels=(DOING,)))
    assert offered(gitlab, replace(NAME, backlog="open")) == [REF]


def test_what_the_server_does_not_leave_out_is_subtracted_here() -> None:
    class Deaf(FakeGitLab):
        """An older server, which doesn't know `not[labels]`."""

        def issues(self, query: IssueQuery) -> list[Issue]:
            return super().issues(replace(query, without=()))

    gitlab = Deaf([an_issue(REF, labels=()), waiting(OTHER), an_issue(THIRD, labels=(DOING,))], boards=[BOARD])
    assert offered(gitlab, replace(NAME, backlog="Open")) == [REF]
    assert offered(gitlab) == [OTHER]


def test_a_board_that_is_scoped_shows_only_what_lies_in_its_scope() -> None:
    inside = waiting(REF, "team::secops", milestone="19.1", weight=2)
    outside = [waiting(OTHER), waiting(THIRD, "team::secops", weight=2), replace(inside, ref="acme/x#4", weight=1)]
    scoped = replace(BOARD, scope=("team::secops",), milestone="19.1", weight=2)
    assert offered(lab(inside, *outside, boards=[scoped])) == [REF]


def test_of_a_board_of_what_is_assigned_to_me_that_is_offered_and_nothing_of_anothers() -> None:
    issues = [waiting(assignees=("ana",)), waiting(OTHER), waiting(THIRD, assignees=("ben",))]
    assert offered(lab(*issues, boards=[replace(BOARD, assignee="ana")])) == [REF]
    assert offered(lab(*issues, boards=[replace(BOARD, assignee="ben")])) == []


def test_what_fits_is_counted_in_hours_of_my_shift() -> None:
    estimates = {REF: 3600, OTHER: 3 * 3600 + 1, THIRD: None}
    gitlab = lab(*(waiting(ref, time_estimate=each) for ref, each in estimates.items()))
    found = list_backlog(desk(gitlab, on_call(3)), NOW)
    assert {issue.ref: issue.fits for issue in found.issues} == {REF: True, OTHER: False, THIRD: None}
    assert (found.left, found.suggested and found.suggested.ref) == (timedelta(hours=3), REF)
    over = list_backlog(desk(gitlab, on_call(-1)), NOW)
    assert {issue.ref: issue.fits for issue in over.issues} == {REF: False, OTHER: False, THIRD: None}


def test_pages_of_mine_that_are_active_come_first_and_nothing_is_suggested() -> None:
    me, ben = (ME.person,), (Person("PBEN002", "Ben"),)
    pagerduty = FakePagerDuty(
        [
            a_page("Q1ACKED0001", "acknowledged", assigned_to=me),
            a_page("Q1UNACKED02", assigned_to=me),
            a_page("Q1JOINED003", "acknowledged", assigned_to=ben, acknowledged_by=(*me, *ben)),
            a_page("Q1RESTING04", "acknowledged", assigned_to=me, snoozed_until=NOW + timedelta(hours=1)),
            a_page("Q1BENS00005", assigned_to=ben),
            a_page("Q1RESOLVED6", "resolved", acknowledged_by=me),
        ]
    )
    found = list_backlog(desk(lab(waiting()), pagerduty), NOW)
    assert [page.id for page in found.pages] == ["Q1UNACKED02", "Q1ACKED0001", "Q1JOINED003"]
    assert (len(found.issues), found.suggested) == (1, None)


@pytest.mark.parametrize("method", ["pages", "on_call", "me"])
def test_without_pagerduty_the_backlog_is_there_and_that_is_told(method: str) -> None:
    down = RemoteError("PagerDuty does not answer", "try again")
    pagerduty = on_call(3)
    pagerduty.failing = {method: down}
    found = list_backlog(desk(lab(waiting(time_estimate=60)), pagerduty), NOW)
    assert ([issue.ref for issue in found.issues], found.pages, found.problems) == ([REF], [], [down])
    assert found.suggested is None  # whether a page of mine is active isn't known


def test_a_list_that_is_not_there_is_said_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="the board 'On-call' of acme has no list 'Later'") as caught:
        offered(lab(), replace(NAME, backlog="Later"))
    assert "Backlog, In Progress, Blocked, Review, Open" in caught.value.hint
    with pytest.raises(NotFoundError) as caught:
        offered(lab(boards=[replace(BOARD, lists=())]))
    assert caught.value.hint.startswith("set backlog.list to one of: Open")


@pytest.mark.parametrize("method", ["board", "issues", "me"])
def test_without_gitlab_there_is_no_backlog(method: str) -> None:
    gitlab = lab(waiting())
    gitlab.failing = {method: SILENT}
    with pytest.raises(RemoteError):
        list_backlog(desk(gitlab, FakePagerDuty()), NOW)


@pytest.mark.parametrize(
    ("text", "place", "board"),
    [("acme/tools:On-call", "acme/tools", "On-call"), ("acme : Boards: all", "acme", "Boards: all")],
)
def test_a_board_is_named_by_place_and_name(text: str, place: str, board: str) -> None:
    assert board_name(text, "Backlog", "Doing") == BoardName(place, board, "Backlog", "Doing")


@pytest.mark.parametrize("text", [None, "", "acme", "acme:", ":On-call", " :On-call", "acme: "])
def test_a_board_that_is_not_named_is_a_matter_of_configuration(text: str | None) -> None:
    with pytest.raises(ConfigError, match=f"is '{text.strip()}'" if text else r"backlog\.board is not set"):
        board_name(text, "Backlog", "Doing")


def test_a_pick_moves_from_one_list_to_another() -> None:
    with pytest.raises(ConfigError, match="both 'doing'"):
        board_name("acme:On-call", "Doing", "doing")


def owned(gitlab: FakeGitLab, *events: Event) -> list[str]:
    return [issue.ref for issue in mine(gitlab, events, NAME)]


def picked(ref: str, result: str = "done", minutes: int = 0, kind: str = "pick") -> Event:
    return Event(NOW + timedelta(minutes=minutes), kind, ref, data={"result": result})


def test_mine_is_what_is_assigned_to_me_and_begun_what_falls_due_first_first() -> None:
    late, soon = held(due_date="2026-12-06"), held(OTHER, due_date="2026-11-29")
    reviewed = an_issue(THIRD, labels=("Review",), assignees=("ben", "ana"))
    others = [
        held("acme/engineering#4", assignees=("ben",)),
        held("acme/engineering#5", state="closed"),
        held("other/engineering#6"),
        an_issue("acme/engineering#8", assignees=("ana",)),
    ]
    assert owned(lab(reviewed, late, soon, *others)) == [OTHER, REF, THIRD]


def test_mine_lies_in_the_boards_scope_unless_the_journal_knows_that_i_picked_it() -> None:
    gitlab = lab(held(), held(OTHER, "team"), boards=[replace(BOARD, scope=("team",))])
    assert owned(gitlab) == [OTHER]
    assert owned(gitlab, picked(REF)) == [REF, OTHER]


def test_what_i_picked_is_mine_wherever_it_was_moved_as_long_as_it_is_assigned_to_me() -> None:
    moved, gone = an_issue(REF, labels=(), assignees=("ana",)), an_issue(OTHER, labels=(), assignees=("ben",))
    gitlab = lab(moved, gone)
    assert owned(gitlab, picked(REF), picked(OTHER)) == [REF]
    assert owned(gitlab, picked(REF, "unknown")) == [REF]
    assert owned(gitlab, picked(REF), picked(REF, "done", 5, "drop")) == []
    assert owned(gitlab, picked(REF, "refused")) == []


def test_mine_needs_no_pagerduty_and_no_list_to_pick_from() -> None:
    assert [issue.ref for issue in mine(lab(held()), FakeJournal().events(), replace(NAME, backlog="Later"))] == [REF]
