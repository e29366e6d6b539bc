"""Two engineers pick the same issue at the same moment: in every order of their requests one gets it, and both know."""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gate import Parked, Rule
from secops_oncall.sandbox.gitlab_records import ISSUE, LABEL_EVENT, NOTE, TIER, USERS, key
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.settings import exports
from secops_oncall.sandbox.store import Document, State
from tests.forked import Forks

REF, PROJECT, IID = "acme-security/operations#40", cast.PROJECTS["operations"], 40
PICKERS = ("ana", "ben")


class Serving:
    """The services, served from here to the engineers' processes, and the issue that is wanted."""

    def __init__(self, folder: Path) -> None:
        self._sandbox = Sandbox(folder / "server").start()
        self._store, self._gate = self._sandbox.store, self._sandbox.gate
        self._told = dict(line.split("=", 1) for line in shlex.split(exports(self._sandbox)) if "=" in line)
        self._folder = folder
        with self._store.state() as state:
            self._before = _issue(state)
            self._known = {kind: _ids(state, kind, self._before) for kind in (LABEL_EVENT, NOTE)}

    def environ(self, user: str) -> dict[str, str]:
        """What an engineer sets who uses it, with a state of their own."""
        tokens = {f"ONCALL_{name.upper()}_TOKEN": cast.token(name, user) for name in ("gitlab", "pagerduty")}
        more = {"ONCALL_STATE_DIR": str(self._folder / user), "ONCALL_BACKLOG_BOARD": cast.BOARD}
        return {**os.environ, **self._told, **tokens, **more}

    @property
    def issue(self) -> Document:
        with self._store.state() as state:
            return _issue(state)

    def begin(self, *, premium: bool = False) -> None:
        """The issue as it was, nobody's, and its requests held; on a server that allows one assignee, or several."""
        with self._store.state() as state:
            state.put(ISSUE, key(PROJECT, IID), self._before, parent=PROJECT)
            for kind, known in self._known.items():
                for number in _ids(state, kind, self._before) - known:
                    state.delete(kind, number)
            state.delete(TIER, "premium")
            if premium:
                state.put(TIER, "premium", {})
        self._gate.hold(Rule("*", rf"/issues/{IID}\b"))

    def waiting(self) -> dict[str, Parked]:
        """The request for the issue of each engineer that waits."""
        return {one.user: one for one in self._gate.waiting()}

    def let(self, waiting: Parked) -> None:
        """Let one of them go on; it is answered when this returns."""
        self._gate.let(waiting.id)
        assert waiting.answered.is_set()

    def open(self) -> None:
        """Hold nothing any more."""
        self._gate.open()

    def stop(self) -> None:
        self._sandbox.stop()


def _issue(state: State) -> Document:
    found = state.get(ISSUE, key(PROJECT, IID))
    assert found
    return found


def _ids(state: State, kind: str, issue: Document) -> set[int]:
    return {each["id"] for each in state.all(kind, issue["id"])}


class Racer:
    """An engineer's own process, which stays; `told` are exit code and outcome of the last pick, once it has ended."""

    def __init__(self, serving: Serving, user: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.racer", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=serving.environ(user),
        )
        self._lines: SimpleQueue[str] = SimpleQueue()
        self.told: tuple[int, dict[str, Any]] | None = None
        Thread(target=self._listen, daemon=True).start()
        self.pick(dry_run=True)
        self.told = json.loads(self._lines.get(timeout=20))  # the board and the labels are known from now on

    def pick(self, *, dry_run: bool = False) -> None:
        assert self._process.stdin
        self.told = None
        self._process.stdin.write(f"{REF}{' -n' if dry_run else ''}\n")
        self._process.stdin.flush()

    def has_ended(self) -> bool:
        if self.told is None:
            try:
                self.told = json.loads(self._lines.get_nowait())
            except Empty:
                return False
        return True

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)


@dataclass
class Race:
    """The requests of one order, who went on wherever both waited, and what came of it."""

    requests: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    issue: Document = field(default_factory=dict)

    @property
    def holders(self) -> list[str]:
        return _holders(self.issue)


def _holders(issue: Document) -> list[str]:
    return [USERS[number].login for number in issue["assignees"]]


def race(serving: Serving, racers: dict[str, Racer], order: Sequence[str], *, premium: bool) -> Race:
    """Both pick at once: wherever both wait the next of an order goes on, and behind its end the first of them."""
    serving.begin(premium=premium)
    for racer in racers.values():
        racer.pick()
    ran, wanted = Race(), list(order)
    while len(waiting := _parked(serving, racers)) > 1:
        user = wanted.pop(0) if wanted else PICKERS[0]
        ran.choices.append(user)
        ran.requests.append(f"{user} {asked(waiting[user])}")
        serving.let(waiting[user])
    serving.open()  # one of them has ended: what the other still asks for comes behind all of it
    until = time.monotonic() + 20
    for user, racer in racers.items():
        while not racer.has_ended() and time.monotonic() < until:
            time.sleep(0.001)
        assert racer.told, ran
        ran.codes[user], ran.told[user] = racer.told
    ran.issue = serving.issue
    return ran


def asked(waiting: Parked) -> str:
    """What a request asks, without where: `PUT 40`, `GET resource_label_events`."""
    return f"{waiting.method} {waiting.path.rpartition('/')[2]}"


