"""A verdict by options: what comes before it, whether it ends the review, and what others did meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.issues import Activity, Issue, IssueNote
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.reviews import past, verdict
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, RemoteError
from secops_oncall.workflows.judging import Asked, Judged, judge
from tests.fakes import NOW, FakeGitLab, FakeJournal
from tests.workflows.test_reviewing import SETTINGS, labelled, on_duty

DONE, FAILED, PLANNED, REFUSED = Result.DONE, Result.FAILED, Result.PLANNED, Result.REFUSED


def judged(lab: FakeGitLab, journal: FakeJournal, ref: str = "acme/web#1", **asked: Any) -> Judged:
    return judge(lab, on_duty(), journal, SETTINGS, ref, Asked(**{"verdict": "handled", **asked}), NOW)


def told(given: Judged) -> list[tuple[str, Result, str]]:
    return [(one.place, one.result, one.code) for one in given.outcomes]


def test_a_verdict_on_one_of_several() -> None:
    lab, journal = FakeGitLab([labelled(1), labelled(2)]), FakeJournal()
    given = judged(lab, journal)
    assert told(given) == [("journal", DONE, "handled")]
    assert (given.left, given.duty, given.meanwhile, given.problems) == (1, None, [], ())
    [event] = journal.events("verdict")
    assert (event.subject, event.data["verdict"], event.data["change"]) == ("acme/web#1", "handled", "new")


def test_the_last_one_ends_the_review_which_counts() -> None:
    lab, journal = FakeGitLab([labelled(1), labelled(2)]), FakeJournal()
    judged(lab, journal)
    given = judged(lab, journal, "acme/web#2", verdict="noise")
    assert (given.left, given.duty and given.duty.done) == (0, 1)
    [review] = given.duty.reviews if given.duty else ()
    assert review.verdicts == {"acme/web#1": "handled", "acme/web#2": "noise"}


def test_a_comment_and_a_take_come_before_it_and_make_nothing_changed() -> None:
    lab, journal = FakeGitLab([labelled(1)]), FakeJournal()
    given = judged(lab, journal, comment="on it", take=True)
    assert told(given) == [("gitlab-note", DONE, ""), ("gitlab", DONE, ""), ("journal", DONE, "handled")]
    assert [write[0] for write in lab.writes] == ["add_note", "edit"]
    assert past(journal.written, NOW).judged(lab.kept["acme/web#1"]).change == "unchanged"


def test_what_somebody_else_did_meanwhile_is_told_and_was_not_seen() -> None:
    bens = Activity(NOW - timedelta(minutes=1), "ben", "comment", "wait")

    class Busy(FakeGitLab):
        def add_note(self, ref: str, text: str, markers: Sequence[str], *, internal: bool) -> IssueNote:
            self.happened[ref] = [bens]
            self.kept[ref] = replace(self.kept[ref], updated_at=NOW)
            return super().add_note(ref, text, markers, internal=internal)

    lab, journal = Busy([labelled(1)]), FakeJournal()
    given = judged(lab, journal, comment="closing?")
    assert (given.meanwhile, given.left, given.duty) == ([bens], 1, None)
    assert past(journal.written, NOW).judged(lab.kept["acme/web#1"]).change == "changed"


@pytest.mark.parametrize("asked", [{"comment": "x", "take": True}, {"comment": "x"}])
def test_where_the_comment_failed_nothing_follows(asked: dict[str, Any]) -> None:
    lab, journal = FakeGitLab([labelled(1)]), FakeJournal()
    lab.failing = {"add_note": RemoteError("GitLab refuses", "try again", answered=400)}
    given = judged(lab, journal, **asked)
    assert told(given) == [("gitlab-note", FAILED, "remote"), ("journal", REFUSED, "not_done")]
    assert (given.left, journal.events("verdict"), journal.events("review")) == (None, [], [])


def test_somebody_elses_is_taken_by_force_alone() -> None:
    lab, journal = FakeGitLab([replace(labelled(1), assignees=("ben",))]), FakeJournal()
    assert told(judged(lab, journal, take=True)) == [("gitlab", REFUSED, "assigned"), ("journal", REFUSED, "not_done")]
    assert told(judged(lab, journal, take=True, force=True))[0] == ("gitlab", DONE, "")


def test_a_dry_run_writes_nothing_anywhere() -> None:
    lab, journal = FakeGitLab([labelled(1)]), FakeJournal()
    given = judged(lab, journal, comment="x", take=True, dry_run=True)
    assert [one.result for one in given.outcomes] == [PLANNED] * 3
    assert (lab.writes, [event.kind for event in journal.written]) == ([], ["shift"])


def test_a_token_that_may_not_write_is_told_first_and_verdicts_still_work() -> None:
    lab, journal = FakeGitLab([labelled(1)]), FakeJournal()
    lab.may = frozenset({"read_api"})
    for asked in ({"comment": "x"}, {"take": True}):
        with pytest.raises(AuthError, match="read_api"):
            judged(lab, journal, **asked)
    assert (lab.writes, journal.written) == ([], [])
    assert told(judged(lab, journal)) == [("journal", DONE, "handled")]


@pytest.mark.parametrize(
    ("other", "code", "words"),
    [
        (replace(labelled(9), state="closed"), "closed", "it is closed"),
        (replace(labelled(9), labels=("runbook",)), "not_listed", "it has no label oncall"),
        (replace(labelled(9), ref="other/web#9", project="other/web"), "not_listed", "none of the places to review"),
    ],
    ids=["closed", "without the label", "elsewhere"],
)
def test_an_issue_that_is_not_among_them_is_refused_before_anything_is_written(
    other: Issue, code: str, words: str
) -> None:
    lab, journal = FakeGitLab([labelled(1), other]), FakeJournal()
    given = judged(lab, journal, other.ref, verdict="human", comment="x", take=True)
    assert (told(given), given.left) == ([("journal", REFUSED, code)], None)
    assert words in given.outcomes[0].message
    assert (lab.writes, journal.events("verdict")) == ([], [])


def test_but_what_was_closed_since_its_verdict_can_be_marked_as_handled() -> None:
    other = replace(labelled(9), state="closed")
    lab, journal = FakeGitLab([labelled(1), other]), FakeJournal(verdict(other, "human", NOW))
    assert told(judged(lab, journal, "acme/web#9", verdict="human")) == [("journal", REFUSED, "closed")]
    given = judged(lab, journal, "acme/web#9")
    assert (told(given), given.left) == ([("journal", DONE, "handled")], 1)


def test_an_issue_that_is_not_there_or_a_journal_that_is_full_is_an_error() -> None:
    lab, journal = FakeGitLab([labelled(1)]), FakeJournal()
    with pytest.raises(NotFoundError, match="acme/web#7"):
        judged(lab, journal, "acme/web#7")
    journal.failing = ConfigError("the disk is full", "make room")
    with pytest.raises(ConfigError):
        judged(lab, journal)


def test_another_verdict_on_one_that_has_one_already_is_the_one_that_counts() -> None:
    lab, journal = FakeGitLab([labelled(1), labelled(2)]), FakeJournal()
    judged(lab, journal, verdict="human")
    given = judged(lab, journal, verdict="noise")
    assert given.left == 1
    given = judged(lab, journal, "acme/web#2", verdict="skip")
    assert given.duty is not None
    assert given.duty.reviews[-1].verdicts == {"acme/web#1": "noise", "acme/web#2": "skip"}
    assert given.duty.reviews[-1].new == 2


def test_reading_the_issue_and_the_list_is_one_wave() -> None:
    from threading import Barrier

    together = Barrier(2)

    class Lab(FakeGitLab):
        def issues(self, query: object) -> list[Issue]:
            together.wait(5)
            return super().issues(query)  # type: ignore[arg-type]

        def issue(self, ref: str) -> Issue:
            together.wait(5)
            return super().issue(ref)

    assert judged(Lab([labelled(1)]), FakeJournal()).left == 0
