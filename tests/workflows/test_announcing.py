"""Announcing acks: once, in the right channel, without what only some may know, and never in the ack's way."""

from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RemoteError
from secops_oncall.ports import Slack
from secops_oncall.workflows.announcing import AT_ONCE, Acks, announce
from tests.fakes import NOW, FakeJournal, FakeSlack, a_page, an_issue, plain

CHANNEL = "#security-department"
PAGE = plain(a_page("Q1CANARYTOKEN01", number=4117, title="Canary token opened", service="Canary Tokens"))
LINK = "<https://acme.pagerduty.com/incidents/Q1CANARYTOKEN01|4117>"
SILENT = RemoteError("Slack does not answer", "try again")


def post(
    slack: FakeSlack, *pages: Page, issues: dict[str, list[Issue]] | None = None, joined: str = "", **more: Any
) -> list[Outcome]:
    acks = Acks("Ana Ferreira", pages or (PAGE,), frozenset([joined]), NOW)
    return announce(lambda: slack, more.get("journal") or FakeJournal(), CHANNEL, acks, issues or {})


def said(slack: FakeSlack) -> list[str]:
    return [line for message in slack.posted[CHANNEL] for line in message.values()]


def test_who_acked_which_page_and_where_it_is() -> None:
    slack, journal = FakeSlack(), FakeJournal()
    (outcome,) = post(slack, journal=journal)
    assert slack.posted == {
        CHANNEL: [{"oncall:ack:Q1CANARYTOKEN01": f"Ana Ferreira acked page {LINK} (Canary Tokens)"}]
    }
    assert (outcome.result, outcome.place, outcome.number, outcome.message) == (
        Result.DONE,
        "slack",
        4117,
        "in #security-department",
    )
    assert [(one.kind, one.subject) for one in journal.written] == [("announce", PAGE.id), ("announced", PAGE.id)]
    assert journal.written[1].data == {"channel": CHANNEL, "ts": "1"}


@pytest.mark.parametrize(
    ("issues", "told"),
    [
        ([], False),
        ([an_issue("g/p#1")], True),
        ([an_issue("g/p#1", confidential=True)], False),
        ([an_issue("g/p#1"), an_issue("g/p#2", confidential=True)], False),
    ],
)
def test_the_title_only_where_the_issue_is_known_and_open_to_all(issues: list[Issue], told: bool) -> None:
    slack = FakeSlack()
    post(slack, issues={PAGE.id: issues})
    assert said(slack)[0].endswith(": Canary token opened") is told


def test_a_hostile_title_stays_text() -> None:
    slack = FakeSlack()
    page = plain(a_page("Q1HOSTILE", title="<!channel> *x* <https://evil.example|bank> `", service="<@U0ANA>"))
    post(slack, page, issues={page.id: [an_issue("g/p#1")]})
    (line,) = said(slack)
    assert line.count("<") == 1
    assert line.endswith("(`&lt;@U0ANA&gt;`): `&lt;!channel&gt; *x* &lt;https://evil.example|bank&gt; '`")


def test_what_somebody_else_owns_was_joined() -> None:
    slack = FakeSlack()
    post(slack, joined=PAGE.id)
    assert said(slack)[0].startswith("Ana Ferreira joined page")


def test_a_storm_is_few_messages() -> None:
    slack, pages = FakeSlack(), [plain(a_page(f"Q1STORM{number:07}")) for number in range(AT_ONCE + 1)]
    outcomes = post(slack, *pages)
    assert [len(message) for message in slack.posted[CHANNEL]] == [AT_ONCE, 1]
    assert [one.id for one in outcomes] == [page.id for page in pages]


@pytest.mark.parametrize(
    ("error", "code"),
    [(NotFoundError("no channel", "invite it"), "not_found"), (RemoteError("429", "wait", answered=429), "remote")],
)
def test_a_refusal_is_an_outcome(error: OncallError, code: str) -> None:
    slack, journal = FakeSlack(), FakeJournal()
    slack.failing = {"post": error}
    (outcome,) = post(slack, journal=journal)
    assert (outcome.result, outcome.code) == (Result.FAILED, code)
    assert (outcome.message, outcome.hint) == (f"not announced: {error.message}", error.hint)
    assert [one.kind for one in journal.written] == ["announce"]


