"""What posts is posted once: the same command after a lost answer, after a kill, and once more when all has arrived."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import ISSUE, NOTE
from tests.cli.conftest import Oncall, Ran, Served
from tests.cli.test_improvements import wait_until
from tests.forked import Forks, Piped

WORDS = "Pin the tyre pressure monitor of the van"
PICKED, LABELLED = "acme-security/operations#40", "acme-security/operations#45"


@dataclass(frozen=True)
class Post:
    """A command that posts, the request that does it, and what it says when it was there already."""

    command: tuple[str, ...]
    path: str
    already: str
    before: tuple[str, ...] = ()


POSTS = {
    "improve": Post(("improve", WORDS), "engineering/issues$", "✓ already filed"),
    "review": Post(
        ("review", LABELLED, "--verdict", "human", "--comment", WORDS), "issues/45/notes$", "✓ already commented"
    ),
    "done": Post(
        ("backlog", "done", PICKED, "--comment", WORDS),
        "issues/40/notes$",
        "✓ already commented",
        ("backlog", "pick", PICKED),
    ),
}


@pytest.fixture(params=list(POSTS.values()), ids=list(POSTS))
def post(request: pytest.FixtureRequest, oncall: Oncall, world: dict[str, Any]) -> Post:
    asked: Post = request.param
    if asked.before:
        assert oncall(*asked.before, **world).code == 0
    return asked


class Gate:
    """What holds requests before GitLab, until it is open: whoever sent them may be dead by then."""

    def __init__(self, served: Served) -> None:
        self._base = served.services.addresses.gitlab.removesuffix("gitlab") + "sandbox"

    def hold(self, path: str) -> None:
        requests.post(f"{self._base}/gate", json={"method": "POST", "path": path}, timeout=20)

    def waiting(self) -> list[Any]:
        held: list[Any] = requests.get(f"{self._base}/waiting", timeout=20).json()
        return held

    def open(self) -> None:
        requests.delete(f"{self._base}/gate", timeout=20)


@pytest.fixture
def world(oncall: Oncall, served: Served) -> dict[str, Any]:
    oncall.now = datetime.now(UTC)  # processes of their own have no other time
    return served.environ(ONCALL_ISSUES_IMPROVEMENT_PROJECT="acme-security/engineering")


@pytest.fixture
def there(served: Served) -> Callable[[], int]:
    """How often the words are in GitLab, whether as an issue or as a note."""

    def count() -> int:
        with served.services.store.state() as state:
            made = [one["title"] for one in state.all(ISSUE, cast.PROJECTS["engineering"])]
            return made.count(WORDS) + sum(WORDS in note["body"] for note in state.all(NOTE))

    return count


def is_in_flight(ran: Ran) -> bool:
    return ran.code == 7 and "? unknown" in ran.out and "in half a minute: it looks first" in ran.err


def test_while_a_request_of_unknown_fate_may_arrive_no_other_is_sent(
    post: Post, oncall: Oncall, served: Served, world: dict[str, Any], there: Callable[[], int]
) -> None:
    served.fail("POST", post.path, 0, drop=True)
    for later in (0, 15, 14):
        oncall.now += timedelta(seconds=later)
        assert is_in_flight(oncall(*post.command, **world))
    assert there() == 0
    oncall.now += timedelta(seconds=1)
    assert (oncall(*post.command, **world).code, there()) == (0, 1)
    assert oncall("improve", "--list", "--json", **world).json == []


def test_a_process_that_is_killed_while_it_waits_has_it_posted_once(
    post: Post, oncall: Oncall, served: Served, world: dict[str, Any], there: Callable[[], int], forks: Forks
) -> None:
    gate = Gate(served)
    gate.hold(post.path)
    running = started(forks, oncall, world, *post.command)
    wait_until(gate.waiting)
    running.kill()
    running.communicate(timeout=20)
    oncall.now = datetime.now(UTC)
    assert is_in_flight(oncall(*post.command, **world))
    gate.open()
    wait_until(there)
    again = oncall(*post.command, **world)
    assert (again.code, post.already in again.out, there()) == (0, True, 1)


def started(forks: Forks, oncall: Oncall, world: dict[str, Any], *arguments: str) -> Piped:
    """A process of its own."""
    environ = {**os.environ, "ONCALL_STATE_DIR": str(oncall.state), **world}
    return forks.begin(*arguments, env=environ)
