"""Filing notes as issues: each once, whatever gets lost, and never beside one that says the same."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.events import Event, Note, filed, notes
from secops_oncall.domain.flight import unended
from secops_oncall.domain.improvements import FILING, Target, begin, key
from secops_oncall.domain.issues import GitLabUser, Issue, NewIssue
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RejectedError, RemoteError
from secops_oncall.workflows.filing import Ask, Plan, Wish, file, plan
from secops_oncall.workflows.origins import Links, Origins
from tests.fakes import NOW, FakeGitLab, FakeJournal, an_issue

TARGET = Target("acme/engineering", "oncall-improvement")
LABELS = ("oncall-improvement",)
HONEYPOT, RUNBOOK = "Close honeypot noise by itself", "Guest accounts have no runbook"
SILENT, BROKEN = RemoteError("no answer", ""), RemoteError("it answers 500", "", answered=500)
LATER = NOW + timedelta(minutes=5)


class Losing(FakeGitLab):
    """A GitLab that makes issues and then says something else than that."""

    says: RemoteError | None = None
    makes = True
    keeps: dict[str, Any] = {}  # noqa: RUF012 - a test's

    def create(self, new: NewIssue, marker: str) -> Issue:
        if not self.makes:
            self.writes.append(("create", new.project, new))
            raise self.says or SILENT
        made = super().create(new, marker)
        self.kept[made.ref] = replace(made, **self.keeps)
        if self.says:
            raise self.says
        return self.kept[made.ref]


def typed(text: str = HONEYPOT, kind: str = "automate", minutes: int = 10) -> Event:
    return Event(NOW - timedelta(minutes=minutes), "note", text=text, data={"kind": kind})


def planned(
    gitlab: FakeGitLab,
    journal: FakeJournal,
    wish: Wish | None = None,
    *,
    ask: Ask | None = None,
    links: Links = (),
    now: Any = NOW,
    which: Sequence[Note] | None = None,
) -> Plan:
    """A plan for every note of the journal."""

    def about(some: Sequence[Note], events: Sequence[Event]) -> Origins:
        return Origins({note.id: links for note in some}, [])

    every = notes(journal.events()) if which is None else which
    return plan(gitlab, journal, TARGET, every, wish or Wish(), about, ask, now)


def filing(gitlab: FakeGitLab, journal: FakeJournal, wish: Wish | None = None, **more: Any) -> list[Outcome]:
    return file(gitlab, journal, planned(gitlab, journal, wish, **more), more.get("now", NOW)).outcomes


def became(journal: FakeJournal) -> list[str | None]:
    return [note.filed for note in notes(journal.events())]


def test_a_note_becomes_an_issue_with_its_label_and_marker() -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab()
    (outcome,) = filing(gitlab, journal, links=[("page 4112", "https://acme.pagerduty.com/incidents/Q1LEAK")])
    (made,) = gitlab.kept.values()
    assert (made.project, made.title, made.labels, made.confidential) == (TARGET.project, HONEYPOT, LABELS, False)
    assert key(journal.written[0].uid) in made.description
    assert "[page 4112](<https://acme.pagerduty.com/incidents/Q1LEAK>)" in made.description
    assert (outcome.id, outcome.ref, outcome.url) == (journal.written[0].uid, made.ref, made.url)
    assert (outcome.result, outcome.place, outcome.title) == (Result.DONE, "gitlab", HONEYPOT)
    assert became(journal) == [made.ref]


def test_several_at_once_are_several_issues_with_an_outcome_each() -> None:
    journal, gitlab = FakeJournal(typed(), typed(RUNBOOK, "risk")), FakeGitLab()
    outcomes = filing(gitlab, journal)
    assert [outcome.result for outcome in outcomes] == [Result.DONE] * 2
    assert {issue.title: issue.confidential for issue in gitlab.kept.values()} == {HONEYPOT: False, RUNBOOK: True}
    assert {note.id: note.filed for note in notes(journal.events())} == {one.id: one.ref for one in outcomes}


def test_a_second_time_nothing_is_sent_or_asked() -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab()
    (first,) = filing(gitlab, journal)
    gitlab.failing = {name: ConfigError("not to be asked", "") for name in ("me", "issues", "created")}
    (again,) = filing(gitlab, journal)
    assert (again.result, again.code, again.ref, len(gitlab.writes)) == (Result.ALREADY, "filed", first.ref, 1)


def test_what_was_dropped_may_be_filed_after_all() -> None:
    note = typed()
    journal, gitlab = FakeJournal(note, filed(note.uid, None, NOW - timedelta(minutes=1))), FakeGitLab()
    (outcome,) = filing(gitlab, journal)
    assert (outcome.result, became(journal)) == (Result.DONE, [outcome.ref])


def test_the_intent_is_in_the_journal_before_the_request() -> None:
    journal = FakeJournal(typed())

    class Looking(FakeGitLab):
        def create(self, new: NewIssue, marker: str) -> Issue:
            assert [event.data["project"] for event in journal.events("filing")] == [TARGET.project]
            return super().create(new, marker)

    assert filing(Looking(), journal)[0].result is Result.DONE


def test_a_journal_that_cannot_be_written_sends_nothing() -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab()
    made = planned(gitlab, journal)
    journal.failing = ConfigError("the journal is full", "make room")
    with pytest.raises(ConfigError):
        file(gitlab, journal, made, NOW)
    assert gitlab.writes == []


def test_a_journal_that_is_full_only_then_hides_nothing_and_the_next_run_finds_the_issue() -> None:
    journal, full = FakeJournal(typed()), ConfigError("the journal is full", "make room")

    class Filling(FakeGitLab):
        def create(self, new: NewIssue, marker: str) -> Issue:
            journal.failing = full
            return super().create(new, marker)

    gitlab = Filling()
    acted = file(gitlab, journal, planned(gitlab, journal), NOW)
    assert (acted.outcomes[0].result, acted.problems) == (Result.DONE, [full])
    journal.failing = None
    (again,) = filing(gitlab, journal)
    assert (again.result, again.ref, len(gitlab.writes)) == (Result.ALREADY, acted.outcomes[0].ref, 1)
    assert became(journal) == [again.ref]


@pytest.mark.parametrize("says", [SILENT, BROKEN])
def test_an_answer_that_gets_lost_is_looked_up_by_the_marker(says: RemoteError) -> None:
    journal, gitlab = FakeJournal(typed()), Losing()
    gitlab.says = says
    (outcome,) = filing(gitlab, journal)
    assert (outcome.result, len(gitlab.writes), became(journal)) == (Result.DONE, 1, [outcome.ref])


def test_a_request_of_unknown_fate_is_not_sent_again_while_it_may_be_on_its_way() -> None:
    journal, gitlab = FakeJournal(typed()), Losing()
    gitlab.makes = False
    (outcome,) = filing(gitlab, journal)
    assert (outcome.result, outcome.message, outcome.ref) == (Result.UNKNOWN, "no answer", None)
    (soon,) = filing(gitlab, journal, now=NOW + timedelta(seconds=29))
    assert (soon.result, soon.code, len(gitlab.writes)) == (Result.UNKNOWN, "in_flight", 1)
    assert "29 s ago" in soon.message
    assert soon.hint == outcome.hint == f"oncall improve --note {soon.id[:8]}, in half a minute: it looks first"
    gitlab.makes = True
    (later,) = filing(gitlab, journal, now=NOW + timedelta(seconds=31))
    assert (later.result, len(gitlab.writes)) == (Result.DONE, 2)


def test_what_cannot_be_looked_up_is_unknown() -> None:
    journal, gitlab = FakeJournal(typed()), Losing()
    gitlab.says, gitlab.failing = SILENT, {"created": RemoteError("down", "")}
    (outcome,) = filing(gitlab, journal)
    assert (outcome.result, outcome.message) == (Result.UNKNOWN, "no answer; and to look it up failed: down")
    gitlab.failing = {}
    (again,) = filing(gitlab, journal)
    assert (again.result, len(gitlab.writes)) == (Result.ALREADY, 1)


def test_a_server_error_that_made_nothing_is_a_failure_and_may_be_tried_again_at_once() -> None:
    journal, gitlab = FakeJournal(typed()), Losing()
    gitlab.makes, gitlab.says = False, BROKEN
    (outcome,) = filing(gitlab, journal)
    assert (outcome.result, outcome.code, became(journal)) == (Result.FAILED, "remote", [None])
    gitlab.makes, gitlab.says = True, None
    assert filing(gitlab, journal)[0].result is Result.DONE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuthError("no role there", "type this"), "auth"),
        (RejectedError("too long", "type this", answered=422), "remote"),
    ],
)
def test_a_refusal_is_a_failure_of_its_own_kind_and_is_not_looked_up(error: OncallError, code: str) -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab()
    gitlab.failing["create"] = error
    (outcome,) = filing(gitlab, journal)
    assert (outcome.result, outcome.code, outcome.message) == (Result.FAILED, code, error.message)
    assert outcome.hint == error.hint == "type this"
    assert unended(journal.events(), FILING, outcome.id) == []


def test_a_run_that_was_killed_before_the_answer_files_nothing_twice() -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab()
    note = notes(journal.events())[0]
    killed = planned(gitlab, journal)
    journal.append(begin(note.id, TARGET.project, NOW))
    gitlab.create(killed.steps[0].new, key(note.id))  # and here the process ends
    (outcome,) = filing(gitlab, journal, now=NOW)
    assert (outcome.result, outcome.message) == (Result.ALREADY, "an earlier run made it")
    assert (len(gitlab.writes), became(journal)) == (1, [outcome.ref])


def test_a_run_that_was_killed_before_the_request_is_carried_on() -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab()
    journal.append(begin(journal.written[0].uid, TARGET.project, NOW))
    assert filing(gitlab, journal, now=LATER)[0].result is Result.DONE


def test_what_was_begun_in_another_project_is_looked_for_there() -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab()
    (note,) = notes(journal.events())
    journal.append(begin(note.id, "acme/old", NOW))
    made = gitlab.create(NewIssue("acme/old", HONEYPOT, "", LABELS), key(note.id))
    assert filing(gitlab, journal, now=LATER)[0].ref == made.ref


def test_only_what_was_ever_begun_is_looked_for() -> None:
    gitlab = FakeGitLab()
    gitlab.failing["created"] = ConfigError("not to be asked", "")
    assert filing(gitlab, FakeJournal(typed()))[0].result is Result.DONE


def test_of_two_runs_at_once_one_files() -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab()
    one, other = planned(gitlab, journal), planned(gitlab, journal)

    class Between(FakeJournal):
        """The other run writes its intent between our look and ours."""

        def events(self, *args: Any, **more: Any) -> list[Event]:
            return journal.events(*args, **more)

        def append(self, *events: Event) -> None:
            journal.append(begin(one.steps[0].note.id, TARGET.project, NOW))
            journal.append(*events)

    (late,) = file(gitlab, Between(), other, NOW).outcomes
    assert (late.result, late.code, gitlab.writes) == (Result.UNKNOWN, "in_flight", [])
    (done,) = filing(gitlab, journal, now=LATER)
    assert done.result is Result.DONE


def test_what_was_filed_while_somebody_was_asked_is_not_filed_again() -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab()
    waiting = planned(gitlab, journal)
    (done,) = filing(gitlab, journal)
    (late,) = file(gitlab, journal, waiting, LATER).outcomes
    assert (late.result, late.ref, len(gitlab.writes)) == (Result.ALREADY, done.ref, 1)
    assert len(unended(journal.events(), FILING, late.id)) == 1  # the first one's: ours came to nothing


def test_one_that_is_like_it_is_named_and_nothing_is_sent() -> None:
    there = an_issue("acme/engineering#7", title="close the honeypot noise by itself", labels=LABELS)
    journal, gitlab = FakeJournal(typed()), FakeGitLab([there])
    (outcome,) = filing(gitlab, journal)
    assert (outcome.result, outcome.code, outcome.ref) == (Result.REFUSED, "duplicate", there.ref)
    assert outcome.message == "acme/engineering#7 'close the honeypot noise by itself' is like it"
    assert outcome.hint == f"oncall improve --note {outcome.id[:8]} --as acme/engineering#7, or --force"
    assert (gitlab.writes, became(journal)) == ([], [None])
    assert filing(gitlab, journal, Wish(force=True))[0].result is Result.DONE


def test_one_that_is_like_it_and_confidential_is_named_by_its_reference() -> None:
    there = an_issue("acme/engineering#7", title=HONEYPOT, labels=LABELS, confidential=True)
    assert filing(FakeGitLab([there]), FakeJournal(typed()))[0].message.startswith("acme/engineering#7 is like it")


def test_one_with_the_same_words_is_found_without_the_label_too() -> None:
    there = an_issue("acme/engineering#7", title=HONEYPOT, labels=())
    assert filing(FakeGitLab([there]), FakeJournal(typed()))[0].code == "duplicate"


@pytest.mark.parametrize("more", [{"state": "closed"}, {"title": "Something else"}])
def test_what_is_closed_or_about_something_else_is_no_duplicate(more: dict[str, Any]) -> None:
    there = an_issue("acme/engineering#7", **{"title": HONEYPOT, "labels": LABELS, **more})
    assert filing(FakeGitLab([there]), FakeJournal(typed()))[0].result is Result.DONE


def test_two_notes_that_say_the_same_do_not_become_two_issues() -> None:
    journal, gitlab = FakeJournal(typed(), typed("close honeypot noise by itself.")), FakeGitLab()
    one, other = filing(gitlab, journal)
    assert (one.result, other.result, other.code) == (Result.DONE, Result.REFUSED, "duplicate")
    assert one.id[:8] in other.message
    assert filing(gitlab, journal)[1].ref == one.ref


@pytest.mark.parametrize(
    ("answer", "result", "writes"),
    [
        (lambda new, like: "file", Result.DONE, 1),
        (lambda new, like: "skip", Result.REFUSED, 0),
        (lambda new, like: like[0], Result.DONE, 0),
    ],
    ids=["file", "skip", "that one"],
)
def test_whoever_can_be_asked_decides(answer: Callable[..., Any], result: Result, writes: int) -> None:
    there = an_issue("acme/engineering#7", title=HONEYPOT, labels=LABELS)
    journal, gitlab = FakeJournal(typed()), FakeGitLab([there])
    (outcome,) = filing(gitlab, journal, ask=answer)
    assert (outcome.result, len(gitlab.writes)) == (result, writes)
    assert became(journal) == [outcome.ref if result is Result.DONE else None]


def test_a_risk_that_is_not_kept_confidential_is_a_failure_that_is_filed() -> None:
    journal, gitlab = FakeJournal(typed(kind="risk")), Losing()
    gitlab.keeps = {"confidential": False}
    (outcome,) = filing(gitlab, journal)
    assert (outcome.result, outcome.code, became(journal)) == (Result.FAILED, "remote", [outcome.ref])
    assert "did not keep it confidential" in outcome.message
    assert outcome.hint == f"oncall open {outcome.ref}, and make it confidential there, now"
    assert filing(gitlab, journal)[0].result is Result.ALREADY


def test_an_issue_without_its_label_is_a_failure_that_is_filed() -> None:
    journal, gitlab = FakeJournal(typed()), Losing()
    gitlab.keeps = {"labels": ()}
    (outcome,) = filing(gitlab, journal)
    assert (outcome.result, became(journal)) == (Result.FAILED, [outcome.ref])
    assert outcome.message == "it is there, but without the label oncall-improvement"


def test_a_dry_run_sends_and_keeps_nothing_and_tells_all() -> None:
    journal, gitlab = FakeJournal(typed(kind="risk")), FakeGitLab()
    made = planned(gitlab, journal)
    (outcome,) = made.rehearsed.outcomes
    assert (outcome.result, outcome.title) == (Result.PLANNED, HONEYPOT)
    ((new, marker),) = made.drafts
    assert (new.confidential, new.labels, marker) == (True, LABELS, key(outcome.id))
    assert (gitlab.writes, len(journal.written)) == ([], 1)


def test_a_title_and_a_kind_of_its_own() -> None:
    journal, gitlab = FakeJournal(typed(kind="note")), FakeGitLab()
    filing(gitlab, journal, Wish(kind="risk", title="A key lies open"))
    (made,) = gitlab.kept.values()
    assert (made.title, made.confidential) == ("A key lies open", True)
    assert [note.confidential for note in notes(journal.events())] == [True]


def test_a_label_that_is_not_there_is_an_error_before_anything_is_written() -> None:
    journal, gitlab = FakeJournal(typed()), FakeGitLab(labels=["other"])
    with pytest.raises(NotFoundError) as caught:
        planned(gitlab, journal)
    assert caught.value.message == "acme/engineering has no label 'oncall-improvement', and GitLab would create it"
    assert caught.value.hint == "set issues.improvement_label"
    assert (gitlab.writes, len(journal.written)) == ([], 1)


@pytest.mark.parametrize("method", ["missing_labels", "issues", "created"])
def test_a_project_that_is_not_there_names_its_setting(method: str) -> None:
    gitlab, journal = FakeGitLab(), FakeJournal(typed())
    journal.append(begin(journal.written[0].uid, TARGET.project, NOW - timedelta(days=1)))
    gitlab.failing[method] = NotFoundError("acme/engineering: not found or no access", "check its name")
    with pytest.raises(NotFoundError) as caught:
        planned(gitlab, journal)
    assert caught.value.hint == "set issues.improvement_project"


def test_a_bot_and_a_token_that_may_only_read_file_nothing() -> None:
    reader = FakeGitLab()
    reader.may = frozenset({"read_api"})
    for gitlab in (reader, FakeGitLab(me=GitLabUser(91, "group_70_bot", "Token", bot=True))):
        with pytest.raises(AuthError):
            planned(gitlab, FakeJournal(typed()))
