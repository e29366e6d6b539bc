"""An ack, announced in Slack: once, where it was told to, and never in the tick's way."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.cli import following
from secops_oncall.sandbox import cast
from secops_oncall.workflows import after_ack
from tests.cli.conftest import NOW, Oncall, Served, shown
from tests.sandbox.sessions import slack_as

CANARY, HOSTILE, BENS = "4117", "4115", "4109"
POST = "POST /slack/api/chat.postMessage"
CHANNEL = f"#{cast.ACK_CHANNEL[1]}"
named = pytest.mark.parametrize


@pytest.fixture
def world(served: Served) -> dict[str, Any]:
    """An engineer whose acks are announced."""
    return served.environ(
        ONCALL_SLACK_URL=served.services.addresses.slack,
        ONCALL_SLACK_TOKEN=cast.token("slack"),
        ONCALL_SLACK_ANNOUNCE="true",
    )


def posted(served: Served) -> list[Any]:
    """The messages that were posted in this test, oldest first."""
    since = str((NOW - timedelta(seconds=1)).timestamp())
    found: Any = slack_as(served.services).conversations_history(channel=cast.ACK_CHANNEL[0], oldest=since)
    return list(reversed(found["messages"]))


def test_each_ack_is_announced_once(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    ran = oncall("ack", CANARY, **world)
    assert (ran.code, ran.out.splitlines()[1]) == (0, f"✓ announced slack 4117: in {CHANNEL}")
    (message,) = posted(served)
    page = "<https://acme-security.pagerduty.com/incidents/Q1CANARYTOKEN01|4117>"
    title = "`Canary token opened: finance-share/passwords.xlsx`"
    assert message["text"] == f"Ana Ferreira acked page {page} (Canary Tokens): {title}"
    assert [block["block_id"] for block in message["blocks"]] == ["oncall:ack:Q1CANARYTOKEN01"]
    again = oncall("ack", CANARY, **world)
    assert (again.code, again.out.splitlines()[1]) == (0, f"✓ already announced slack 4117: in {CHANNEL}")
    assert served.asked.count("POST /slack/api/conversations.history") == 1, "that was this test's own"
    assert len(posted(served)) == 1


def test_on_another_machine_it_is_found_and_not_announced_again(
    oncall: Oncall, served: Served, world: dict[str, Any], tmp_path: Path
) -> None:
    oncall("ack", CANARY, **world)
    ran = oncall("ack", CANARY, **{**world, "ONCALL_STATE_DIR": str(tmp_path / "another")})
    assert (ran.code, ran.out.splitlines()[1].split()[1:3], len(posted(served))) == (0, ["already", "announced"], 1)


def test_the_same_ack_again_announces_what_could_not_be(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    served.fail("POST", "chat.postMessage", 503)
    assert oncall("ack", CANARY, **world).code == 7
    assert posted(served) == []
    again = oncall("ack", CANARY, **world)
    assert (again.code, again.out.splitlines()[1]) == (0, f"✓ announced slack 4117: in {CHANNEL}")
    assert len(posted(served)) == 1


def test_gitlab_that_hangs_holds_neither_the_announcement_nor_the_engineer_for_long(
    oncall: Oncall, served: Served, world: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(after_ack, "SOON", 0.3)
    monkeypatch.setattr(following, "LATE", 0.3)
    served.fail("GET", "/gitlab", 0, times=-1, hold=5.0)
    began = time.monotonic()
    ran = oncall("ack", CANARY, **{**world, "ONCALL_PAGES_ASSIGN_ISSUE": "true"})
    assert time.monotonic() - began < 4
    assert [line.split()[1] for line in ran.out.splitlines()] == ["acked", "announced", "failed"]
    assert (ran.code, "GitLab has not answered in time" in ran.out) == (7, True)
    assert "  hint: the same oncall ack again\n" in ran.err


def test_several_are_one_message_with_a_block_each(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    ran = oncall("ack", "--all", "--json", **world)
    assert [(one["place"], one["result"]) for one in ran.json] == [("pagerduty", "done")] * 3 + [("slack", "done")] * 3
    (message,) = posted(served)
    assert len(message["blocks"]) == 3


def test_a_hostile_title_never_gets_there(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    """Its page has no issue, so that nobody knows who may read it; and it couldn't do anything."""
    oncall("ack", HOSTILE, **world)
    assert "Invoice" not in posted(served)[0]["text"]


