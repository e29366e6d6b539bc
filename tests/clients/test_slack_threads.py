"""Slack's threads: replies, changed messages, channels by name and id, direct messages, tokens that lack a scope."""

import time
from typing import Any

import pytest

from secops_oncall import threads
from secops_oncall.clients import slack_api
from secops_oncall.clients.network import Network, Patience
from secops_oncall.clients.slack import SlackClient
from secops_oncall.clients.slack_api import AT_ONCE
from secops_oncall.domain.slack import Channel, Message
from secops_oncall.errors import AuthError, NotFoundError, RejectedError, RemoteError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, asked
from tests.clients.test_slack import LINES, SINCE, at
from tests.sandbox.sessions import slack_as

SECOPS, ID = f"#{cast.SECOPS_CHANNEL[1]}", cast.SECOPS_CHANNEL[0]
OTHERS = {"oncall:handoff:s:1": "one", "oncall:handoff:s:2": "two & more"}
BEN = cast.PEOPLE["ben"].slack


@pytest.fixture
def slack(sandbox: Sandbox, network: Network) -> SlackClient:
    """The client under test, as the engineer whose shift it is."""
    return at(sandbox.addresses.slack, network, cast.token("slack"))


def thread(sandbox: Sandbox, root: Message) -> list[dict[str, Any]]:
    return list(slack_as(sandbox).conversations_replies(channel=root.channel, ts=root.ts)["messages"])[1:]


def test_a_reply_stands_in_its_thread_and_nowhere_else(slack: SlackClient, sandbox: Sandbox) -> None:
    root = slack.post(SECOPS, LINES)
    reply = slack.post(root.channel, OTHERS, root)
    (there,) = thread(sandbox, root)
    assert (there["ts"], there["thread_ts"]) == (reply.ts, root.ts)
    assert slack.find(root.channel, OTHERS, SINCE, root) == reply
    assert slack.find(root.channel, OTHERS, SINCE) is None
    assert slack.find(root.channel, LINES, SINCE) == root


def test_what_a_message_of_mine_says_is_read_with_it(slack: SlackClient, sandbox: Sandbox, network: Network) -> None:
    root = slack.post(SECOPS, LINES)
    first, second = slack.post(ID, OTHERS, root), slack.post(ID, {"oncall:handoff:s:3": "three"}, root)
    at(sandbox.addresses.slack, network, cast.token("slack", "ben")).post(ID, OTHERS, root)
    slack_as(sandbox).chat_postMessage(channel=ID, text="no blocks", thread_ts=root.ts)
    mine = slack.own(SECOPS, SINCE, root)
    assert mine[:3] == [root, first, second]
    assert [dict(message.lines) for message in mine] == [LINES, OTHERS, {"oncall:handoff:s:3": "three"}, {}]
    assert slack.own(SECOPS, SINCE)[0] == root


def test_a_message_of_mine_gets_other_lines_in_its_place(slack: SlackClient, sandbox: Sandbox) -> None:
    root = slack.post(SECOPS, LINES)
    assert slack.update(root, OTHERS) == root
    latest = slack.own(SECOPS, SINCE)[0]
    assert (latest, dict(latest.lines)) == (root, OTHERS)
    assert slack_as(sandbox).conversations_history(channel=ID)["messages"][0]["text"] == "one\ntwo & more"


def test_somebody_else_s_message_can_t_be_changed(slack: SlackClient, sandbox: Sandbox, network: Network) -> None:
    theirs = at(sandbox.addresses.slack, network, cast.token("slack", "ben")).post(SECOPS, LINES)
    with pytest.raises(RejectedError) as caught:
        slack.update(theirs, OTHERS)
    assert caught.value.code == "cant_update_message"


def test_an_update_is_repeated_as_what_only_reads(service: Service, network: Network) -> None:
    done = Reply(body={"ok": True, "channel": "C0SECOPS", "ts": "1.2"})
    service.replies = [Reply(drop=True), Reply(status=503, body=""), done]
    assert at(service.address, network).update(Message("C0SECOPS", "1.2"), LINES) == Message("C0SECOPS", "1.2")
    assert [seen.path for seen in service.seen] == ["/chat.update"] * 3


def test_an_update_that_nobody_answers_is_in_doubt(sandbox: Sandbox, slack: SlackClient) -> None:
    root = slack.post(SECOPS, LINES)
    add_fault(sandbox.store, Fault("POST", "chat.update", drop=True, after=True, times=-1))
    with pytest.raises(RemoteError) as caught:
        slack.update(root, OTHERS)
    assert caught.value.answered is None
    assert slack.find(SECOPS, OTHERS, SINCE) == root


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        (SECOPS, Channel(*cast.SECOPS_CHANNEL, True, True, False)),
        (cast.SECOPS_CHANNEL[1], Channel(*cast.SECOPS_CHANNEL, True, True, False)),
        (ID, Channel(*cast.SECOPS_CHANNEL, True, True, False)),
        (f"#{cast.ACK_CHANNEL[1]}", Channel(*cast.ACK_CHANNEL, False, True, False)),
        (f"#{cast.FOREIGN_CHANNEL[1]}", Channel(*cast.FOREIGN_CHANNEL, False, False, False)),
        (f"#{cast.ARCHIVED_CHANNEL[1]}", Channel(*cast.ARCHIVED_CHANNEL, False, True, True)),
    ],
)
def test_a_channel_tells_who_may_read_it(slack: SlackClient, sandbox: Sandbox, name: str, channel: Channel) -> None:
    assert slack.channel(name) == channel
    before = len(asked(sandbox, "POST"))
    slack.own(name, SINCE) if channel.is_member else None
    assert len(asked(sandbox, "POST")) - before <= 2  # its id is known by now: the history, and whose it is


