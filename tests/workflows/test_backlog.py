"""The Backlog: what is offered, and a pick that takes nothing from anybody and is sent once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from secops_oncall.domain.issues import Board, Issue, IssueEdit
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.people import Person
from secops_oncall.errors import (
    AuthError,
    ConfigError,
    ExitCode,
    NotFoundError,
    OncallError,
    RejectedError,
    RemoteError,
    UsageError,
)
from secops_oncall.workflows.backlog import BoardName, Choose, board_name, list_backlog, pick
from secops_oncall.workflows.outcomes import Acted
from tests.fakes import ME, NOW, USER, FakeGitLab, FakeJournal, FakePagerDuty, a_page, an_issue

NAME = BoardName("acme", "On-call", "Backlog", "In Progress")
BOARD = Board(1, "On-call", "acme", "group", ("Backlog", "In Progress", "Blocked", "Review"))
REF, OTHER = "acme/engineering#1", "acme/engineering#2"
SILENT = RemoteError("GitLab: no answer within 10 s (time-out)", "try again")


def waiting(ref: str = REF, *more_labels: str, **more: Any) -> Issue:
    return an_issue(ref, **{"labels": ("Backlog", *more_labels), **more})


def lab(*issues: Issue, **more: Any) -> FakeGitLab:
    return FakeGitLab(issues, **{"boards": [BOARD], **more})


def nobody(issues: Sequence[Issue]) -> Sequence[Issue]:
    raise AssertionError("nothing was to be chosen")


def picked(
    gitlab: FakeGitLab,
    ref: str | None = REF,
    *,
    journal: FakeJournal | None = None,
    choose: Choose = nobody,
    name: BoardName = NAME,
    dry_run: bool = False,
) -> Acted:
    return pick(gitlab, journal or FakeJournal(), name, ref, choose, NOW, **({"dry_run": True} if dry_run else {}))


def result(acted: Acted) -> tuple[str, str]:
    (outcome,) = acted.outcomes
    return outcome.result.value, outcome.code


class Unanswered(FakeGitLab):
    """A GitLab whose answer to a pick is lost; `arrives` says whether the request wasn't."""

    arrives = True
    error: OncallError = SILENT

    def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
        if self.arrives:
            super().edit(issue, edit)
        raise self.error


class Answering(FakeGitLab):
    """A GitLab that answers a pick with an issue of its own."""

    def __init__(self, issue: Issue, answer: Issue) -> None:
        super().__init__([issue], boards=[BOARD])
        self.answer = answer

    def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
        return self.answer


def test_the_backlog_is_what_is_free_in_the_list_smallest_first() -> None:
    small, big, unknown = waiting(weight=1), waiting(OTHER, weight=5), waiting("acme/engineering#3")
    taken, elsewhere = waiting("acme/engineering#4", assignees=("ben",)), an_issue("acme/engineering#5", labels=("X",))
    closed, stranger = waiting("acme/engineering#6", state="closed"), waiting("other/engineering#7")
    found = list_backlog(lab(unknown, big, taken, elsewhere, closed, stranger, small), None, NAME)
    assert (found.issues, found.active_pages, found.problems) == ([small, big, unknown], 0, [])


def test_a_board_that_is_scoped_shows_only_what_lies_in_its_scope() -> None:
    mine, others = waiting(REF, "team::secops"), waiting(OTHER)
    gitlab = lab(mine, others, boards=[replace(BOARD, scope=("team::secops",))])
    assert list_backlog(gitlab, None, NAME).issues == [mine]


def test_pages_of_mine_that_nobody_acked_come_first() -> None:
    me, ben = (ME.person,), (Person("PBEN002", "Ben"),)
    pages = [a_page("Q1ONE00001", assigned_to=me), a_page("Q1TWO00002", "acknowledged", assigned_to=me)]
    pagerduty = FakePagerDuty([*pages, a_page("Q1OLD00003", assigned_to=ben)])
    assert list_backlog(lab(), pagerduty, NAME).active_pages == 1


