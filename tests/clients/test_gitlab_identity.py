"""Whose a GitLab token is and what it may do."""

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import ANA, Reply, Service, asked, gitlab_at, gitlab_with
from tests.sandbox.conftest import SettableClock

SELF = "/gitlab/api/v4/personal_access_tokens/self"


def test_me_is_asked_once_a_day(
    gitlab: GitLabClient, sandbox: Sandbox, network: Network, cache: Cache, clock: SettableClock
) -> None:
    assert [gitlab.me(), gitlab.me(), gitlab_with(sandbox, network, cache, "ana").me()] == [ANA] * 3
    assert asked(sandbox, "GET") == ["/gitlab/api/v4/user"]
    clock.forward(hours=25)
    assert gitlab_with(sandbox, network, cache, "ana").me() == ANA
    assert len(asked(sandbox, "GET")) == 2


def test_bot_is_answered_as_one(sandbox: Sandbox, network: Network, cache: Cache) -> None:
    assert gitlab_with(sandbox, network, cache, "bot").me().bot


def test_scopes_are_what_the_token_says_of_itself_and_are_asked_once_a_day(
    gitlab: GitLabClient, sandbox: Sandbox, network: Network, cache: Cache, clock: SettableClock
) -> None:
    assert gitlab.scopes() == frozenset({"api"})
    assert gitlab_with(sandbox, network, cache, "ana-readonly").scopes() == frozenset({"read_api"})
    assert gitlab_with(sandbox, network, cache, "ana").scopes() == frozenset({"api"})
    assert asked(sandbox, "GET") == [SELF, SELF]
    clock.forward(hours=25)
    assert gitlab.scopes() == frozenset({"api"})
    assert asked(sandbox, "GET") == [SELF, SELF, SELF]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(400, {"message": "400 Bad request - This endpoint requires token type to be a personal access token"}),
        Reply(401, {"message": "401 Unauthorized"}),
        Reply(403, {"message": "403 Forbidden"}),
        Reply(404, {"error": "404 Not Found"}),
    ],
)
def test_a_token_that_can_t_look_at_itself_is_not_asked_again(
    service: Service, network: Network, cache: Cache, reply: Reply
) -> None:
    service.replies = [reply]
    assert gitlab_at(service, network, cache).scopes() is None
    assert gitlab_at(service, network, cache).scopes() is None
    assert len(service.seen) == 1


@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(503), Reply(200, "<html>", kind="text/html"), Reply(200)])
def test_scopes_that_nobody_told_are_asked_for_again(
    service: Service, network: Network, cache: Cache, reply: Reply
) -> None:
    service.answering = lambda request: reply
    assert gitlab_at(service, network, cache).scopes() is None
    service.answering = lambda request: Reply(body={"scopes": ["read_api"]})
    assert gitlab_at(service, network, cache).scopes() == frozenset({"read_api"})


def test_a_dead_network_is_no_reason_to_believe_a_token_of_no_scopes(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    add_fault(sandbox.store, Fault("GET", "personal_access_tokens", drop=True, times=-1))
    assert gitlab.scopes() is None