def test_nor_does_that_of_a_page_whose_issue_is_confidential(
    oncall: Oncall, served: Served, world: dict[str, Any]
) -> None:
    assert oncall("show", "4114", "--json", **world).json["issue"]["confidential"]
    oncall("ack", "4114", **world)
    assert posted(served)[0]["text"].endswith("|4114> (Endpoint Detection)")


def test_without_gitlab_it_goes_out_without_a_title(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    served.fail("*", "/gitlab", 503, times=-1)
    assert oncall("ack", CANARY, **world).code == 0
    assert posted(served)[0]["text"].endswith("(Canary Tokens)")


def test_who_joins_says_so(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    oncall("ack", BENS, "--force", **world)
    assert posted(served)[0]["text"].startswith("Ana Ferreira joined page")


@named(("after", "code", "word"), [(True, 0, "announced"), (False, 7, "unknown")])
def test_a_post_that_is_never_answered_is_looked_up_and_never_sent_again(
    oncall: Oncall, served: Served, world: dict[str, Any], after: bool, code: int, word: str
) -> None:
    served.fail("POST", "chat.postMessage", 0, drop=True, after=after)
    ran = oncall("ack", CANARY, **world)
    assert (ran.code, ran.out.splitlines()[1].split()[1]) == (code, word)
    assert (served.asked.count(POST), len(posted(served))) == (1, int(after))


@named(
    ("change", "said"),
    [
        ({"ONCALL_SLACK_TOKEN": "xoxb-nobodys"}, "Slack rejects the token from ONCALL_SLACK_TOKEN"),
        ({"ONCALL_SLACK_TOKEN": ""}, "no Slack token"),
        ({"ONCALL_SLACK_CHANNEL": "#nowhere"}, "no channel '#nowhere'"),
        ({"ONCALL_SLACK_CHANNEL": "#engineering-all"}, "'#engineering-all': the token's user is not in it"),
        ({"ONCALL_SLACK_CHANNEL": "#inc-payroll-phish"}, "'#inc-payroll-phish': it is archived"),
        ({"ONCALL_SLACK_URL": "http://127.0.0.1:9/api/"}, "the connection was refused"),
        ({"ONCALL_SLACK_URL": "http://slack.example/api/"}, "`slack.url` would send the token unencrypted"),
    ],
)
def test_a_failure_is_one_line_and_7_and_the_ack_stays_done(
    oncall: Oncall, world: dict[str, Any], change: dict[str, str], said: str
) -> None:
    ran = oncall("ack", CANARY, **{**world, **change})
    tick, failed = ran.out.splitlines()
    assert (ran.code, tick.split()[:3], failed.split()[:4]) == (
        7,
        ["✓", "acked", CANARY],
        ["✗", "failed", "slack", "4117:"],
    )
    assert said in failed
    assert "xoxb" not in f"{ran.out}{ran.err}"
    assert shown_status(oncall, world) == "acknowledged"


def shown_status(oncall: Oncall, world: dict[str, Any]) -> Any:
    return oncall("show", CANARY, "--json", **world).json["status"]


@named("options", [["-n"], []], ids=["dry run", "not told to"])
def test_nothing_is_posted(oncall: Oncall, served: Served, world: dict[str, Any], options: list[str]) -> None:
    told = {} if options else {"ONCALL_SLACK_ANNOUNCE": "false"}
    assert oncall("ack", CANARY, *options, **{**world, **told}).code == 0
    assert [asked for asked in served.asked if "/slack" in asked] == []


def test_a_request_is_shown_without_the_token(oncall: Oncall, world: dict[str, Any]) -> None:
    ran = oncall("ack", CANARY, "-v", **world)
    assert "/slack/api/chat.postMessage 200" in ran.err
    assert cast.token("slack") not in ran.err


def test_the_sandbox_by_itself_announces_nothing(oncall: Oncall) -> None:
    assert oncall("ack", CANARY).writes == ["PUT /pagerduty/incidents"]
    assert shown(oncall, CANARY)["status"] == "acknowledged"