def test_without_pagerduty_the_backlog_is_there_and_that_is_told() -> None:
    down = RemoteError("PagerDuty does not answer", "try again")
    pagerduty = FakePagerDuty()
    pagerduty.failing = {"pages": down}
    found = list_backlog(lab(waiting()), pagerduty, NAME)
    assert ([issue.ref for issue in found.issues], found.active_pages, found.problems) == ([REF], 0, [down])


def test_a_list_is_found_whatever_its_letters_case_and_else_the_error_names_those_there_are() -> None:
    odd = lab(an_issue(REF, labels=("backlog",)), boards=[replace(BOARD, lists=("backlog", "Blocked"))])
    assert [issue.ref for issue in list_backlog(odd, None, NAME).issues] == [REF]
    both = lab(waiting(), an_issue(OTHER, labels=("backlog",)), boards=[replace(BOARD, lists=("backlog", "Backlog"))])
    assert [issue.ref for issue in list_backlog(both, None, NAME).issues] == [REF]
    with pytest.raises(NotFoundError, match="no list 'Later'") as caught:
        list_backlog(lab(), None, replace(NAME, backlog="Later"))
    assert "Backlog, In Progress, Blocked, Review" in caught.value.hint
    with pytest.raises(NotFoundError) as caught:
        list_backlog(lab(boards=[replace(BOARD, lists=())]), None, NAME)
    assert "it has no label list" in caught.value.hint


@pytest.mark.parametrize("method", ["board", "issues"])
def test_without_gitlab_there_is_no_backlog(method: str) -> None:
    gitlab = lab(waiting())
    gitlab.failing = {method: SILENT}
    with pytest.raises(RemoteError):
        list_backlog(gitlab, FakePagerDuty(), NAME)


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


def test_a_pick_is_one_request_that_assigns_and_moves() -> None:
    gitlab, journal = lab(waiting(REF, "Blocked", "security")), FakeJournal()
    acted = picked(gitlab, journal=journal)
    assert (result(acted), acted.exit_code) == (("done", ""), ExitCode.OK)
    assert gitlab.writes == [("edit", REF, IssueEdit((11,), ("In Progress",), ("Backlog", "Blocked")))]
    assert (gitlab.kept[REF].assignees, set(gitlab.kept[REF].labels)) == (("ana",), {"security", "In Progress"})
    (outcome,) = acted.outcomes
    assert (outcome.ref, outcome.place, outcome.url) == (REF, "gitlab", gitlab.kept[REF].url)
    assert "following week" in outcome.message
    (event,) = journal.written
    assert (event.kind, event.subject, event.text, event.data) == ("pick", REF, f"About {REF}", {"result": Result.DONE})


def test_an_issue_that_stands_in_the_list_to_move_to_already_only_leaves_the_others() -> None:
    gitlab = lab(waiting(REF, "In Progress"))
    assert result(picked(gitlab)) == ("done", "")
    assert gitlab.writes == [("edit", REF, IssueEdit((11,), ("In Progress",), ("Backlog",)))]


def test_what_is_confidential_leaves_no_title_in_the_journal() -> None:
    journal = FakeJournal()
    picked(lab(waiting(confidential=True, title="Breach at a customer")), journal=journal)
    assert [event.text for event in journal.written] == [""]


