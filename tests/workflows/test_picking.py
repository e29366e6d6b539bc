"""Picking an issue: what is refused, the one request, and what the journal remembers of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, IssueNote, LabelEvent
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.people import OnCall
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
from secops_oncall.ports import PagerDuty
from secops_oncall.workflows.backlog import Backlog, BoardName
from secops_oncall.workflows.picking import Choose, Picked, Wish, pick
from tests.fakes import COLLEAGUES, ME, NOW, USER, FakeGitLab, FakeJournal, FakePagerDuty, a_page, an_issue
from tests.workflows.desks import (
    BOARD,
    DOING,
    NAME,
    OTHER,
    REF,
    SILENT,
    Unanswered,
    desk,
    held,
    lab,
    on_call,
    result,
    waiting,
)

LISTS = ("Backlog", "Blocked", "Review")
DUE = "2026-12-06"
BEN = COLLEAGUES[0]


def nobody(found: Backlog) -> Issue:
    raise AssertionError("nothing was to be chosen")


def picked(
    gitlab: FakeGitLab,
    ref: str | None = REF,
    *,
    pagerduty: PagerDuty | None = None,
    journal: FakeJournal | None = None,
    choose: Choose = nobody,
    name: BoardName = NAME,
    following: bool = False,
    dry_run: bool = False,
) -> Picked:
    return pick(desk(gitlab, pagerduty, journal, name), Wish(ref, following, dry_run), choose, NOW)


def test_a_pick_is_one_request_that_assigns_moves_and_dates() -> None:
    gitlab, journal = lab(waiting(REF, "Blocked", "security")), FakeJournal()
    acted = picked(gitlab, journal=journal)
    assert (result(acted), acted.exit_code, acted.warnings) == (("done", ""), ExitCode.OK, [])
    assert gitlab.writes == [("edit", REF, IssueEdit((11,), (DOING,), LISTS, DUE))]
    after = gitlab.kept[REF]
    assert (after.assignees, set(after.labels), after.due_date) == (("ana",), {"security", DOING}, DUE)
    (outcome,) = acted.outcomes
    assert (outcome.ref, outcome.place, outcome.url) == (REF, "gitlab", after.url)
    assert outcome.message == f"yours to completion, due {DUE}"


def test_what_is_begun_is_in_the_journal_before_it_and_how_it_ended_behind_it() -> None:
    journal = FakeJournal()

    class Looking(FakeGitLab):
        def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
            assert [event.data for event in journal.written] == [{"result": "sent", "due": DUE}]
            return super().edit(issue, edit)

    picked(Looking([waiting()], boards=[BOARD]), journal=journal)
    assert {(event.kind, event.subject, event.text) for event in journal.written} == {("pick", REF, f"About {REF}")}
    assert journal.written[-1].data == {"result": Result.DONE, "due": DUE}


def test_a_due_date_that_it_has_stays() -> None:
    gitlab, journal = lab(waiting(due_date="2027-01-31")), FakeJournal()
    acted = picked(gitlab, journal=journal)
    assert (gitlab.writes[0][2].due_date, gitlab.kept[REF].due_date) == (None, "2027-01-31")
    assert acted.outcomes[0].message == "yours to completion, due 2027-01-31"
    assert all("due" not in event.data for event in journal.written)


def test_it_falls_due_by_the_end_of_my_shift_on_my_own_calendar() -> None:
    sunday = timedelta(days=6, hours=9)  # Sunday 23:00 UTC, when it is Monday in Singapore
    turns = [OnCall(ME.person, NOW, NOW + sunday, "Responder", 1)]
    at_home, abroad = (FakePagerDuty(turns=turns, me=replace(ME, time_zone=zone)) for zone in ("UTC", "Asia/Singapore"))
    for pagerduty, day in ((at_home, "2026-12-06"), (abroad, "2026-12-13")):
        gitlab = lab(waiting())
        picked(gitlab, pagerduty=pagerduty)
        assert gitlab.kept[REF].due_date == day


def test_without_pagerduty_it_counts_from_today_and_that_is_said() -> None:
    pagerduty, gitlab = on_call(3), lab(waiting())
    pagerduty.failing = {"on_call": RemoteError("PagerDuty does not answer", "try again")}
    acted = picked(gitlab, pagerduty=pagerduty)
    assert (result(acted), acted.exit_code, gitlab.kept[REF].due_date) == (("done", ""), ExitCode.OK, DUE)
    (warning,) = acted.warnings
    assert "counts from today: PagerDuty does not answer" in warning
    assert picked(lab(waiting(due_date="2027-01-31")), pagerduty=pagerduty).warnings == []


def test_from_gitlab_s_own_open_list_it_is_only_labelled() -> None:
    gitlab = lab(an_issue(REF, labels=("edr",)))
    assert result(picked(gitlab, name=replace(NAME, backlog="Open"))) == ("done", "")
    assert set(gitlab.kept[REF].labels) == {"edr", DOING}
    assert result(picked(lab(waiting()), name=replace(NAME, backlog="Open"))) == ("refused", "not_in_list")


def test_what_is_confidential_leaves_no_title_in_the_journal() -> None:
    journal = FakeJournal()
    picked(lab(waiting(confidential=True, title="Breach at a customer")), journal=journal)
    assert [event.text for event in journal.written] == ["", ""]


@pytest.mark.parametrize(
    ("issue", "code", "words"),
    [
        (waiting(state="closed"), "closed", "it is closed"),
        (waiting(assignees=("ben",)), "assigned", "it belongs to ben"),
        (waiting(assignees=("ana", "ben")), "assigned", "it belongs to ana, ben"),
        (an_issue(REF, labels=("Blocked",)), "not_in_list", "not in the list Backlog of the board On-call"),
        (waiting(REF, DOING), "in_progress", "it is in In Progress already, and nobody's"),
        (an_issue(REF, labels=(DOING,)), "in_progress", "nobody's"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_free_is_refused_with_the_reason_and_nothing_is_sent(issue: Issue, code: str, words: str) -> None:
    gitlab, journal = lab(issue), FakeJournal()
    acted = picked(gitlab, journal=journal)
    assert (result(acted), acted.exit_code) == (("refused", code), ExitCode.PARTIAL)
    assert words in acted.outcomes[0].message
    assert (gitlab.writes, journal.written) == ([], [])


def test_what_lies_outside_the_boards_scope_is_not_in_its_list() -> None:
    gitlab = lab(waiting(), boards=[replace(BOARD, scope=("team::secops",))])
    assert (result(picked(gitlab)), gitlab.writes) == (("refused", "not_in_list"), [])


def test_what_is_mine_already_is_not_sent_again_and_what_was_given_to_me_is_picked() -> None:
    shared = lab(held(assignees=("ben", "ana")))
    assert (result(picked(shared)), shared.writes) == (("already", "mine"), [])
    given = lab(waiting(assignees=("ana",)))
    assert (result(picked(given)), len(given.writes)) == (("done", ""), 1)


def test_picked_again_it_is_mine_already_and_nothing_more_is_remembered() -> None:
    gitlab, journal = lab(waiting()), FakeJournal()
    picked(gitlab, journal=journal)
    known = list(journal.written)
    assert result(picked(gitlab, journal=journal)) == ("already", "mine")
    assert (len(gitlab.writes), journal.written) == (1, known)


def cut_off(first: GitLabUser, minutes: float) -> tuple[FakeGitLab, FakeJournal]:
    """An issue that is mine by a pick whose end I never saw; `first` had begun it so many minutes before.

    The clock of this machine was fast, and it had nothing to do with GitLab's.
    """
    gitlab, at = lab(held()), NOW - timedelta(minutes=minutes)
    gitlab.label_log = [(REF, LabelEvent(1, at, first, "add", DOING))]
    gitlab.comments[REF] = [IssueNote(1, NOW, "ana", "assigned to @ana and unassigned @ben", False, system=True)]
    return gitlab, FakeJournal(Event(NOW + timedelta(hours=7), "pick", REF, data={"result": "sent", "due": DUE}))


def test_a_pick_that_was_killed_behind_a_colleague_s_is_put_back_when_it_is_run_again() -> None:
    gitlab, journal = cut_off(BEN, 1)
    acted = picked(gitlab, journal=journal)
    assert (result(acted), gitlab.kept[REF].assignees) == (("refused", "lost"), ("ben",))
    assert "ben got it first" in acted.outcomes[0].message
    assert journal.written[-1].data == {"result": "refused"}


def test_what_could_not_be_put_back_is_put_back_when_it_is_run_again() -> None:
    gitlab, journal = cut_off(BEN, 1)
    gitlab.failing = {"edit": SILENT}
    acted = picked(gitlab, journal=journal)
    assert (result(acted), gitlab.kept[REF].assignees) == (("refused", "lost"), ("ana",))
    gitlab.failing = {}
    assert result(picked(gitlab, journal=journal)) == ("refused", "lost")
    assert gitlab.kept[REF].assignees == ("ben",)


@pytest.mark.parametrize(("first", "minutes"), [(USER, 1), (BEN, 60)], ids=["I was first", "given to me since"])
def test_one_that_was_killed_and_is_rightly_mine_is_remembered_so(first: GitLabUser, minutes: float) -> None:
    gitlab, journal = cut_off(first, minutes)
    assert (result(picked(gitlab, journal=journal)), gitlab.writes) == (("already", "mine"), [])
    assert journal.written[-1].data == {"result": "done", "due": DUE}


def test_without_an_issue_one_is_chosen_from_what_is_free() -> None:
    others = [waiting("acme/engineering#3", assignees=("ben",)), an_issue("acme/engineering#4", labels=("Blocked",))]
    gitlab = lab(waiting(weight=3), waiting(OTHER, weight=1), *others)
    offered: list[str] = []

    def choose(found: Backlog) -> Issue:
        offered.extend(issue.ref for issue in found.issues)
        return found.issues[1]

    assert result(picked(gitlab, None, choose=choose)) == ("done", "")
    assert (offered, gitlab.writes[0][1]) == ([OTHER, REF], REF)


def test_what_a_colleague_took_while_the_engineer_chose_is_left_to_them() -> None:
    gitlab = lab(waiting())

    def choose(found: Backlog) -> Issue:
        gitlab.kept[REF] = replace(gitlab.kept[REF], assignees=("ben",), labels=(DOING,))
        return found.issues[0]

    assert (result(picked(gitlab, None, choose=choose)), gitlab.writes) == (("refused", "assigned"), [])


def test_where_nobody_can_choose_nothing_is_sent() -> None:
    def refuse(found: Backlog) -> Issue:
        raise UsageError("2 issues to pick", "oncall backlog pick ISSUE")

    gitlab = lab(waiting(), waiting(OTHER))
    with pytest.raises(UsageError):
        picked(gitlab, None, choose=refuse)
    assert gitlab.writes == []


def test_the_next_is_the_first_that_fits() -> None:
    gitlab = lab(waiting(weight=1, time_estimate=9 * 3600), waiting(OTHER, weight=2, time_estimate=3600))
    acted = picked(gitlab, None, following=True, pagerduty=on_call(3))
    assert (result(acted), acted.outcomes[0].ref) == (("done", ""), OTHER)


def test_there_is_no_next_while_a_page_of_mine_is_active() -> None:
    gitlab = lab(waiting())
    pages = [a_page("Q1ONE00001", number=4117, title="Canary\x1b[2J token", assigned_to=(ME.person,))]
    with pytest.raises(UsageError, match="page 4117 Canary token comes first$") as caught:
        picked(gitlab, None, following=True, pagerduty=FakePagerDuty(pages))
    assert (caught.value.hint, gitlab.writes) == ("oncall show 4117", [])
    pages.append(a_page("Q1TWO00002", assigned_to=(ME.person,), minutes=90))
    with pytest.raises(UsageError, match="token and 1 more page come first"):
        picked(gitlab, None, following=True, pagerduty=FakePagerDuty(pages))
    assert result(picked(gitlab, pagerduty=FakePagerDuty(pages))) == ("done", "")  # what is named is picked


def test_nor_where_pagerduty_can_not_tell() -> None:
    pagerduty, gitlab = on_call(3), lab(waiting())
    pagerduty.failing = {"pages": RemoteError("PagerDuty does not answer", "try again")}
    with pytest.raises(RemoteError):
        picked(gitlab, None, following=True, pagerduty=pagerduty)
    assert gitlab.writes == []


def test_nor_where_nothing_fits_or_nothing_is_there() -> None:
    with pytest.raises(UsageError, match="none of 1 issue fits the 3 h left of your shift"):
        picked(lab(waiting(time_estimate=9 * 3600)), None, following=True, pagerduty=on_call(3))
    with pytest.raises(UsageError, match="the list Backlog holds nothing"):
        picked(lab(), None, following=True)


def test_a_label_that_does_not_exist_is_never_created() -> None:
    class Asked(FakeGitLab):
        def missing_labels(self, project: str, labels: Sequence[str]) -> list[str]:
            assert (project, labels) == ("acme/engineering", [DOING])
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


def test_a_token_that_may_only_read_is_told_before_anything_is_sent() -> None:
    gitlab = lab(waiting())
    gitlab.may = frozenset({"read_api"})
    with pytest.raises(AuthError, match="read_api"):
        picked(gitlab)
    assert gitlab.writes == []


def test_a_dry_run_sends_and_keeps_nothing_and_still_refuses() -> None:
    gitlab, journal = lab(waiting(), waiting(OTHER, assignees=("ben",))), FakeJournal()
    acted = picked(gitlab, dry_run=True, journal=journal)
    assert (result(acted)[0], acted.exit_code) == ("planned", ExitCode.OK)
    assert result(picked(gitlab, OTHER, dry_run=True, journal=journal)) == ("refused", "assigned")
    behind, begun = cut_off(BEN, 1)
    assert result(picked(behind, dry_run=True, journal=begun)) == ("already", "mine")
    assert (gitlab.writes, behind.writes, journal.written) == ([], [], [])


@pytest.mark.parametrize("error", [SILENT, RemoteError("GitLab: it answers 502", "try again", answered=502)])
def test_a_pick_that_was_never_answered_is_looked_up(error: RemoteError) -> None:
    gitlab, journal = Unanswered([waiting()], boards=[BOARD]), FakeJournal()
    gitlab.error = error
    acted = picked(gitlab, journal=journal)
    assert (result(acted), acted.exit_code) == (("done", ""), ExitCode.OK)
    assert len(gitlab.writes) == 1
    assert [event.data["result"] for event in journal.written] == ["sent", Result.DONE]


def test_a_pick_that_may_still_arrive_is_unknown_and_one_that_failed_has_failed() -> None:
    gitlab = Unanswered([waiting()], boards=[BOARD])
    gitlab.arrives = False
    acted = picked(gitlab)
    assert (result(acted), acted.exit_code) == (("unknown", "remote"), ExitCode.PARTIAL)
    gitlab.error = RemoteError("GitLab: it answers 500", "try again", answered=500)
    acted = picked(gitlab)
    assert (result(acted), acted.exit_code) == (("failed", "remote"), ExitCode.REMOTE)


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
    assert [event.data["result"] for event in journal.written] == ["sent", Result.FAILED]


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
