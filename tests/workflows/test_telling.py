"""A notice in the issue and in Slack: each exactly once, whatever fails or is killed in between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain import notices
from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import FLIGHT
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.notices import About, Notice
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.slack import Message
from secops_oncall.domain.telling import BEGUN, LASTS, SENDING
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RejectedError, RemoteError
from secops_oncall.workflows.incidents import Desk
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.telling import Where, tell, where
from tests.fakes import NOW, FakeGitLab, FakeJournal, FakeSlack, an_issue
from tests.workflows.rooms import ANA, BROKEN, CHANNEL, HANDLES, ONE, REF, SILENT, desk, pager

ISSUE = an_issue(REF, ONE, title="Leaked key")
HERE = Where(CHANNEL, CHANNEL, whole=True)
STARTED = 3  # events that are written before the first request
WORDS = "contained: the key is revoked"


class Losing(FakeGitLab):
    """A GitLab whose answer to a note is lost; `arrives` says whether the note wasn't."""

    lost: OncallError | None = None
    arrives = True

    def add_note(self, *args: Any, **more: Any) -> IssueNote:
        if self.lost and not self.arrives:
            raise self.lost
        answer = super().add_note(*args, **more)
        if self.lost:
            raise self.lost
        return answer


def update(words: str = WORDS, issue: Issue = ISSUE) -> Notice:
    return notices.update(About(issue, ANA, ANA, HANDLES, "shift"), words)


def world() -> tuple[FakeGitLab, FakeSlack]:
    return FakeGitLab([ISSUE]), FakeSlack()


def told(at: Desk, notice: Notice | None = None, place: Where | None = HERE, **more: Any) -> Acted:
    return tell(at, notice or update(), place, more.pop("now", NOW), **more)


def results(acted: Acted) -> list[tuple[str, str]]:
    return [(one.place, one.result.value) for one in acted.outcomes]


def texts(gitlab: FakeGitLab) -> list[str]:
    return [note.text for note in gitlab.comments.get(REF, ())]


def words_of(slack: FakeSlack) -> list[str]:
    return ["\n".join(message.values()) for some in slack.posted.values() for message in some]


def test_both_places_get_it_and_the_journal_knows_before() -> None:
    gitlab, slack, journal = FakeGitLab([ISSUE]), FakeSlack(), FakeJournal()
    acted = told(desk(pager(), gitlab, slack, journal))
    assert results(acted) == [("gitlab-note", "done"), ("slack", "done")]
    assert (texts(gitlab), acted.outcomes[0].message, acted.outcomes[1].message) == ([WORDS], "internal", "in C0SECOPS")
    assert [event.kind for event in journal.written] == [SENDING, SENDING, BEGUN, SENDING, SENDING, BEGUN]
    begun, ended = journal.written[2], journal.written[-1]
    assert (begun.subject, begun.text, ended.data["sent"]) == ("issue-101", WORDS, begun.uid)
    assert gitlab.writes[0][3] == (f"<!-- oncall:once {begun.uid} -->", "<!-- oncall:update shift issue-101 -->")
    assert list(slack.posted[CHANNEL][0]) == [f"oncall:update:{begun.uid}"]


def test_nothing_is_sent_where_the_journal_cannot_be_written() -> None:
    gitlab, slack, journal = FakeGitLab([ISSUE]), FakeSlack(), FakeJournal()
    journal.failing = ConfigError("the disk is full", "make room")
    with pytest.raises(ConfigError):
        told(desk(pager(), gitlab, slack, journal))
    assert (gitlab.writes, slack.posted) == ([], {})


def test_a_dry_run_sends_nothing_and_writes_nothing_down() -> None:
    gitlab, slack, journal = FakeGitLab([ISSUE]), FakeSlack(), FakeJournal()
    acted = told(desk(pager(), gitlab, slack, journal), dry_run=True)
    assert results(acted) == [("gitlab-note", "planned"), ("slack", "planned")]
    assert (gitlab.writes, slack.posted, journal.written) == ([], {}, [])
    assert results(told(desk(pager(), gitlab), place=None, dry_run=True)) == [("gitlab-note", "planned")]


def test_without_a_channel_only_the_issue_gets_it() -> None:
    assert results(told(desk(pager(), FakeGitLab([ISSUE])), place=None)) == [("gitlab-note", "done")]


