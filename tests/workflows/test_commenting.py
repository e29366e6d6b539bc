"""A comment that is there once, whatever gets lost or killed, and whose words are never lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from secops_oncall.domain.comments import Comment, begin, mark_of
from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import FLIGHT
from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.errors import AuthError, ConfigError, RemoteError
from secops_oncall.workflows.commenting import left_unsaid, say
from tests.fakes import NOW, FakeGitLab, FakeJournal, an_issue

ISSUE = an_issue("acme/web#1", labels=("oncall",))
LOST = RemoteError("GitLab does not answer", "try again")
SOON, LATER = NOW + timedelta(seconds=11), NOW + FLIGHT
PICK: dict[str, Any] = {"kind": "done", "key": "9019/71"}
KINDS: list[dict[str, Any]] = [{}, PICK]


class Lossy(FakeGitLab):
    """A GitLab whose answers to comments get lost; those that did not arrive do so when it is told."""

    arrives = True
    error = LOST

    def __init__(self) -> None:
        super().__init__([ISSUE])
        self.late: list[tuple[str, str, Sequence[str]]] = []

    def add_note(self, ref: str, text: str, markers: Sequence[str], *, internal: bool) -> IssueNote:
        if self.arrives:
            super().add_note(ref, text, markers, internal=internal)
        else:
            self.writes.append(("add_note", ref, (text,), tuple(markers)))
            self.late.append((ref, text, markers))
        raise self.error

    def arrive(self) -> None:
        for ref, text, markers in self.late:
            super().add_note(ref, text, markers, internal=False)
        self.late.clear()


def said(
    lab: FakeGitLab,
    journal: FakeJournal,
    text: str = "seen",
    now: datetime = NOW,
    *,
    dry_run: bool = False,
    **kind: str,
) -> Outcome:
    return say(lab, journal, ISSUE, Comment(text, {"ben"}, **kind), now, dry_run=dry_run)


def told(outcome: Outcome) -> tuple[Result, str, str]:
    return outcome.result, outcome.code, outcome.message


def sent(lab: FakeGitLab) -> int:
    return sum(write[0] == "add_note" for write in lab.writes)


def there(lab: FakeGitLab) -> list[str]:
    return [note.text for note in lab.comments.get(ISSUE.ref, ())]


def test_a_comment_is_an_ordinary_one_that_acts_on_nobody_by_mistake() -> None:
    lab, journal = FakeGitLab([ISSUE]), FakeJournal()
    assert said(lab, journal, "/close\n@ben and @chen: look").result is Result.DONE
    [(_, ref, (text,), (mark,))] = lab.writes
    assert ref == ISSUE.ref
    assert text == "\u2060/close\n@ben and @\u2060chen: look"
    intent, end = journal.written
    assert (intent.kind, intent.subject, mark) == ("comment", ISSUE.ref, f"<!-- oncall:comment {intent.uid} -->")
    assert end.data["sent"] == intent.uid
    [note] = lab.comments[ISSUE.ref]
    assert not note.internal


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_all_that_was_typed_is_in_the_journal_before_the_request(kind: dict[str, Any]) -> None:
    journal = FakeJournal()

    class Looking(FakeGitLab):
        def add_note(self, ref: str, text: str, markers: Sequence[str], *, internal: bool) -> IssueNote:
            [intent] = journal.written
            assert (intent.text, [mark_of(intent)]) == ("@chen: look", list(markers))
            return super().add_note(ref, text, markers, internal=internal)

    assert said(Looking([ISSUE]), journal, "@chen: look", **kind).result is Result.DONE


def test_what_is_known_to_be_there_may_be_said_again() -> None:
    lab, journal = FakeGitLab([ISSUE]), FakeJournal()
    said(lab, journal, "the same")
    said(lab, journal, "the same")
    assert len({marks for *_, marks in lab.writes}) == 2


def test_one_with_a_key_is_there_once_for_ever_and_from_any_machine() -> None:
    lab = FakeGitLab([ISSUE])
    said(lab, FakeJournal(), **PICK)
    assert told(said(lab, FakeJournal(), "in other words", **PICK)) == (
        Result.ALREADY,
        "commented",
        "a comment of yours is there",
    )
    assert there(lab) == ["seen"]


def test_an_answer_that_gets_lost_is_looked_up() -> None:
    lab = Lossy()
    assert said(lab, FakeJournal()).result is Result.DONE
    assert sent(lab) == 1


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_while_one_may_still_arrive_no_other_is_sent(kind: dict[str, Any]) -> None:
    lab, journal = Lossy(), FakeJournal()
    lab.arrives = False
    first = said(lab, journal, **kind)
    assert told(first) == (Result.UNKNOWN, "remote", "the comment: GitLab does not answer")
    for dry_run in (False, True):
        soon = said(lab, journal, now=SOON, dry_run=dry_run, **kind)
        why = "the comment: a run began to send it 11 s ago, and it may still arrive"
        assert told(soon) == (Result.UNKNOWN, "in_flight", why)
    assert soon.hint == first.hint == "the same command again, in half a minute: it looks first"
    assert sent(lab) == 1
    lab.arrive()
    assert said(lab, journal, now=SOON, **kind).result is Result.ALREADY
    assert there(lab) == ["seen"]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_one_that_cannot_arrive_any_more_is_sent_again_under_its_marker(kind: dict[str, Any]) -> None:
    lab, journal = Lossy(), FakeJournal()
    lab.arrives = False
    said(lab, journal, **kind)
    lab.arrives = True
    assert said(lab, journal, now=LATER, **kind).result is Result.DONE
    assert len({marks for *_, marks in lab.writes}) == 1


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_run_that_was_killed_is_one_whose_fate_is_unknown(kind: dict[str, Any]) -> None:
    lab, journal = FakeGitLab([ISSUE]), FakeJournal()
    intent = begin(ISSUE.ref, Comment("seen", **kind), [], NOW)
    journal.append(intent)
    assert told(said(lab, journal, now=SOON, **kind))[:2] == (Result.UNKNOWN, "in_flight")
    lab.add_note(ISSUE.ref, "seen", [mark_of(intent)], internal=False)
    assert said(lab, journal, now=SOON, **kind).result is Result.ALREADY
    assert sent(lab) == 1


def test_how_long_one_may_still_arrive_counts_from_its_request_and_not_from_the_command() -> None:
    lab, journal = Lossy(), FakeJournal()
    lab.arrives = False
    say(lab, journal, ISSUE, Comment("seen"), NOW, clock=lambda: SOON)
    assert told(said(lab, journal, now=LATER))[:2] == (Result.UNKNOWN, "in_flight")
    assert sent(lab) == 1


def test_one_that_says_something_else_does_not_wait() -> None:
    lab, journal = Lossy(), FakeJournal()
    lab.arrives = False
    said(lab, journal, "one")
    lab.arrives = True
    assert said(lab, journal, "another", now=SOON).result is Result.DONE


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_refusal_is_certain_and_the_next_run_sends_at_once(kind: dict[str, Any]) -> None:
    lab, journal = FakeGitLab([ISSUE]), FakeJournal()
    lab.failing = {"add_note": AuthError("no role there", "ask for one")}
    assert told(said(lab, journal, **kind))[:2] == (Result.FAILED, "auth")
    lab.failing = {}
    assert said(lab, journal, now=SOON, **kind).result is Result.DONE


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_a_gateway_gave_up_on_is_looked_up_before_it_is_sent_again(kind: dict[str, Any]) -> None:
    lab, journal = Lossy(), FakeJournal()
    lab.arrives, lab.error = False, RemoteError("GitLab answered 504", "try again", answered=504)
    assert told(said(lab, journal, **kind))[:2] == (Result.FAILED, "remote")
    lab.arrive()
    lab.arrives = True
    assert said(lab, journal, now=SOON, **kind).result is Result.ALREADY
    assert there(lab) == ["seen"]


def test_what_failed_is_sent_again_under_its_marker_and_then_may_be_said_once_more() -> None:
    lab, journal = Lossy(), FakeJournal()
    for lab.error in (LOST, RemoteError("GitLab answered 504", "try again", answered=504)):
        lab.arrives = False
        said(lab, journal)
        lab.arrives = True
        assert said(lab, journal, now=LATER).result is Result.DONE
    assert len({marks for *_, marks in lab.writes}) == 2
    assert there(lab) == ["seen", "seen"]


def test_what_cannot_be_looked_up_is_not_sent() -> None:
    lab, journal = Lossy(), FakeJournal()
    lab.arrives = False
    said(lab, journal)
    lab.failing = {"marked": LOST}
    assert told(said(lab, journal, now=LATER)) == (Result.FAILED, "remote", "the comment: GitLab does not answer")
    assert sent(lab) == 1


def test_of_two_processes_at_once_one_sends() -> None:
    lab, journal = FakeGitLab([ISSUE]), FakeJournal()

    class Between(FakeJournal):
        """The other process writes its intent between our look and ours."""

        def events(self, *args: Any, **more: Any) -> list[Event]:
            return journal.events(*args, **more)

        def append(self, *events: Event) -> None:
            if not journal.written:
                journal.append(begin(ISSUE.ref, Comment("seen"), [], NOW))
            journal.append(*events)

    assert told(said(lab, Between(), now=SOON))[:2] == (Result.UNKNOWN, "in_flight")
    assert sent(lab) == 0


def test_one_that_can_not_be_written_down_is_not_sent() -> None:
    lab, journal = FakeGitLab([ISSUE]), FakeJournal()
    journal.failing = ConfigError("the disk is full", "make room; not kept: seen")
    outcome = said(lab, journal)
    assert told(outcome) == (Result.FAILED, "config", "the comment: the disk is full")
    assert (outcome.hint, lab.writes) == ("make room; not kept: seen", [])


def test_whoever_has_the_words_elsewhere_is_told_that_the_journal_has_them() -> None:
    lab, journal, told = FakeGitLab([ISSUE]), FakeJournal(), []

    def keep() -> None:
        told.append((len(journal.written), sent(lab)))

    journal.failing = ConfigError("the disk is full", "make room")
    say(lab, journal, ISSUE, Comment("seen"), NOW, kept=keep)
    assert told == []
    journal.failing = None
    say(lab, journal, ISSUE, Comment("seen"), NOW, kept=keep)
    assert told == [(1, 0)]


def test_a_dry_run_sends_and_keeps_nothing() -> None:
    lab, journal = FakeGitLab([ISSUE]), FakeJournal()
    assert said(lab, journal, dry_run=True).result is Result.PLANNED
    assert (lab.writes, journal.written) == ([], [])


def test_what_was_not_said_is_offered_again_whatever_ended_the_run() -> None:
    lab, journal = FakeGitLab([ISSUE]), FakeJournal()
    assert left_unsaid(lab, journal, ISSUE, NOW) == ""
    intent = begin(ISSUE.ref, Comment("half an hour of work"), [], NOW)
    journal.append(intent)
    assert left_unsaid(lab, journal, ISSUE, LATER) == "half an hour of work"
    with pytest.raises(RemoteError, match="your comment of 11 s ago may still arrive"):
        left_unsaid(lab, journal, ISSUE, SOON)
    lab.add_note(ISSUE.ref, "half an hour of work", [mark_of(intent)], internal=False)
    assert left_unsaid(lab, journal, ISSUE, SOON) == "", "it did arrive"
    lab.failing = {"marked": LOST}
    assert left_unsaid(lab, journal, ISSUE, SOON) == "", "which is remembered"


def test_what_was_refused_is_offered_again_too() -> None:
    lab, journal = FakeGitLab([ISSUE]), FakeJournal()
    lab.failing = {"add_note": AuthError("no role there", "ask for one")}
    said(lab, journal, "half an hour of work")
    assert left_unsaid(lab, journal, ISSUE, SOON) == "half an hour of work"