def _parked(serving: Serving, racers: dict[str, Racer]) -> dict[str, Parked]:
    """The request of each engineer that waits, once nobody is on the way from one to the next."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        time.sleep(0.001)
        running = {user for user, racer in racers.items() if not racer.has_ended()}
        waiting = serving.waiting()
        if running <= waiting.keys():
            return waiting
    raise AssertionError("somebody neither asks for anything nor ends")


def every_order(serving: Serving, racers: dict[str, Racer], *, premium: bool) -> Iterator[Race]:
    """Every order in which the requests of two picks can follow each other, depth first over who goes on."""
    todo: list[list[str]] = [[]]
    while todo:
        order = todo.pop()
        ran = race(serving, racers, order, premium=premium)
        yield ran
        for at in range(len(order), len(ran.choices)):
            (other,) = set(PICKERS) - {ran.choices[at]}
            todo.append([*ran.choices[:at], other])


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    ready = Serving(tmp_path_factory.mktemp("race"))
    yield ready
    ready.stop()


@pytest.fixture(scope="module")
def racers(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Racer]]:
    ready = {user: Racer(serving, user, tmp_path_factory.mktemp(user)) for user in PICKERS}
    yield ready
    for racer in ready.values():
        racer.stop()


@pytest.mark.parametrize("premium", [False, True], ids=["Free", "Premium"])
def test_in_every_order_exactly_one_wins_and_both_are_told_the_truth(
    serving: Serving, racers: dict[str, Racer], premium: bool
) -> None:
    orders = set()
    for ran in every_order(serving, racers, premium=premium):
        orders.add(tuple(ran.requests))
        winners = [user for user, told in ran.told.items() if told["result"] == "done"]
        assert len(winners) == 1, ran
        (winner,), (loser,) = winners, set(PICKERS) - set(winners)
        assert (ran.told[loser]["result"], ran.told[loser]["code"] in ("lost", "assigned")) == ("refused", True), ran
        assert winner in ran.told[loser]["message"], ran
        assert (ran.codes[winner], ran.codes[loser]) == (0, 7), ran
        assert (ran.holders, sorted(ran.issue["labels"])) == ([winner], ["In Progress", "runbook"]), ran
    assert len(orders) > 150  # as many as two chains of four or five requests have, and each of them once


class Typed:
    """`oncall backlog pick` as an engineer types it, with its requests let through one by one."""

    def __init__(self, forks: Forks, serving: Serving, user: str) -> None:
        self._serving, self._user = serving, user
        self.process = forks.begin("-q", "backlog", "pick", REF, env=serving.environ(user))

    def goes_on(self, *requests: str) -> None:
        """Its next requests, which are these: `PUT 40`, `GET resource_label_events`."""
        for request in requests:
            waiting = self._held()
            assert asked(waiting) == request
            self._serving.let(waiting)

    def is_killed(self) -> None:
        """Before its next request, which only reads."""
        assert self._held().method == "GET"
        self.process.close()

    def ended(self) -> tuple[int, str]:
        out, err = self.process.communicate(timeout=20)
        assert err == ""
        return self.process.wait(), out

    def _held(self) -> Parked:
        until = time.monotonic() + 20
        while not (found := self._serving.waiting().get(self._user)):
            assert time.monotonic() < until, self._user
            time.sleep(0.01)
        return found


LOOK, TAKE, EVENTS, AGAIN = "GET 40", "PUT 40", "GET resource_label_events", "GET 40"


@pytest.fixture
def both(serving: Serving, forks: Forks) -> Iterator[tuple[Typed, Typed]]:
    """Two engineers who have both looked, and found it free."""
    serving.begin()
    ana, ben = (Typed(forks, serving, user) for user in PICKERS)
    for one in (ana, ben):
        one.goes_on(LOOK)
    yield ana, ben
    serving.open()
    for one in (ana, ben):
        one.process.close()


def test_whoever_is_overwritten_before_the_last_look_is_told_that_it_was_put_right(
    serving: Serving, both: tuple[Typed, Typed]
) -> None:
    ana, ben = both
    ana.goes_on(TAKE)
    ben.goes_on(TAKE)
    ana.goes_on(EVENTS, AGAIN, TAKE)
    serving.open()
    code, told = ana.ended()
    assert (code, told.startswith(f"✓ picked {REF}")) == (0, True)
    assert "ben changed it meanwhile, and it was put right" in told
    code, told = ben.ended()
    assert (code, told.startswith(f"! refused {REF}")) == (7, True)
    assert "ana got it first, and it is theirs" in told
    assert _holders(serving.issue) == ["ana"]


def test_whoever_lost_and_was_killed_holds_it_until_they_run_it_again(
    serving: Serving, both: tuple[Typed, Typed], forks: Forks
) -> None:
    ana, ben = both
    ana.goes_on(TAKE, EVENTS, AGAIN)
    assert ana.ended()[0] == 0
    ben.goes_on(TAKE)
    ben.is_killed()
    serving.open()
    assert _holders(serving.issue) == ["ben"]  # and nobody but ben's next command knows better
    code, told = Typed(forks, serving, "ben").ended()
    assert (code, "ana got it first, and it is theirs" in told) == (7, True)
    assert _holders(serving.issue) == ["ana"]
    code, told = Typed(forks, serving, "ana").ended()
    assert (code, told.startswith(f"✓ already picked {REF}")) == (0, True)