def test_a_note_on_a_confidential_issue_is_no_internal_one() -> None:
    secret = replace(ISSUE, confidential=True)
    gitlab = FakeGitLab([secret])
    told(desk(pager(), gitlab), update(issue=secret))
    assert not gitlab.comments[REF][0].internal
    open_to_all = FakeGitLab([ISSUE])
    told(desk(pager(), open_to_all, internal=False))
    assert not open_to_all.comments[REF][0].internal


def test_an_internal_note_that_gitlab_made_readable_has_failed() -> None:
    gitlab = FakeGitLab([ISSUE])
    gitlab.keeps_internal = False
    assert results(told(desk(pager(), gitlab))) == [("gitlab-note", "failed"), ("slack", "done")]


@pytest.mark.parametrize(
    ("lost", "arrives", "result"),
    [(SILENT, True, "done"), (SILENT, False, "unknown"), (BROKEN, True, "done"), (BROKEN, False, "failed")],
)
def test_a_note_without_an_answer_is_looked_up_and_never_sent_again(
    lost: OncallError, arrives: bool, result: str
) -> None:
    gitlab = Losing([ISSUE])
    gitlab.lost, gitlab.arrives = lost, arrives
    assert results(told(desk(pager(), gitlab)))[0] == ("gitlab-note", result)
    assert len(texts(gitlab)) == int(arrives)


@pytest.mark.parametrize(("lost", "result"), [(SILENT, "done"), (BROKEN, "done")])
def test_a_message_without_an_answer_is_looked_up(lost: OncallError, result: str) -> None:
    slack = FakeSlack()
    slack.lost = lost
    assert results(told(desk(pager(), FakeGitLab([ISSUE]), slack)))[1] == ("slack", result)
    assert len(words_of(slack)) == 1


@pytest.mark.parametrize(
    ("failing", "result", "code"),
    [
        ({"post": SILENT}, "unknown", "remote"),
        ({"post": BROKEN}, "failed", "remote"),
        ({"post": SILENT, "find": BROKEN}, "unknown", "remote"),
        ({"post": NotFoundError("Slack has no channel", "check")}, "failed", "not_found"),
        ({"post": RejectedError("not in it", "check", answered=200)}, "failed", "remote"),
    ],
)
def test_a_message_that_is_not_there(failing: dict[str, OncallError], result: str, code: str) -> None:
    slack = FakeSlack()
    slack.failing = failing
    acted = told(desk(pager(), FakeGitLab([ISSUE]), slack))
    assert [(one.result.value, one.code) for one in acted.outcomes] == [("done", ""), (result, code)]
    assert acted.outcomes[1].next_step


def test_without_a_slack_token_the_issue_has_it_and_a_later_run_does_the_rest_once() -> None:
    gitlab, slack, journal = FakeGitLab([ISSUE]), FakeSlack(), FakeJournal()
    first = told(desk(pager(), gitlab, AuthError("there is no token for Slack", "export …"), journal))
    assert results(first) == [("gitlab-note", "done"), ("slack", "failed")]
    again = told(desk(pager(), gitlab, slack, journal))
    assert results(again) == [("gitlab-note", "already"), ("slack", "done")]
    assert (len(texts(gitlab)), len(words_of(slack))) == (1, 1)


@pytest.mark.parametrize("arrived", [(), ("note",), ("message",), ("note", "message")])
def test_killed_between_and_run_again_each_place_has_it_once(arrived: tuple[str, ...]) -> None:
    """What was sent arrived or not; nobody saw the answers, and the journal has the beginning alone."""
    gitlab, slack, journal = FakeGitLab([ISSUE]), FakeSlack(), FakeJournal()
    told(desk(pager(), gitlab, slack, journal))
    journal.written = journal.written[:STARTED]
    if "note" not in arrived:
        gitlab.comments[REF], gitlab.signed[REF] = [], []
    if "message" not in arrived:
        slack.posted.clear()
    at, there = desk(pager(), gitlab, slack, journal), (len(texts(gitlab)), len(words_of(slack)))
    soon = told(at)
    assert {one.code for one in soon.outcomes} <= {"in_flight", "noted", "posted"}
    assert (len(texts(gitlab)), len(words_of(slack))) == there
    again = told(at, now=NOW + FLIGHT) if soon.exit_code else soon
    assert {one.result for one in again.outcomes} <= {Result.DONE, Result.ALREADY}
    assert (len(texts(gitlab)), len(words_of(slack))) == (1, 1)


