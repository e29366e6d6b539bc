"""Slack: what is posted, found again, refused, repeated, and a token that stays with its host."""

import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.clients.network import Network, Patience
from secops_oncall.clients.slack import SlackClient
from secops_oncall.domain.slack import Message
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RejectedError, RemoteError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, Told, asked
from tests.sandbox.conftest import NOW
from tests.sandbox.sessions import slack_as

CHANNEL = f"#{cast.ACK_CHANNEL[1]}"
LINES = {"oncall:ack:Q1": "Ana acked <https://acme.pagerduty.com/incidents/Q1|4117>", "oncall:ack:Q2": "and `4116`"}
POST = "/slack/api/chat.postMessage"
SINCE = NOW - timedelta(minutes=2)
named = pytest.mark.parametrize


@pytest.fixture
def slack(sandbox: Sandbox, network: Network) -> SlackClient:
    """The client under test, as the engineer whose shift it is."""
    return at(sandbox.addresses.slack, network, cast.token("slack"))


def at(url: str, network: Network, token: str = "xoxb-s3cret") -> SlackClient:
    return SlackClient(url, token, network=network, token_from="ONCALL_SLACK_TOKEN")


def history(sandbox: Sandbox) -> list[dict[str, Any]]:
    return list(slack_as(sandbox).conversations_history(channel=cast.ACK_CHANNEL[0])["messages"])


def test_one_message_with_a_marked_block_for_each_line(slack: SlackClient, sandbox: Sandbox, told: Told) -> None:
    sent = slack.post(CHANNEL, LINES)
    assert asked(sandbox, "POST") == [POST]
    latest = history(sandbox)[0]
    assert sent == Message(cast.ACK_CHANNEL[0], latest["ts"])
    assert latest["text"] == "\n".join(LINES.values())
    assert [(block["block_id"], block["text"]["text"], block["text"]["verbatim"]) for block in latest["blocks"]] == [
        (marker, line, True) for marker, line in LINES.items()
    ]
    assert told.requests == [("POST", f"{sandbox.addresses.slack}chat.postMessage", 200)]


def test_it_is_found_again_by_its_markers(slack: SlackClient, sandbox: Sandbox) -> None:
    sent = slack.post(CHANNEL, LINES)
    assert slack.find(CHANNEL, LINES, SINCE) == sent
    assert slack.find(cast.ACK_CHANNEL[0], ["oncall:ack:Q1"], SINCE) == sent
    assert slack.find(CHANNEL, ["oncall:ack:Q1", "oncall:ack:Q9"], SINCE) is None
    assert slack.find(CHANNEL, LINES, NOW + timedelta(minutes=5)) is None


def test_each_marker_is_found_in_the_last_message_that_has_it(slack: SlackClient, sandbox: Sandbox) -> None:
    first, last = slack.post(CHANNEL, LINES), slack.post(CHANNEL, {"oncall:ack:Q1": "again"})
    (other,) = LINES.keys() - {"oncall:ack:Q1"}
    assert slack.marked(CHANNEL, [*LINES, "oncall:ack:Q9"], SINCE) == {"oncall:ack:Q1": last, other: first}
    assert slack.marked(CHANNEL, LINES, NOW + timedelta(minutes=5)) == {}


def test_somebody_else_s_message_is_none_of_mine(slack: SlackClient, sandbox: Sandbox, network: Network) -> None:
    at(sandbox.addresses.slack, network, cast.token("slack", "ben")).post(CHANNEL, LINES)
    assert slack.find(CHANNEL, LINES, SINCE) is None
    assert slack.marked(CHANNEL, LINES, SINCE) == {}


def test_a_long_history_is_read_to_its_end(slack: SlackClient, sandbox: Sandbox) -> None:
    sent = slack.post(CHANNEL, LINES)
    for number in range(205):
        slack_as(sandbox).chat_postMessage(channel=cast.ACK_CHANNEL[0], text=f"{number}")
    assert slack.find(CHANNEL, LINES, SINCE) == sent


@named(
    ("channel", "kind", "said"),
    [
        ("#nowhere", NotFoundError, "no channel '#nowhere'"),
        (f"#{cast.ARCHIVED_CHANNEL[1]}", RejectedError, "'#inc-payroll-phish': it is archived"),
        (f"#{cast.FOREIGN_CHANNEL[1]}", RejectedError, "'#engineering-all': the token's user is not in it"),
    ],
)
def test_a_channel_that_takes_nothing_is_named(
    slack: SlackClient, channel: str, kind: type[OncallError], said: str
) -> None:
    with pytest.raises(kind, match=said) as caught:
        slack.post(channel, LINES)
    assert not getattr(caught.value, "in_doubt", False)