def test_a_channel_that_lives_is_meant_rather_than_an_archived_one(service: Service, network: Network) -> None:
    rows = [{"id": "C0OLD", "name": "secops", "is_archived": True}, {"id": "C0NEW", "name": "secops"}]
    service.replies = [Reply(body={"ok": True, "channels": rows})]
    assert at(service.address, network).channel("#secops").id == "C0NEW"


@pytest.mark.parametrize("name", ["#nowhere", "C0NOWHERE"])
def test_a_channel_that_is_not_there(slack: SlackClient, name: str) -> None:
    with pytest.raises(NotFoundError, match="has no channel") as caught:
        slack.channel(name)
    assert "settings" in caught.value.hint


def test_a_direct_message_is_found_again(slack: SlackClient) -> None:
    sent = slack.post(BEN, LINES)
    assert slack.find(BEN, LINES, SINCE) == sent
    assert slack.find(BEN, OTHERS, SINCE) is None


def test_a_direct_message_needs_no_more_than_to_write(sandbox: Sandbox, network: Network) -> None:
    writer = at(sandbox.addresses.slack, network, cast.token("slack", "ana-writeonly"))
    assert writer.post(BEN, LINES).channel.startswith("D")
    with pytest.raises(AuthError, match="im:write"):
        writer.find(BEN, LINES, SINCE)


@pytest.mark.parametrize(
    ("login", "scope", "deed"),
    [
        ("ana-readonly", "chat:write", lambda slack: slack.post(SECOPS, LINES)),
        ("ana-readonly", "chat:write", lambda slack: slack.update(Message(ID, "1.2"), LINES)),
        ("ana-writeonly", "channels:history", lambda slack: slack.own(SECOPS, SINCE)),
        ("ana-writeonly", "channels:history", lambda slack: slack.own(SECOPS, SINCE, Message(ID, "1.2"))),
    ],
)
def test_the_scope_that_a_token_lacks_is_named(
    sandbox: Sandbox, network: Network, login: str, scope: str, deed: Any
) -> None:
    with pytest.raises(AuthError, match=f"missing_scope: {scope}") as caught:
        deed(at(sandbox.addresses.slack, network, cast.token("slack", login)))
    assert caught.value.hint == f"give the app {scope}, and install it again"


@pytest.mark.parametrize(
    ("word", "said", "hint"),
    [
        ("not_in_channel", "not in it", "/invite"),
        ("is_archived", "archived", "unarchive"),
        ("msg_too_long", "too long", "fewer words"),
        ("edit_window_closed", "can't be changed any more", "thread"),
        ("some_new_word", "some_new_word", "settings"),
    ],
)
def test_a_refusal_says_what_mends_it(service: Service, network: Network, word: str, said: str, hint: str) -> None:
    service.replies = [Reply(body={"ok": False, "error": word})]
    with pytest.raises(RejectedError, match=said) as caught:
        at(service.address, network).post("#secops", LINES)
    assert (caught.value.code, hint in caught.value.hint, "#secops" in caught.value.message) == (word, True, True)


def test_a_history_without_an_end_is_no_proof(service: Service, network: Network) -> None:
    def answer(request: Request) -> Reply:
        if request.path == "/auth.test":
            return Reply(body={"ok": True, "user_id": "U1"})
        rows = [{"user": "U2", "ts": "1.2"}]
        return Reply(body={"ok": True, "messages": rows, "response_metadata": {"next_cursor": "more"}})

    service.answering = answer
    with pytest.raises(RemoteError, match="more than 10000 messages") as caught:
        at(service.address, network).find("C0SECOPS", LINES, SINCE)
    assert not caught.value.in_doubt


def test_the_next_page_of_a_thread_is_read(
    slack: SlackClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_api, "PAGE", 2)
    root = slack.post(SECOPS, LINES)
    for number in range(3):
        slack_as(sandbox).chat_postMessage(channel=ID, text=f"{number}", thread_ts=root.ts)
    reply = slack.post(ID, OTHERS, root)
    assert slack.find(ID, OTHERS, SINCE, root) == reply


def test_whose_messages_are_mine_is_asked_once(slack: SlackClient, sandbox: Sandbox) -> None:
    slack.post(SECOPS, LINES)
    for _ in range(3):
        slack.find(SECOPS, LINES, SINCE)
    assert asked(sandbox, "POST").count("/slack/api/auth.test") == 1


def test_the_url_of_a_message_is_what_slack_says_it_is(slack: SlackClient, sandbox: Sandbox) -> None:
    root = slack.post(SECOPS, LINES)
    told = slack_as(sandbox).chat_getPermalink(channel=ID, message_ts=root.ts)
    assert slack.permalink(root) == told["permalink"]
    assert slack.permalink(root).startswith(cast.SLACK_ORIGIN)


def test_only_so_many_are_on_their_way_at_once(service: Service, network: Network) -> None:
    """Whoever waits for a turn waits no longer than the command has time."""
    service.answering = lambda request: Reply(hold=1, body={"ok": True, "channel": "C0SECOPS", "ts": "1.2"})
    client = at(service.address, Network(patience=Patience(0.3)))
    running = [threads.start(lambda: client.post("C0SECOPS", LINES)) for _ in range(AT_ONCE)]
    while len(service.seen) < AT_ONCE:
        time.sleep(0.01)
    with pytest.raises(RemoteError, match="0.3 s in all") as caught:
        client.post("C0SECOPS", LINES)
    assert (caught.value.answered, len(service.seen)) == (0, AT_ONCE)
    assert all(isinstance(one.exception(5), RemoteError) for one in running)