def test_what_arrives_only_after_the_next_run_has_looked_is_there_once() -> None:
    """The first run was killed while its requests were on their way; nothing of them is there yet."""
    (late_lab, late_slack), (gitlab, slack), journal = world(), world(), FakeJournal()
    told(desk(pager(), late_lab, late_slack, journal))
    journal.written = journal.written[:STARTED]
    at = desk(pager(), gitlab, slack, journal)
    early = told(at, now=NOW + timedelta(seconds=2))
    assert [(one.result.value, one.code) for one in early.outcomes] == [("unknown", "in_flight")] * 2
    assert early.outcomes[0].next_step == "the same command again, in half a minute: it looks first"
    gitlab.comments, gitlab.signed, slack.posted = late_lab.comments, late_lab.signed, late_slack.posted
    assert results(told(at, now=NOW + FLIGHT)) == [("gitlab-note", "already"), ("slack", "already")]
    assert results(told(at, now=NOW + FLIGHT)) == [("gitlab-note", "done"), ("slack", "done")]


class Racing(FakeJournal):
    """A journal into which another run writes its first words just before this one does."""

    rival: Callable[[], object] | None = None

    def append(self, *events: Event) -> None:
        rival, self.rival = self.rival, None
        if rival:
            rival()
        super().append(*events)


def test_of_two_runs_at_once_the_first_sends_and_the_other_means_that_very_notice() -> None:
    gitlab, slack, journal = FakeGitLab([ISSUE]), FakeSlack(), Racing()
    at = desk(pager(), gitlab, slack, journal)

    def rival() -> None:
        told(at)
        journal.written = journal.written[:STARTED]  # it has its answers, and has not written them down yet

    journal.rival = rival
    assert [one.code for one in told(at).outcomes] == ["in_flight", "in_flight"]
    assert (len(texts(gitlab)), len(words_of(slack))) == (1, 1)
    assert results(told(at, now=NOW + FLIGHT)) == [("gitlab-note", "already"), ("slack", "already")]


def test_what_failed_is_sent_again_at_once_and_the_way_is_said() -> None:
    (gitlab, slack), journal = world(), FakeJournal()
    slack.failing = {"post": BROKEN}
    at = desk(pager(), gitlab, slack, journal)
    assert told(at).outcomes[1].next_step == "try again; then the same command again, which sends only what is missing"
    slack.failing = {}
    assert results(told(at)) == [("gitlab-note", "already"), ("slack", "done")]


def test_the_same_words_again_are_another_notice_once_the_first_is_everywhere() -> None:
    gitlab, slack, journal = FakeGitLab([ISSUE]), FakeSlack(), FakeJournal()
    at = desk(pager(), gitlab, slack, journal)
    assert results(told(at)) == results(told(at))
    assert (len(texts(gitlab)), len(words_of(slack))) == (2, 2)


def test_what_was_cut_off_in_another_shift_is_not_taken_up() -> None:
    gitlab, journal = FakeGitLab([ISSUE]), FakeJournal()
    long_ago = NOW - LASTS - timedelta(minutes=1)
    journal.append(Event(long_ago, BEGUN, "issue-101", WORDS, {"kind": "update"}))
    told(desk(pager(), gitlab, FakeSlack(), journal))
    assert [event.kind for event in journal.written].count(BEGUN) == 3  # its own beginning and end


def test_a_thread_that_the_notice_itself_links_is_no_reason_to_post_it_again() -> None:
    gitlab, slack, journal = FakeGitLab([ISSUE]), FakeSlack(), FakeJournal()
    at = desk(pager(), gitlab, slack, journal)
    told(at)
    journal.written = journal.written[:STARTED]
    threaded = replace(HERE, thread=Message(CHANNEL, "1760000000.000100"))
    assert results(told(at, place=threaded)) == [("gitlab-note", "already"), ("slack", "already")]


