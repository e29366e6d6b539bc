"""Who may comment and what, and taking an issue: once, and told from GitLab's answer."""

from dataclasses import replace

import pytest

from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.errors import AuthError, NotFoundError, RemoteError, UsageError
from secops_oncall.workflows.handling import comment_text, may_comment, take
from tests.fakes import USER, FakeGitLab, an_issue

ISSUE = an_issue("acme/web#1", labels=("oncall",))
BOT = GitLabUser(99, "project_5_bot", "bot", bot=True)
LOST = RemoteError("GitLab does not answer", "try again")


def told(outcome: Outcome) -> tuple[Result, str, str]:
    return outcome.result, outcome.code, outcome.message


def test_a_token_that_may_only_read_is_told_before_anything_is_typed() -> None:
    lab = FakeGitLab([ISSUE])
    lab.may = frozenset({"read_api"})
    with pytest.raises(AuthError, match="read_api"):
        may_comment(lab)
    assert told(take(lab, ISSUE))[:2] == (Result.FAILED, "auth")
    assert lab.writes == []


def test_a_bot_may_comment_in_its_own_name_and_take_nothing() -> None:
    lab = FakeGitLab([ISSUE], me=BOT)
    assert may_comment(lab) == BOT.username
    assert told(take(lab, ISSUE)) == (
        Result.FAILED,
        "auth",
        "the GitLab token belongs to the bot project_5_bot, and the issue would be the bot's",
    )
    assert lab.writes == []


def test_an_empty_comment_is_none() -> None:
    assert comment_text(" x\n") == "x"
    for nothing in ("", " \n", "\u200b\n"):
        with pytest.raises(UsageError, match="empty"):
            comment_text(nothing)


def test_an_issue_that_nobody_has_is_taken_with_one_put() -> None:
    lab = FakeGitLab([ISSUE])
    assert told(take(lab, ISSUE)) == (Result.DONE, "", "to you")
    assert lab.writes == [("edit", ISSUE.ref, IssueEdit(assignees=(USER.id,)))]
    assert told(take(lab, ISSUE)) == (Result.ALREADY, "mine", "yours already")
    assert len(lab.writes) == 1


def test_somebody_elses_is_taken_only_by_force_and_it_is_looked_at_anew() -> None:
    lab = FakeGitLab([replace(ISSUE, assignees=("ben",))])
    assert told(take(lab, ISSUE)) == (Result.REFUSED, "assigned", "it belongs to ben"), "assigned since it was read"
    assert lab.writes == []
    assert told(take(lab, ISSUE, force=True)) == (Result.DONE, "", "to you, from ben")
    assert lab.kept[ISSUE.ref].assignees == ("ana",)


def test_a_closed_one_is_not_taken() -> None:
    lab = FakeGitLab([replace(ISSUE, state="closed")])
    assert told(take(lab, ISSUE, force=True))[:2] == (Result.REFUSED, "closed")
    lab.failing = {"issue": NotFoundError("acme/web#1 is not found, or you have no access", "oncall issues")}
    assert told(take(lab, ISSUE))[:2] == (Result.FAILED, "not_found")


def test_taking_without_an_answer_is_looked_up() -> None:
    class Lossy(FakeGitLab):
        def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
            super().edit(issue, edit)
            raise LOST

    assert told(take(Lossy([ISSUE]), ISSUE)) == (Result.DONE, "", "to you")
    lab = FakeGitLab([ISSUE])
    lab.failing = {"edit": LOST}
    assert told(take(lab, ISSUE)) == (Result.UNKNOWN, "remote", "GitLab does not answer")


def test_a_dry_run_sends_nothing() -> None:
    lab = FakeGitLab([ISSUE])
    assert take(lab, ISSUE, dry_run=True).result is Result.PLANNED
    assert lab.writes == []
