"""The sandbox's Slack, spoken to by slack_sdk as it comes."""

from typing import Any

import pytest
import requests
from slack_sdk.errors import SlackApiError

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import SettableClock
from tests.sandbox.sessions import slack_as

ACKS, SECOPS = cast.ACK_CHANNEL[0], cast.SECOPS_CHANNEL[0]
BLOCKS = [{"type": "section", "block_id": "oncall:handoff:S:K", "text": {"type": "mrkdwn", "text": "*Open*"}}]


def error(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    assert caught.value.response.status_code == 200
    return str(caught.value.response["error"])


def texts(found: Any) -> list[str]:
    return [message["text"] for message in found["messages"]]


def test_a_token_tells_who_asks(sandbox: Sandbox) -> None:
    me = slack_as(sandbox, "ben").auth_test()
    assert (me["user"], me["user_id"], me["url"]) == ("ben", "U0BEN", f"{cast.SLACK_ORIGIN}/")
    assert "bot_id" not in me.data
    assert slack_as(sandbox, "bot").auth_test()["bot_id"].startswith("B")
    assert error(slack_as(sandbox, "nobody").auth_test) == "invalid_auth"
    url = f"{sandbox.addresses.slack}auth.test"
    assert requests.post(url, timeout=20).json() == {"ok": False, "error": "not_authed"}
    assert requests.post(url, data={"token": cast.token("slack", "eva")}, timeout=20).json()["user"] == "eva"


def test_a_message_is_kept_as_it_was_sent(sandbox: Sandbox) -> None:
    slack = slack_as(sandbox)
    made = slack.chat_postMessage(channel=SECOPS, text="<!channel> & *bold*", blocks=BLOCKS)
    latest = slack.conversations_history(channel=SECOPS)["messages"][0]
    assert latest["ts"] == made["ts"] == made["message"]["ts"]
    assert (latest["text"], latest["blocks"], latest["user"]) == ("<!channel> & *bold*", BLOCKS, "U0ANA")
    by_name = slack.chat_postMessage(channel=f"#{cast.ACK_CHANNEL[1]}", text="by name")
    assert by_name["channel"] == ACKS
    assert "bot_id" in slack_as(sandbox, "bot").chat_postMessage(channel=ACKS, text="by the app")["message"]


def test_json_is_read_as_a_form_is(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {cast.token('slack')}"}
    url = f"{sandbox.addresses.slack}chat.postMessage"
    sent = {"channel": SECOPS, "text": "json", "blocks": BLOCKS}
    assert requests.post(url, json=sent, headers=headers, timeout=20).json()["message"]["blocks"] == BLOCKS
    answers = [
        requests.post(url, data=data, headers={**headers, "Content-Type": "application/json"}, timeout=20).json()
        for data in ("{", "[]")
    ]
    assert [answer["error"] for answer in answers] == ["invalid_json", "json_not_object"]


def test_no_two_messages_have_the_same_ts(sandbox: Sandbox) -> None:
    slack = slack_as(sandbox)
    made = [slack.chat_postMessage(channel=SECOPS, text=str(number))["ts"] for number in range(5)]
    assert made == sorted(set(made))
    assert texts(slack.conversations_history(channel=SECOPS, limit=5)) == ["4", "3", "2", "1", "0"]


@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing")
@pytest.mark.parametrize(
    ("channel", "sent", "word"),
    [
        ("C0NOWHERE", {"text": "x"}, "channel_not_found"),
        (cast.FOREIGN_CHANNEL[0], {"text": "x"}, "not_in_channel"),
        (cast.ARCHIVED_CHANNEL[0], {"text": "x"}, "is_archived"),
        (SECOPS, {"text": " "}, "no_text"),
        (SECOPS, {"text": "x" * 40_001}, "msg_too_long"),
        (SECOPS, {"text": "x", "blocks": [{"text": "no type"}]}, "invalid_blocks"),
        (SECOPS, {"text": "x", "blocks": "{"}, "invalid_blocks_format"),
        (SECOPS, {"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
    ],
)
def test_what_cannot_be_posted_is_refused_in_slacks_words(
    sandbox: Sandbox, channel: str, sent: dict[str, Any], word: str
) -> None:
    before = texts(slack_as(sandbox).conversations_history(channel=SECOPS))
    assert error(slack_as(sandbox).chat_postMessage, channel=channel, **sent) == word
    assert texts(slack_as(sandbox).conversations_history(channel=SECOPS)) == before


def test_only_its_author_updates_a_message(sandbox: Sandbox) -> None:
    slack = slack_as(sandbox)
    made = slack.chat_postMessage(channel=SECOPS, text="first", blocks=BLOCKS)
    changed = slack.chat_update(channel=SECOPS, ts=made["ts"], text="second")
    assert (changed["ts"], changed["text"]) == (made["ts"], "second")
    latest = slack.conversations_history(channel=SECOPS, limit=1)["messages"][0]
    assert (latest["text"], latest["blocks"], latest["edited"]["user"]) == ("second", BLOCKS, "U0ANA")
    ben = slack_as(sandbox, "ben")
    assert error(ben.chat_update, channel=SECOPS, ts=made["ts"], text="third") == "cant_update_message"
    assert error(slack.chat_update, channel=SECOPS, ts="1.000001", text="x") == "message_not_found"


def test_replies_are_in_their_thread_and_not_in_the_history(sandbox: Sandbox, clock: SettableClock) -> None:
    slack = slack_as(sandbox)
    root = slack.chat_postMessage(channel=SECOPS, text="root")["ts"]
    for login, text in (("ana", "one"), ("ben", "two")):
        clock.forward(minutes=1)
        slack_as(sandbox, login).chat_postMessage(channel=SECOPS, text=text, thread_ts=root)
    thread = slack.conversations_replies(channel=SECOPS, ts=root)
    assert texts(thread) == ["root", "one", "two"]
    first = slack.conversations_history(channel=SECOPS, limit=1)["messages"][0]
    assert (first["text"], first["reply_count"], first["reply_users"]) == ("root", 2, ["U0ANA", "U0BEN"])
    reply = thread["messages"][1]["ts"]
    assert texts(slack.conversations_replies(channel=SECOPS, ts=reply)) == ["root", "one", "two"]
    assert error(slack.conversations_replies, channel=SECOPS, ts="1.000001") == "thread_not_found"


def test_a_history_is_read_part_by_part_and_within_times(sandbox: Sandbox) -> None:
    slack = slack_as(sandbox)
    made = [slack.chat_postMessage(channel=SECOPS, text=str(number))["ts"] for number in range(5)]
    parts = [texts(part) for part in slack.conversations_history(channel=SECOPS, limit=2, oldest=made[0])]
    assert parts == [["4", "3"], ["2", "1"]]
    closed = slack.conversations_history(channel=SECOPS, oldest=made[1], latest=made[3], inclusive=True)
    assert texts(closed) == ["3", "2", "1"]
    assert closed["has_more"] is False
    assert error(slack.conversations_history, channel=SECOPS, cursor="nonsense") == "invalid_cursor"
    assert error(slack.conversations_history, channel=SECOPS, limit="many") == "invalid_limit"
    assert error(slack.conversations_history, channel=SECOPS, oldest="noon") == "invalid_ts_oldest"
    assert error(slack.conversations_history, channel=cast.FOREIGN_CHANNEL[0]) == "not_in_channel"


def test_channels_tell_whether_they_are_private_archived_and_mine(sandbox: Sandbox) -> None:
    slack = slack_as(sandbox)
    assert slack.conversations_info(channel=SECOPS)["channel"]["is_private"] is True
    assert slack.conversations_info(channel=ACKS)["channel"]["is_private"] is False
    assert slack.conversations_info(channel=cast.FOREIGN_CHANNEL[0])["channel"]["is_member"] is False
    members = slack.conversations_info(channel=ACKS, include_num_members=True)["channel"]["num_members"]
    assert members == len(cast.PEOPLE) + 1
    assert error(slack.conversations_info, channel="#secops") == "channel_not_found"
    public = [channel["id"] for channel in slack.conversations_list()["channels"]]
    assert SECOPS not in public
    open_ones = slack.conversations_list(types="public_channel,private_channel", exclude_archived=True)
    assert {channel["id"] for channel in open_ones["channels"]} == {ACKS, SECOPS, cast.FOREIGN_CHANNEL[0]}
    assert [len(part["channels"]) for part in slack.conversations_list(limit=2)] == [2, 1]


def test_a_person_is_found_by_id_and_address_and_written_to_directly(sandbox: Sandbox) -> None:
    slack = slack_as(sandbox)
    chen = slack.users_info(user="U0CHEN")["user"]
    assert (chen["name"], chen["profile"]["email"], chen["tz_offset"]) == ("chen", "chen@example.com", 28_800)
    assert slack.users_lookupByEmail(email="Chen@example.com")["user"]["id"] == "U0CHEN"
    assert error(slack.users_lookupByEmail, email="nobody@example.com") == "users_not_found"
    assert error(slack.users_info, user="U0NOBODY") == "user_not_found"
    sent = slack.chat_postMessage(channel="U0CHEN", text="your shift")
    assert sent["channel"].startswith("D")
    assert texts(slack_as(sandbox, "chen").conversations_history(channel=sent["channel"])) == ["your shift"]
    assert error(slack_as(sandbox, "ben").conversations_history, channel=sent["channel"]) == "channel_not_found"


def test_a_message_has_an_address_and_a_reply_names_its_thread(sandbox: Sandbox) -> None:
    slack = slack_as(sandbox)
    root = slack.chat_postMessage(channel=SECOPS, text="root")["ts"]
    reply = slack.chat_postMessage(channel=SECOPS, text="reply", thread_ts=root)["ts"]
    address = f"{cast.SLACK_ORIGIN}/archives/{SECOPS}/p"
    assert slack.chat_getPermalink(channel=SECOPS, message_ts=root)["permalink"] == address + root.replace(".", "")
    assert slack.chat_getPermalink(channel=SECOPS, message_ts=reply)["permalink"].endswith(
        f"?thread_ts={root}&cid={SECOPS}"
    )
    assert error(slack.chat_getPermalink, channel=SECOPS, message_ts="1.000001") == "message_not_found"


def test_the_thread_that_the_pages_name_is_there(sandbox: Sandbox) -> None:
    slack = slack_as(sandbox)
    digits = cast.THREAD_URL.rsplit("/p", 1)[-1]
    ts = f"{digits[:-6]}.{digits[-6:]}"
    assert slack.chat_getPermalink(channel=SECOPS, message_ts=ts)["permalink"] == cast.THREAD_URL
    assert len(slack.conversations_replies(channel=SECOPS, ts=ts)["messages"]) == 4


def test_gitlabs_address_survives_the_way_in_and_out(sandbox: Sandbox) -> None:
    text = f"{sandbox.addresses.gitlab}/acme-security/operations/-/issues/101"
    made = slack_as(sandbox).chat_postMessage(channel=SECOPS, text=text)
    assert made["message"]["text"] == text
    with sandbox.store.state() as state:
        stored = state.get("slack_message", f"{SECOPS}/{made['ts']}")
    assert stored
    assert stored["text"] == cast.issue_url(101)


def test_an_unknown_method_is_slacks_to_name(sandbox: Sandbox) -> None:
    assert error(slack_as(sandbox).api_call, api_method="chat.shout") == "unknown_method"


@pytest.mark.parametrize(
    ("login", "method", "scope"),
    [
        ("ana-readonly", "chat_postMessage", "chat:write"),
        ("bot-readonly", "chat_postMessage", "chat:write"),
        ("ana-writeonly", "conversations_history", "channels:history"),
    ],
)
def test_a_token_does_only_what_its_scopes_allow(sandbox: Sandbox, login: str, method: str, scope: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        getattr(slack_as(sandbox, login), method)(channel=SECOPS, text="x")
    assert (caught.value.response["error"], caught.value.response["needed"]) == ("missing_scope", scope)


def test_direct_messages_are_opened_by_whose_they_are(sandbox: Sandbox) -> None:
    slack, ben = slack_as(sandbox), cast.PEOPLE["ben"].slack
    sent = slack.chat_postMessage(channel=ben, text="for you")
    assert slack.conversations_open(users=ben)["channel"]["id"] == sent["channel"]
    assert texts(slack.conversations_history(channel=sent["channel"])) == ["for you"]
    assert error(slack.conversations_open, users="U0NOBODY") == "user_not_found"