def test_a_token_that_is_refused(sandbox: Sandbox, network: Network) -> None:
    with pytest.raises(AuthError, match="ONCALL_SLACK_TOKEN") as caught:
        at(sandbox.addresses.slack, network, "xoxb-s3cret").post(CHANNEL, LINES)
    assert "s3cret" not in f"{caught.value.message}{caught.value.hint}"


@named(
    ("answer", "kind", "in_doubt"),
    [
        ({"ok": False, "error": "missing_scope", "needed": "chat:write"}, AuthError, None),
        ({"ok": False, "error": "token_revoked"}, AuthError, None),
        ({"ok": False, "error": "msg_too_long"}, RejectedError, False),
        ({"ok": False, "error": "internal_error"}, RemoteError, True),
        ({"ok": False, "error": "ratelimited"}, RemoteError, False),
        ({"ok": False}, RemoteError, True),
        ({"ok": True}, RemoteError, True),
        ([], RemoteError, True),
        ("<html>login</html>", RemoteError, True),
        ("", RemoteError, True),
    ],
)
def test_what_it_answers(
    service: Service, network: Network, answer: Any, kind: type[OncallError], in_doubt: bool | None
) -> None:
    service.replies = [Reply(body=answer)]
    with pytest.raises(kind) as caught:
        at(service.address, network).post(CHANNEL, LINES)
    assert getattr(caught.value, "in_doubt", None) is in_doubt
    assert len(service.seen) == 1


@named(("status", "in_doubt"), [(500, True), (503, True), (404, True), (302, False)])
def test_a_post_is_never_sent_again(service: Service, network: Network, status: int, in_doubt: bool) -> None:
    service.replies = [Reply(status=status, body="no")]
    with pytest.raises(RemoteError) as caught:
        at(service.address, network).post(CHANNEL, LINES)
    assert (caught.value.in_doubt, len(service.seen)) == (in_doubt, 1)


@named(
    ("status", "headers", "hint"),
    [
        (500, {}, "try again in a minute"),
        (503, {"Retry-After": "7"}, "try again in 7 s"),
        (302, {}, "check `slack.url`"),
    ],
)
def test_after_a_5xx_it_is_to_be_tried_again_and_a_wrong_address_is_checked(
    service: Service, network: Network, status: int, headers: dict[str, str], hint: str
) -> None:
    service.replies = [Reply(status=status, body="no", headers=headers)]
    with pytest.raises(RemoteError) as caught:
        at(service.address, network).post(CHANNEL, LINES)
    assert caught.value.hint == hint


def test_nor_is_one_that_is_not_answered(service: Service, network: Network) -> None:
    service.replies = [Reply(drop=True)]
    with pytest.raises(RemoteError) as caught:
        at(service.address, network).post(CHANNEL, LINES)
    assert (caught.value.answered, len(service.seen)) == (None, 1)


def test_a_post_waits_only_so_long(service: Service) -> None:
    service.replies = [Reply(hold=3)]
    began = time.monotonic()
    with pytest.raises(RemoteError, match="time-out") as caught:
        at(service.address, Network(write=0.2)).post(CHANNEL, LINES)
    assert (caught.value.answered, time.monotonic() - began < 2) == (None, True)


def test_what_never_arrived_is_sent_again_and_said_to_be_unsent(network: Network, told: Told) -> None:
    with pytest.raises(RemoteError, match="refused") as caught:
        at("http://127.0.0.1:9", network).post(CHANNEL, LINES)
    assert (caught.value.in_doubt, len(told.slept)) == (False, 3)


def test_429_is_waited_out_and_told(service: Service, network: Network, told: Told) -> None:
    limited = Reply(status=429, body={"ok": False, "error": "ratelimited"}, headers={"Retry-After": "7"})
    service.replies = [limited, limited, Reply(body={"ok": True, "channel": "C1", "ts": "1.2"})]
    sleeping = replace(network, patience=Patience(clock=lambda: sum(told.slept)))
    assert at(service.address, sleeping).post(CHANNEL, LINES) == Message("C1", "1.2")
    assert (told.waits, told.slept) == ([("Slack", 7.0)] * 2, [7.0, 7.0])


def test_but_not_for_ever(service: Service, network: Network, told: Told) -> None:
    service.replies = [Reply(status=429, headers={"Retry-After": "5"}, body="")]
    with pytest.raises(RemoteError, match="429") as caught:
        at(service.address, network).post(CHANNEL, LINES)
    assert (caught.value.answered, len(service.seen), set(told.slept)) == (429, 4, {5.0})


def test_a_longer_wait_than_anybody_will_wait_fails_at_once(service: Service, network: Network, told: Told) -> None:
    service.replies = [Reply(status=429, headers={"Retry-After": "58"}, body="")]
    with pytest.raises(RemoteError, match="429") as caught:
        at(service.address, network).post(CHANNEL, LINES)
    assert (caught.value.hint, len(service.seen), told.slept) == ("try again in 58 s", 1, [])