@pytest.mark.parametrize(
    ("issue", "code"),
    [
        (waiting(state="closed"), "closed"),
        (waiting(assignees=("ben",)), "assigned"),
        (waiting(assignees=("ana", "ben")), "assigned"),
        (an_issue(REF, labels=("Blocked",)), "not_in_list"),
        (an_issue(REF, labels=("In Progress",)), "not_in_list"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_free_is_refused_and_nothing_is_sent(issue: Issue, code: str) -> None:
    gitlab, journal = lab(issue), FakeJournal()
    acted = picked(gitlab, journal=journal)
    assert (result(acted), acted.exit_code) == (("refused", code), ExitCode.PARTIAL)
    assert (gitlab.writes, journal.written) == ([], [])


def test_whose_it_is_is_said() -> None:
    assert "belongs to ben" in picked(lab(waiting(assignees=("ben",)))).outcomes[0].message


def test_what_lies_outside_the_boards_scope_is_not_in_its_list() -> None:
    gitlab = lab(waiting(), boards=[replace(BOARD, scope=("team::secops",))])
    assert (result(picked(gitlab)), gitlab.writes) == (("refused", "not_in_list"), [])


def test_what_is_mine_already_is_not_sent_again_and_what_was_given_to_me_is_picked() -> None:
    held = lab(an_issue(REF, labels=("In Progress",), assignees=("ana",)))
    assert (result(picked(held)), held.writes) == (("already", "mine"), [])
    given = lab(waiting(assignees=("ana",)))
    assert (result(picked(given)), len(given.writes)) == (("done", ""), 1)


def test_without_an_issue_one_is_chosen_from_what_is_free() -> None:
    others = [waiting("acme/engineering#3", assignees=("ben",)), an_issue("acme/engineering#4", labels=("Blocked",))]
    gitlab = lab(waiting(weight=3), waiting(OTHER, weight=1), *others)
    offered: list[str] = []

    def choose(issues: Sequence[Issue]) -> Sequence[Issue]:
        offered.extend(issue.ref for issue in issues)
        return issues[1:]

    assert result(picked(gitlab, None, choose=choose)) == ("done", "")
    assert (offered, gitlab.writes[0][1]) == ([OTHER, REF], REF)


def test_what_a_colleague_took_while_the_engineer_chose_is_left_to_them() -> None:
    gitlab = lab(waiting())

    def choose(issues: Sequence[Issue]) -> Sequence[Issue]:
        gitlab.kept[REF] = replace(gitlab.kept[REF], assignees=("ben",), labels=("In Progress",))
        return issues

    assert (result(picked(gitlab, None, choose=choose)), gitlab.writes) == (("refused", "assigned"), [])


def test_where_nobody_can_choose_nothing_is_sent() -> None:
    def refuse(issues: Sequence[Issue]) -> Sequence[Issue]:
        raise UsageError("2 issues to pick", "oncall backlog pick ISSUE")

    gitlab = lab(waiting(), waiting(OTHER))
    with pytest.raises(UsageError):
        picked(gitlab, None, choose=refuse)
    assert gitlab.writes == []


def test_a_label_that_does_not_exist_is_never_created() -> None:
    class Asked(FakeGitLab):
        def missing_labels(self, project: str, labels: Sequence[str]) -> list[str]:
            assert (project, labels) == ("acme/engineering", ["In Progress"])
            return super().missing_labels(project, labels)

    gitlab = Asked([waiting()], boards=[BOARD], labels={"Backlog", "Blocked"})
    with pytest.raises(NotFoundError, match="acme/engineering has no label 'In Progress'"):
        picked(gitlab)
    assert gitlab.writes == []


def test_a_bot_owns_nothing_to_completion() -> None:
    gitlab = lab(waiting(), me=replace(USER, bot=True, username="project_7_bot"))
    with pytest.raises(AuthError, match="project_7_bot"):
        picked(gitlab)
    assert gitlab.writes == []


def test_a_dry_run_sends_and_keeps_nothing_and_still_refuses() -> None:
    gitlab, journal = lab(waiting(), waiting(OTHER, assignees=("ben",))), FakeJournal()
    acted = picked(gitlab, dry_run=True, journal=journal)
    assert (result(acted)[0], acted.exit_code) == ("planned", ExitCode.OK)
    assert result(picked(gitlab, OTHER, dry_run=True, journal=journal)) == ("refused", "assigned")
    assert (gitlab.writes, journal.written) == ([], [])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"assignees": ("ben",), "labels": ("In Progress",)}, "belongs to ben"),
        ({"assignees": (), "labels": ("In Progress",)}, "belongs to nobody"),
        ({"assignees": ("ana",), "labels": ()}, "without the label In Progress"),
    ],
)
def test_the_answer_decides_whether_it_is_done(answer: dict[str, Any], words: str) -> None:
    journal = FakeJournal()
    acted = picked(Answering(waiting(), an_issue(REF, **answer)), journal=journal)
    assert (result(acted), acted.exit_code) == (("failed", "remote"), ExitCode.REMOTE)
    assert words in acted.outcomes[0].message
    assert [event.data["result"] for event in journal.written] == [Result.FAILED]