def test_no_token_is_an_outcome() -> None:
    def none() -> Slack:
        raise AuthError("no Slack token", "export …")

    (outcome,) = announce(none, FakeJournal(), CHANNEL, Acks("Ana", [PAGE], frozenset(), NOW), {})
    assert (outcome.result, outcome.code) == (Result.FAILED, "auth")


def test_without_an_answer_it_is_looked_up_and_never_sent_again() -> None:
    slack = FakeSlack()
    slack.lost = SILENT
    assert post(slack)[0].result is Result.DONE
    assert len(slack.posted[CHANNEL]) == 1


@pytest.mark.parametrize(
    ("answered", "expected", "told"),
    [(None, Result.UNKNOWN, "no answer"), (500, Result.FAILED, "not announced: no answer")],
)
def test_where_it_is_not_found(answered: int | None, expected: Result, told: str) -> None:
    slack = FakeSlack()
    slack.failing = {"post": RemoteError("no answer", "try again", answered=answered)}
    (outcome,) = post(slack)
    assert (outcome.result, outcome.message, slack.posted) == (expected, told, {})
    assert outcome.hint == ("try again" if answered else f"look in {CHANNEL}, to see if it is there")


def test_where_it_can_t_be_looked_up() -> None:
    slack = FakeSlack()
    slack.lost, slack.failing = SILENT, {"find": AuthError("no channels:history", "")}
    (outcome,) = post(slack)
    assert (outcome.result, outcome.code) == (Result.UNKNOWN, "remote")
    assert outcome.message == "Slack does not answer; and to look it up failed: no channels:history"


def test_what_can_t_be_written_down_is_not_sent() -> None:
    slack, journal = FakeSlack(), FakeJournal()
    journal.failing = ConfigError("disk full", "")
    (outcome,) = post(slack, journal=journal)
    assert (outcome.result, outcome.code, slack.posted) == (Result.FAILED, "config", {})


EARLIER = NOW - timedelta(hours=1)


def again(slack: FakeSlack, journal: FakeJournal, *pages: Page) -> list[Outcome]:
    """The acks of pages that I had acked an hour ago."""
    acks = Acks("Ana Ferreira", pages, frozenset(), NOW, {page.id: EARLIER for page in pages})
    return announce(lambda: slack, journal, CHANNEL, acks, {})


def test_what_the_journal_has_as_announced_since_is_not_looked_for_there() -> None:
    slack, journal = FakeSlack(), FakeJournal(Event(EARLIER, "announced", PAGE.id))
    slack.failing = {"find": SILENT, "post": SILENT}
    (outcome,) = again(slack, journal, PAGE)
    assert (outcome.result, outcome.message, len(journal.written)) == (Result.ALREADY, f"in {CHANNEL}", 1)


def test_an_announcement_of_an_earlier_ack_is_none_of_this_one() -> None:
    slack, journal = FakeSlack(), FakeJournal(Event(EARLIER - timedelta(seconds=1), "announced", PAGE.id))
    (outcome,) = again(slack, journal, PAGE)
    assert (outcome.result, len(slack.posted[CHANNEL])) == (Result.DONE, 1)


def test_of_several_acked_before_only_those_are_posted_that_were_not() -> None:
    slack, journal = FakeSlack(), FakeJournal()
    pages = [plain(a_page(f"Q1PAGE{number}")) for number in range(3)]
    post(slack, pages[1])
    outcomes = again(slack, journal, *pages)
    assert [(one.id, one.result) for one in outcomes] == [
        (pages[0].id, Result.DONE),
        (pages[1].id, Result.ALREADY),
        (pages[2].id, Result.DONE),
    ]
    assert [sorted(message) for message in slack.posted[CHANNEL]] == [
        ["oncall:ack:Q1PAGE1"],
        ["oncall:ack:Q1PAGE0", "oncall:ack:Q1PAGE2"],
    ]
    assert {one.subject for one in journal.written if one.kind == "announced"} == {page.id for page in pages}


def test_where_it_can_t_be_told_whether_it_was_announced_nothing_is_posted() -> None:
    slack = FakeSlack()
    slack.failing = {"find": AuthError("no channels:history", "give it")}
    (outcome,) = again(slack, FakeJournal(), PAGE)
    assert (outcome.result, outcome.code, outcome.hint, slack.posted) == (Result.FAILED, "auth", "give it", {})
    assert outcome.message == "not announced: whether it was before could not be looked up: no channels:history"