def test_reading_is_repeated(service: Service, network: Network) -> None:
    me, rows = {"ok": True, "user_id": "U1"}, {"ok": True, "messages": [{"user": "U2", "ts": "1.2"}]}
    service.replies = [Reply(drop=True), Reply(body=rows), Reply(status=500, body=""), Reply(body=me)]
    assert at(service.address, network).find("C0SECOPS", LINES, SINCE) is None
    assert [seen.path for seen in service.seen] == ["/conversations.history"] * 2 + ["/auth.test"] * 2


def test_a_redirect_never_takes_the_token_along(service: Service, elsewhere: Service, network: Network) -> None:
    for status in (301, 302, 303, 307, 308):
        service.replies = [Reply(status=status, headers={"Location": f"{elsewhere.address}/chat.postMessage"}, body="")]
        with pytest.raises(RemoteError, match=str(status)):
            at(service.address, network).post(CHANNEL, LINES)
    assert elsewhere.seen == []


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    service: Service, elsewhere: Service, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", elsewhere.address)
    monkeypatch.setenv("http_proxy", elsewhere.address)
    service.replies = [Reply(body={"ok": True, "channel": "C1", "ts": "1.2"})]
    at(service.address, network).post(CHANNEL, LINES)
    assert (len(service.seen), elsewhere.seen) == (1, [])


def test_no_proxy_is_told_its_password_in_the_clear(network: Network) -> None:
    behind = replace(network, environ={"HTTPS_PROXY": "https://ana:p4ss@proxy.example:3129"})
    with pytest.raises(ConfigError, match="HTTPS_PROXY"):
        at("https://slack.com/api/", behind)


def test_the_token_goes_in_a_header_only(service: Service, network: Network) -> None:
    service.replies = [Reply(body={"ok": True, "channel": "C1", "ts": "1.2"})]
    at(service.address, network).post(CHANNEL, LINES)
    (seen,) = service.seen
    assert seen.headers["authorization"] == "Bearer xoxb-s3cret"
    assert seen.headers["user-agent"].startswith("secops-oncall")
    assert "s3cret" not in f"{seen.path}{seen.body}"


def test_no_time_left_is_no_request(service: Service, network: Network) -> None:
    network.patience.seconds = 0
    with pytest.raises(RemoteError) as caught:
        at(service.address, network).post(CHANNEL, LINES)
    assert (caught.value.in_doubt, service.seen) == (False, [])


@named("url", ["http://slack.example/api/", "ftp://slack.example", "https://me:pw@slack.example", "slack.example"])
def test_an_address_that_must_not_get_the_token(network: Network, url: str) -> None:
    with pytest.raises(ConfigError, match="slack.url"):
        at(url, network)


def test_a_bundle_that_is_no_certificate_is_said(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing", "utf-8")
    with pytest.raises(ConfigError, match="is no certificate bundle"):
        at("https://slack.example/api/", Network(ca_bundle=str(tmp_path / "ca.pem")))


def test_slack_sdk_says_nothing_by_itself(
    service: Service, network: Network, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for reply in (Reply(drop=True), Reply(body="<html>"), Reply(status=500, body="")):
        service.replies = [reply]
        with pytest.raises(RemoteError):
            at(service.address, network).post(CHANNEL, LINES)
    assert (capfd.readouterr(), caplog.records) == (("", ""), [])


def test_a_fault_of_the_sandbox_after_the_post_is_found(slack: SlackClient, sandbox: Sandbox) -> None:
    add_fault(sandbox.store, Fault("POST", "chat.postMessage", drop=True, after=True))
    with pytest.raises(RemoteError) as caught:
        slack.post(CHANNEL, LINES)
    assert caught.value.in_doubt
    found = slack.find(CHANNEL, LINES, SINCE)
    assert found and found.ts == history(sandbox)[0]["ts"]


@named(
    "row", [None, 5, "x", {"user": "U0ANA"}, {"user": "U0ANA", "ts": "1.0", "blocks": [{"text": "x"}]}, {"blocks": 7}]
)
def test_rows_of_another_shape_are_no_messages_and_no_channels(service: Service, network: Network, row: Any) -> None:
    def answering(request: Request) -> Reply:
        if request.path.endswith("auth.test"):
            return Reply(body={"ok": True, "user_id": "U0ANA", "url": "https://acme.slack.com/"})
        return Reply(body={"ok": True, "messages": [row], "channels": [row]})

    service.answering = answering
    slack = at(service.address, network)
    with suppress(RemoteError):
        assert slack.own(cast.ACK_CHANNEL[0], SINCE) == []
    with pytest.raises((RemoteError, NotFoundError)):
        slack.channel(CHANNEL)