@pytest.mark.parametrize("error", [SILENT, RemoteError("GitLab: it answers 502", "try again", answered=502)])
def test_a_pick_that_was_never_answered_is_looked_up(error: RemoteError) -> None:
    gitlab, journal = Unanswered([waiting()], boards=[BOARD]), FakeJournal()
    gitlab.error = error
    acted = picked(gitlab, journal=journal)
    assert (result(acted), acted.exit_code) == (("done", ""), ExitCode.OK)
    assert len(gitlab.writes) == 1
    assert [event.data["result"] for event in journal.written] == [Result.DONE]


def test_a_pick_that_may_still_arrive_is_unknown_and_one_that_failed_has_failed() -> None:
    gitlab = Unanswered([waiting()], boards=[BOARD])
    gitlab.arrives = False
    acted = picked(gitlab)
    assert (result(acted), acted.exit_code) == (("unknown", "remote"), ExitCode.PARTIAL)
    gitlab.error = RemoteError("GitLab: it answers 500", "try again", answered=500)
    acted = picked(gitlab)
    assert (result(acted), acted.exit_code) == (("failed", "remote"), ExitCode.REMOTE)


def test_a_pick_that_can_be_neither_answered_nor_looked_up_is_unknown() -> None:
    class Gone(Unanswered):
        def issue(self, ref: str) -> Issue:
            if self.writes:
                raise RemoteError("GitLab can't be reached", "check the network")
            return super().issue(ref)

    journal = FakeJournal()
    acted = picked(Gone([waiting()], boards=[BOARD]), journal=journal)
    assert (result(acted), acted.exit_code) == (("unknown", "remote"), ExitCode.PARTIAL)
    assert "time-out" in acted.outcomes[0].message
    assert "can't be reached" in acted.outcomes[0].message
    assert [event.data["result"] for event in journal.written] == [Result.UNKNOWN]


@pytest.mark.parametrize(
    "error",
    [
        RejectedError("GitLab refused", "look", answered=400),
        RemoteError("GitLab: the connection was refused", "try again", answered=0),
        RemoteError("GitLab: too many requests (429)", "wait", answered=429),
        AuthError("the GitLab token lacks the scope `api`", "make one with it"),
    ],
    ids=["rejected", "never sent", "too many", "no scope"],
)
def test_a_pick_that_was_surely_not_carried_out_is_an_error(error: OncallError) -> None:
    gitlab, journal = Unanswered([waiting()], boards=[BOARD]), FakeJournal()
    gitlab.error, gitlab.arrives = error, False
    with pytest.raises(type(error)):
        picked(gitlab, journal=journal)
    assert journal.written == []


def test_a_journal_that_fails_never_hides_a_pick() -> None:
    full, journal = ConfigError("the journal can't be used: disk full", "make room"), FakeJournal()
    journal.failing = full
    acted = picked(lab(waiting()), journal=journal)
    assert (result(acted), acted.problems, acted.exit_code) == (("done", ""), [full], ExitCode.CONFIG)


@pytest.mark.parametrize("method", ["me", "board", "issue", "missing_labels"])
def test_what_cannot_be_looked_at_is_not_written(method: str) -> None:
    gitlab = lab(waiting())
    gitlab.failing = {method: SILENT}
    with pytest.raises(RemoteError):
        picked(gitlab)
    assert gitlab.writes == []