def test_in_a_thread_it_is_found_again_there() -> None:
    slack, journal = FakeSlack(), FakeJournal()
    at, threaded = desk(pager(), FakeGitLab([ISSUE]), slack, journal), replace(HERE, thread=Message(CHANNEL, "17.1"))
    assert results(told(at, place=threaded))[1] == ("slack-thread", "done")
    assert list(slack.posted) == [f"{CHANNEL}/17.1"]
    journal.written = journal.written[:STARTED]
    assert results(told(at, place=threaded))[1] == ("slack-thread", "already")


@pytest.mark.parametrize("confidential", [True, False])
def test_where_the_issue_has_other_readers_than_was_asked_about_nothing_is_sent(confidential: bool) -> None:
    gitlab, slack, journal = FakeGitLab([replace(ISSUE, confidential=confidential)]), FakeSlack(), FakeJournal()
    acted = told(desk(pager(), gitlab, slack, journal), update(issue=replace(ISSUE, confidential=not confidential)))
    assert results(acted) == [("gitlab-note", "refused"), ("slack", "refused")]
    assert {one.code for one in acted.outcomes} == {"changed"} and all(one.next_step for one in acted.outcomes)
    assert (gitlab.writes, slack.posted, journal.written) == ([], {}, [])


def test_an_issue_that_was_moved_meanwhile_gets_nothing() -> None:
    (_, slack), gitlab = world(), FakeGitLab([replace(ISSUE, moved=True)])
    acted = told(desk(pager(), gitlab, slack))
    assert acted.outcomes[0].message == f"{REF} was moved to another project meanwhile: nothing was sent"
    assert (gitlab.writes, slack.posted) == ([], {})


def test_where_nobody_can_tell_who_reads_the_issue_now_nothing_is_sent() -> None:
    gitlab, slack, journal = FakeGitLab([ISSUE]), FakeSlack(), FakeJournal()
    gitlab.failing = {"issue": BROKEN}
    with pytest.raises(RemoteError):
        told(desk(pager(), gitlab, slack, journal))
    assert (gitlab.writes, slack.posted, journal.written) == ([], {}, [])


# Where it goes, and how much of it


@pytest.mark.parametrize(
    ("confidential", "in_slack", "private", "whole"),
    [
        (False, "none", False, True),
        (True, "none", True, False),
        (True, "six-fields", False, False),
        (True, "six-fields", True, True),
    ],
)
def test_of_a_confidential_issue_a_private_channel_alone_gets_more_where_that_is_set(
    confidential: bool, in_slack: str, private: bool, whole: bool
) -> None:
    slack = FakeSlack()
    slack.private = {CHANNEL} if private else set()
    place = where(desk(pager(), FakeGitLab(), slack, in_slack=in_slack), confidential, [])
    assert place and place.whole is whole
    secret = replace(ISSUE, confidential=confidential)
    told(desk(pager(), FakeGitLab([secret]), slack), update(issue=secret), place)
    assert (WORDS in words_of(slack)[0], "Leaked key" in words_of(slack)[0]) == (whole, whole)


def test_a_channel_of_which_nothing_is_known_is_taken_for_a_public_one() -> None:
    slack = FakeSlack()
    slack.failing = {"channel": SILENT}
    assert where(desk(pager(), FakeGitLab(), slack, in_slack="six-fields"), True, []) == Where(CHANNEL, CHANNEL, False)
    linked = [Message(CHANNEL, "17.1")]
    assert where(desk(pager(), FakeGitLab(), slack), False, linked) == Where(CHANNEL, CHANNEL, True)


def test_only_a_thread_of_that_very_channel_is_answered_in() -> None:
    here, elsewhere = Message(CHANNEL, "17.2"), Message("C0PUBLIC", "17.1")
    at = desk(pager(), FakeGitLab(), FakeSlack())
    assert where(at, False, [elsewhere, here]) == Where(CHANNEL, CHANNEL, True, here)
    assert where(at, False, [elsewhere]) == Where(CHANNEL, CHANNEL, True)
    assert where(desk(pager(), FakeGitLab(), channel=None), False, [here]) is None


def test_slack_is_not_asked_where_it_doesnt_matter() -> None:
    slack = AuthError("nobody asks", "x")
    assert where(desk(pager(), FakeGitLab(), slack), True, []) == Where(CHANNEL, CHANNEL, False)
