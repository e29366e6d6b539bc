"""The issue behind an acked page: mine where nobody has it, with one internal note that says so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from secops_oncall.domain.flight import FLIGHT
from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, IssueNote
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.errors import AuthError, ConfigError, RejectedError, RemoteError
from secops_oncall.workflows.owning import Ownership, own, unasked
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal, a_page, an_issue, plain

CANARY, TRAVEL = plain(a_page("Q1CANARYTOKEN01", number=4117)), plain(a_page("Q1TRAVEL000002", number=4116))
ISSUE, OTHER = an_issue("g/p#1"), an_issue("g/p#2")
MARKER = "<!-- oncall:ack Q1CANARYTOKEN01 -->"
SILENT, BROKEN = RemoteError("no answer", ""), RemoteError("it answers 500", "", answered=500)


def take(
    gitlab: FakeGitLab,
    issues: dict[str, list[Issue]] | None = None,
    journal: FakeJournal | None = None,
    at: datetime = NOW,
) -> list[Outcome]:
    found = {CANARY.id: [ISSUE]} if issues is None else issues
    pages = [page for page in (CANARY, TRAVEL) if page.id in found]
    return own(gitlab, journal or FakeJournal(), Ownership(ME.person, pages, at), found)


def results(outcomes: Sequence[Outcome]) -> list[tuple[str, str | None, str]]:
    return [(one.place, one.ref, one.result.value) for one in outcomes]


class Losing(FakeGitLab):
    """A GitLab whose answers to some writes get lost, once they are carried out."""

    lost: dict[str, RemoteError] = {}  # noqa: RUF012 - a test's

    def edit(self, *args: Any, **more: Any) -> Issue:
        answer = super().edit(*args, **more)
        if "edit" in self.lost:
            raise self.lost["edit"]
        return answer

    def add_note(self, *args: Any, **more: Any) -> IssueNote:
        answer = super().add_note(*args, **more)
        if "add_note" in self.lost:
            raise self.lost["add_note"]
        return answer


def test_one_put_and_one_internal_note() -> None:
    gitlab, journal = FakeGitLab([ISSUE]), FakeJournal()
    outcomes = take(gitlab, journal=journal)
    assert results(outcomes) == [("gitlab", "g/p#1", "done"), ("gitlab-note", "g/p#1", "done")]
    assert [name for name, *_ in gitlab.writes] == ["edit", "add_note"]
    assert gitlab.writes[0] == ("edit", "g/p#1", IssueEdit((11,)))
    assert (gitlab.kept["g/p#1"].assignees, gitlab.kept["g/p#1"].labels) == (("ana",), ISSUE.labels)
    (note,) = gitlab.comments["g/p#1"]
    assert note.internal
    assert note.text == (
        "Ana Ferreira acked page [4117](<https://acme.pagerduty.com/incidents/Q1CANARYTOKEN01>) "
        "(2026-11-23 14:00 UTC): whoever acks a page first owns it and the work behind it."
    )
    assert gitlab.writes[1][3] == (MARKER,)
    intent, end = journal.written
    assert (intent.kind, intent.subject, end.data["sent"]) == ("own", CANARY.id, intent.uid)


def test_a_second_time_nothing_is_written() -> None:
    gitlab = FakeGitLab([ISSUE])
    take(gitlab)
    again = take(gitlab, {CANARY.id: [gitlab.kept["g/p#1"]]})
    assert results(again) == [("gitlab", "g/p#1", "already"), ("gitlab-note", "g/p#1", "already")]
    assert len(gitlab.writes) == 2


def test_what_somebody_has_is_left_to_them() -> None:
    gitlab = FakeGitLab([replace(ISSUE, assignees=("eva",))])
    outcomes = take(gitlab, {CANARY.id: [gitlab.kept["g/p#1"]]})
    assert (outcomes[0].result, outcomes[0].message) == (Result.ALREADY, "it belongs to eva, and is left so")
    assert [name for name, *_ in gitlab.writes] == ["add_note"]


def test_a_storm_on_one_issue_is_one_put_and_one_note() -> None:
    gitlab = FakeGitLab([ISSUE])
    take(gitlab, {CANARY.id: [ISSUE], TRAVEL.id: [ISSUE]})
    assert [name for name, *_ in gitlab.writes] == ["edit", "add_note"]
    assert gitlab.writes[1][3] == (MARKER, "<!-- oncall:ack Q1TRAVEL000002 -->")
    assert "acked pages [4117]" in gitlab.writes[1][2][0]


def test_only_what_no_note_says_is_noted() -> None:
    gitlab = FakeGitLab([ISSUE])
    take(gitlab)
    take(gitlab, {CANARY.id: [ISSUE], TRAVEL.id: [ISSUE]})
    assert gitlab.writes[-1][3] == ("<!-- oncall:ack Q1TRAVEL000002 -->",)


def test_none_is_passed_over_and_several_are_refused() -> None:
    gitlab = FakeGitLab([ISSUE, OTHER])
    assert take(gitlab, {CANARY.id: []}) == []
    (outcome,) = take(gitlab, {CANARY.id: [ISSUE, OTHER]})
    assert (outcome.result, outcome.code, outcome.number) == (Result.REFUSED, "ambiguous", 4117)
    assert "g/p#1, g/p#2" in outcome.message
    assert gitlab.writes == []


def test_a_bot_gets_nothing() -> None:
    gitlab = FakeGitLab([ISSUE], me=GitLabUser(90, "group_bot", "Bot", bot=True))
    (outcome,) = take(gitlab)
    assert (outcome.result, outcome.code, gitlab.writes) == (Result.FAILED, "auth", [])
    assert "the bot group_bot" in outcome.message


def test_a_note_that_gitlab_made_public_is_a_failure() -> None:
    gitlab = FakeGitLab([ISSUE])
    gitlab.keeps_internal = False
    _, note = take(gitlab)
    assert (note.result, "readable to all" in note.message) == (Result.FAILED, True)


def test_a_refusal_of_one_hides_nothing_of_the_other() -> None:
    gitlab = FakeGitLab([ISSUE])
    gitlab.failing = {"edit": AuthError("may not assign", "another token"), "marked": BROKEN}
    assigned, noted = take(gitlab)
    assert (assigned.result, assigned.code, assigned.hint) == (Result.FAILED, "auth", "another token")
    assert (noted.result, noted.message, noted.hint) == (Result.FAILED, "the note: it answers 500", BROKEN.hint)
    assert gitlab.writes == []


@pytest.mark.parametrize("lost", [SILENT, BROKEN])
def test_what_is_not_answered_is_looked_up_and_never_sent_again(lost: RemoteError) -> None:
    gitlab = Losing([ISSUE])
    gitlab.lost = {"edit": lost, "add_note": lost}
    assert [one.result for one in take(gitlab)] == [Result.DONE, Result.DONE]
    assert [name for name, *_ in gitlab.writes] == ["edit", "add_note"]


@pytest.mark.parametrize(("error", "expected"), [(SILENT, Result.UNKNOWN), (BROKEN, Result.FAILED)])
def test_what_is_not_there_then(error: RemoteError, expected: Result) -> None:
    gitlab = FakeGitLab([ISSUE])
    gitlab.failing = {"edit": error, "add_note": error}
    assert [one.result for one in take(gitlab)] == [expected, expected]


def test_while_a_note_may_still_arrive_no_other_is_sent() -> None:
    gitlab, journal = FakeGitLab([ISSUE]), FakeJournal()
    gitlab.failing = {"add_note": SILENT}
    first = take(gitlab, journal=journal)[1]
    gitlab.failing = {}
    _, soon = take(gitlab, {CANARY.id: [ISSUE], TRAVEL.id: [ISSUE]}, journal)
    assert (first.result, soon.result, soon.code) == (Result.UNKNOWN, Result.UNKNOWN, "in_flight")
    assert soon.message == "the note: a run began to send it 0 s ago, and it may still arrive"
    assert first.hint == soon.hint == "the same command again, in half a minute: it looks first"
    assert [name for name, *_ in gitlab.writes].count("add_note") == 1
    _, later = take(gitlab, journal=journal, at=NOW + FLIGHT)
    assert later.result is Result.DONE


def test_one_that_was_refused_is_sent_again_at_once() -> None:
    gitlab, journal = FakeGitLab([ISSUE]), FakeJournal()
    gitlab.failing = {"add_note": AuthError("may not comment", "another token")}
    assert take(gitlab, journal=journal)[1].result is Result.FAILED
    gitlab.failing = {}
    assert take(gitlab, journal=journal)[1].result is Result.DONE


def test_what_can_t_be_looked_up_is_unknown() -> None:
    gitlab = Losing([ISSUE])
    gitlab.lost, gitlab.failing = {"edit": SILENT}, {"issue": BROKEN}
    assert take(gitlab)[0].result is Result.UNKNOWN


def test_a_note_that_can_t_be_written_down_is_not_sent() -> None:
    gitlab, journal = FakeGitLab([ISSUE]), FakeJournal()
    journal.failing = ConfigError("disk full", "")
    assigned, noted = take(gitlab, journal=journal)
    assert (assigned.result, noted.result, noted.code) == (Result.DONE, Result.FAILED, "config")
    assert [name for name, *_ in gitlab.writes] == ["edit"]


def test_an_issue_that_was_not_looked_for() -> None:
    refused = RejectedError("GitLab refused", "look", answered=422)
    pages: list[Page] = [CANARY]
    assert [(one.number, one.result, one.message, one.hint) for one in unasked(pages, refused)] == [
        (4117, Result.FAILED, "its issue is not assigned: GitLab refused", "look")
    ]
