"""Slack as it tells of itself: whose token it is, and what there is to choose from."""

from typing import Any

import pytest

from secops_oncall.clients.network import Network
from secops_oncall.clients.slack_setup import SlackSetupClient
from secops_oncall.domain.setup import Account
from secops_oncall.domain.slack import Channel
from secops_oncall.errors import AuthError, OncallError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.slack_records import SCOPES
from tests.clients.conftest import Reply, Request, Service

named = pytest.mark.parametrize
ACKS, SECOPS, FOREIGN = cast.ACK_CHANNEL, cast.SECOPS_CHANNEL, cast.FOREIGN_CHANNEL


def at(url: str, network: Network, token: str = "xoxb-s3cret") -> SlackSetupClient:
    return SlackSetupClient(url, token, network=network, token_from="ONCALL_SLACK_TOKEN")


def logged_in(sandbox: Sandbox, network: Network, login: str = cast.ME) -> SlackSetupClient:
    return at(sandbox.addresses.slack, network, cast.token("slack", login))


@named(
    ("login", "kind", "user", "lacking"),
    [
        ("ana", "user token", ("U0ANA", "ana"), set()),
        ("bot", "bot token", cast.SLACK_BOT, set()),
        ("bot-readonly", "bot token", cast.SLACK_BOT, {"chat:write"}),
    ],
)
def test_whose_token_it_is_and_what_it_may(
    sandbox: Sandbox, network: Network, login: str, kind: str, user: tuple[str, str], lacking: set[str]
) -> None:
    facts = logged_in(sandbox, network, login).token()
    assert (facts.kind, facts.account) == (kind, Account("slack", *user, handle=user[0]))
    assert (facts.scopes, facts.expires) == (SCOPES - lacking, None)


@named(
    ("login", "why"),
    [
        ("ana-expired", "ONCALL_SLACK_TOKEN: it has expired"),
        ("bot-revoked", "ONCALL_SLACK_TOKEN: it was revoked"),
        ("ana-inactive", "account_inactive"),
        ("stranger", "invalid_auth"),
    ],
)
def test_a_token_that_is_rejected_and_why(sandbox: Sandbox, network: Network, login: str, why: str) -> None:
    with pytest.raises(AuthError, match=why) as caught:
        logged_in(sandbox, network, login).token()
    assert "ONCALL_SLACK_TOKEN" in caught.value.hint


def test_channels_are_those_that_the_token_sees_and_that_are_in_use(sandbox: Sandbox, network: Network) -> None:
    foreign = Channel(*FOREIGN, is_private=False, is_member=False, is_archived=False)
    secops = Channel(*SECOPS, is_private=True, is_member=True, is_archived=False)
    acks = Channel(*ACKS, is_private=False, is_member=True, is_archived=False)
    assert logged_in(sandbox, network).channels() == [foreign, secops, acks]
    assert logged_in(sandbox, network, "ana-public").channels() == [foreign, acks]


def test_people_with_their_addresses_where_those_may_be_read(sandbox: Sandbox, network: Network) -> None:
    people = sorted(cast.PEOPLE.values(), key=lambda person: person.name)
    assert logged_in(sandbox, network, "bot").people() == [
        Account("slack", person.slack, person.name, person.email, person.slack) for person in people
    ]
    assert {person.email for person in logged_in(sandbox, network, "bot-noemail").people()} == {None}
    with pytest.raises(AuthError, match="users:read"):
        logged_in(sandbox, network, "bot-nousers").people()


@named("more", [{"deleted": True}, {"is_bot": True}, {"id": "USLACKBOT"}], ids=["gone", "a bot", "Slack's own"])
def test_who_is_no_person_or_gone_is_left_out(service: Service, network: Network, more: dict[str, Any]) -> None:
    eve = {"id": "U0EVE", "name": "eve", "profile": {"real_name": "E\x1b[31mve\u202e", "email": "eve@example.com"}}
    service.replies = [Reply(body={"ok": True, "members": [{**eve, "id": "U1", **more}, eve, eve]})]
    assert at(service.address, network).people() == [Account("slack", "U0EVE", "Eve", "eve@example.com", "U0EVE")]


def test_ten_thousand_people_in_a_dozen_requests(service: Service, network: Network) -> None:
    def answer(asked: Request) -> Reply:
        sent = dict(part.split("=") for part in asked.body.split("&"))
        first, size = int(sent.get("cursor", 0)), int(sent["limit"])
        rows = [{"id": f"U{number:05}", "name": "n"} for number in range(first, min(first + size, 10_000))]
        cursor = str(first + size) if first + size < 10_000 else ""
        return Reply(body={"ok": True, "members": rows, "response_metadata": {"next_cursor": cursor}})

    service.answering = answer
    assert len(at(service.address, network).people()) == 10_000
    assert len(service.seen) == 11


@named(
    "body",
    [
        "<html>Sign in</html>",
        [],
        {"ok": True},
        {"ok": True, "user_id": "U1", "members": "x", "channels": "x"},
        {"ok": True, "user_id": "U1", "members": [3], "channels": [{}]},
        {"ok": True, "user_id": "U1", "members": None, "channels": None},
        {"ok": False},
    ],
)
def test_an_answer_that_is_none(service: Service, network: Network, body: Any) -> None:
    service.replies = [Reply(body=body)]
    setup = at(service.address, network)
    asks = [setup.channels, setup.people] + ([] if "user_id" in body else [setup.token])
    for ask in asks:
        with pytest.raises(OncallError) as caught:
            ask()
        assert (caught.value.exit_code, "not what its API sends" in caught.value.message) == (6, True)


def test_a_token_whose_scopes_nobody_tells(service: Service, network: Network) -> None:
    service.replies = [Reply(body={"ok": True, "user_id": "U1", "user": "\x1b[2Jana"})]
    facts = at(service.address, network).token()
    assert (facts.scopes, facts.account) == (None, Account("slack", "U1", "ana", handle="U1"))
    service.replies = [Reply(body={"ok": True, "user_id": "U1"}, headers={"x-oauth-scopes": "chat:write, identify"})]
    assert at(service.address, network).token().scopes == frozenset({"chat:write", "identify"})
