"""A shift of two incidents on served services, whose hand-off lacks nothing: what the tests of posting begin with."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Lock
from typing import Any

import tomli_w

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.clients.network import Network, Patience
from secops_oncall.domain import said
from secops_oncall.journal import SqliteJournal
from secops_oncall.sandbox import cast, settings
from secops_oncall.sandbox.control import clear_faults
from secops_oncall.sandbox.gitlab_mentions import everybody
from secops_oncall.sandbox.gitlab_records import ISSUE, NOTE
from secops_oncall.sandbox.pagerduty_records import DUE, ENTRY, INCIDENT
from secops_oncall.sandbox.pagerduty_records import NOTE as PAGE_NOTE
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.slack_records import MESSAGE
from secops_oncall.sandbox.store import State
from secops_oncall.streams import Streams
from tests.begun import begun
from tests.cli.conftest import NOW, Oncall, Ran, Served, an_oncall

PAGES = {"Q1LEAKEDKEY0005": 101, "Q1PHISHING00006": 100}  # the issue of each; the first one is confidential
CONFIDENTIAL, OPEN = (f"{cast.INCIDENTS_PROJECT}#{iid}" for iid in PAGES.values())
SECOPS = cast.SECOPS_CHANNEL[0]
HANDOVERS = cast.PROJECTS["engineering"]


class Killed(BaseException):
    """The process is gone: nothing after it happens."""


class Deadly(Patience):
    """Lets so many requests through from the first write on, and then no other."""

    def __init__(self, lives: int) -> None:
        super().__init__()
        self.lives, self.dead = lives, False
        self._begun, self._one = False, Lock()

    @contextmanager
    def writing(self, write: bool) -> Iterator[None]:
        with self._one:
            self._begun |= write
            self.dead |= self._begun and self.lives == 0
            self.lives -= self._begun and not self.dead
            if self.dead:
                raise Killed
        with super().writing(write):
            yield


@dataclass
class World:
    """The services and the engineer's machine; `post` runs `oncall handoff post --yes`."""

    oncall: Oncall
    served: Served
    state: Path
    environ: dict[str, Any]

    def post(self, *more: str, **environ: str) -> Ran:
        return self.oncall("handoff", "post", "--yes", *more, **{**self.environ, **environ})

    def killed(self, lives: int) -> bool:
        """Post, killed at one of the requests from the first write on; whether there were as many."""
        app, deadly = self._app(Streams), Deadly(lives)
        vars(app)["_network"] = Network(attempts=1, patience=deadly)
        with suppress(Killed):
            run(["handoff", "post", "--yes"], app)
        while deadly.asking():  # what was on its way when it died is carried out all the same
            time.sleep(0.002)
        return deadly.dead

    def asked(self, answer: Callable[[], bool]) -> tuple[int, list[dict[str, Any]]]:
        """Post without `--yes`, where somebody answers the question: the exit code and the outcomes."""

        class Asking(Streams):
            def confirm(self, question: str) -> bool:
                return answer()

        out = StringIO()
        code = run(["handoff", "post", "--json"], self._app(Asking, out))
        return code, json.loads(out.getvalue() or "[]")

    def _app(self, streams: type[Streams], out: StringIO | None = None) -> App:
        world = {**os.environ, **self.environ, "ONCALL_STATE_DIR": str(self.oncall.state)}
        return App(world, streams(out or StringIO(), StringIO(), StringIO(), environ=world), lambda: self.oncall.now)

    @contextmanager
    def as_it_is(self) -> Iterator[Callable[[], None]]:
        """What puts everything back as it is now: the services and this machine."""
        store, journal = self.served.services.store.path, self.journal.path
        before = store.read_bytes(), journal.read_bytes()

        def back() -> None:
            store.write_bytes(before[0])
            for file in journal.parent.glob("journal.db*"):
                file.unlink()
            journal.write_bytes(before[1])

        yield back

    @property
    def journal(self) -> SqliteJournal:
        (path,) = self.oncall.state.rglob("journal.db")
        return SqliteJournal(path)

    def say(self, subject: str, **values: object) -> None:
        """Type something into the hand-off."""
        self.journal.append(said.event(subject, values, self.oncall.now))

    def tell(self) -> None:
        """Type all that the hand-off lacks."""
        by = (self.oncall.now + timedelta(hours=2)).isoformat()
        self.oncall("status", **self.environ)  # so that there is a journal
        for page in PAGES:
            step = {"action": f"read the logs of {page}", "who": "@chen", "by": by}
            told = {"state": "contained", "tried": "the mailbox", "confidence": "high", "posture": "stable"}
            self.say(page, **told, next_steps=[step])

    def kept(self, kind: str) -> list[dict[str, Any]]:
        with self.served.services.store.state() as state:
            return state.all(kind)

    def change(self, iid: int, **more: object) -> None:
        """Have somebody change an issue meanwhile."""
        with self.served.services.store.state() as state:
            id = f"{cast.PROJECTS['operations']}/{iid}"
            found = state.get(ISSUE, id) or {}
            state.put(ISSUE, id, found | more, parent=found["project"])

    def heal(self) -> None:
        clear_faults(self.served.services.store)

    @property
    def comments(self) -> list[dict[str, Any]]:
        """My hand-off notes."""
        notes = self.kept(NOTE)
        return [note for note in notes if note["author"] == 11 and "<!-- oncall:handoff " in note["body"]]

    @property
    def handovers(self) -> list[dict[str, Any]]:
        return [issue for issue in self.kept(ISSUE) if "<!-- oncall:handover " in (issue["description"] or "")]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What I have posted to Slack, oldest first."""
        found = [one for one in self.kept(MESSAGE) if one["user"] == "U0ANA" and "oncall:handoff" in str(one)]
        return sorted(found, key=lambda one: str(one["ts"]))

    @property
    def page_notes(self) -> list[dict[str, Any]]:
        return [note for note in self.kept(PAGE_NOTE) if "On-call hand-off" in note["content"]]

    @property
    def mentions(self) -> list[str]:
        return [one["name"] for one in everybody(self.served.services.store)]

    def counts(self) -> tuple[int, ...]:
        """How many there are of each: comments, hand-over issues, messages in the channel, in threads, page notes."""
        threads = sum("thread_ts" in one for one in self.messages)
        issues = len({note["issue"] for note in self.comments})
        assert issues == len(self.comments), "an issue has two"
        return issues, len(self.handovers), len(self.messages) - threads, threads, len(self.page_notes)

    @property
    def queued(self) -> list[str]:
        """The places of what `oncall status` says is still to go out."""
        told = self.oncall("status", "--json", **self.environ).json["queued"]
        return sorted(one["place"] for one in told)


def forget(state: State, page: str) -> None:
    """Have a page never been."""
    state.delete(INCIDENT, page)
    for entry in state.all(ENTRY, page):
        state.delete(ENTRY, entry["id"])
    state._connection.execute("DELETE FROM documents WHERE kind = ? AND body LIKE ?", (DUE, f"%{page}%"))


def set_up(oncall: Oncall, served: Served, tmp_path: Path, *, typed: bool = True) -> World:
    """Two incidents, and everything typed."""
    with served.services.store.state() as state:
        for page in cast.PAGES:
            if page.id not in PAGES:
                forget(state, page.id)
        for issue in state.all(ISSUE):
            if issue["project"] == cast.PROJECTS["operations"] and issue["iid"] not in PAGES.values():
                state.delete(ISSUE, f"{issue['project']}/{issue['iid']}")
    file = tmp_path / "config.toml"
    file.write_text(tomli_w.dumps(settings.file(served.services.addresses)), "utf-8")
    token = {"ONCALL_SLACK_TOKEN": cast.token("slack"), "ONCALL_SLACK_URL": served.services.addresses.slack}
    world = World(oncall, served, tmp_path, served.environ(ONCALL_CONFIG=str(file), **token))
    if typed:
        world.tell()
    return world


@dataclass(frozen=True)
class Typed:
    """Such a world as it was made, to begin every test of a module with."""

    world: World
    machine: Path
    store: bytes

    def again(self, state: Path) -> World:
        """As it was: the services, and the engineer's machine in a folder of its own. No other test knows of it."""
        shutil.copytree(self.machine, state)
        services = self.world.served.services
        services.store.path.write_bytes(self.store)
        services.services.kept_at = -1  # its versions come again, with other contents
        self.world.oncall.now, self.world.oncall.state = NOW, state
        return self.world


@contextmanager
def typed_once(folder: Path) -> Iterator[Typed]:
    """Set one up: that takes longer than what many a test does."""
    oncall = an_oncall(folder / "ana")
    with Sandbox(begun(folder / "served", NOW), clock=lambda: oncall.now) as services:
        world = set_up(oncall, Served(services), folder)
        yield Typed(world, folder / "ana", services.store.path.read_bytes())


def places(ran: Ran) -> list[tuple[str, str]]:
    """Each outcome's place and result, from JSON."""
    return [(one["place"], one["result"]) for one in ran.json]
