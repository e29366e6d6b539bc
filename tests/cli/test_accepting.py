"""`oncall handoff accept`, `show` and `diff` over the whole program, on a machine that has never seen the shift."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.clients.network import Network
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import ISSUE, NOTE, add_note
from secops_oncall.sandbox.log import Log
from secops_oncall.sandbox.pagerduty_records import INCIDENT
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.slack_records import MESSAGE
from secops_oncall.streams import Streams
from tests.cli.conftest import NOW, Oncall, Ran, Served, an_oncall, two_lines
from tests.cli.posting_world import CONFIDENTIAL, HANDOVERS, OPEN, Deadly, Killed, World, set_up

SHIFT = "engineer/PANA001/2026-11-23T09:00:00Z"
HANDOVER = "acme-security/engineering#224"
WORDS = {"--state": "contained: 100, 101", "--first": "read the logs by 16:07", "--escalate-if": "a call comes"}
ONCE = {CONFIDENTIAL: 1, OPEN: 1, HANDOVER: 1, "slack": 1}
LATER = timedelta(minutes=2)


class Desk:
    """Chen's own machine, beside Ana's `world`; `accept` reads back what lacks nothing."""

    def __init__(self, world: World, state: Path, login: str = "chen") -> None:
        self.world, self.login, self.state = world, login, state
        tokens = {f"ONCALL_{name.upper()}_TOKEN": cast.token(name, login) for name in ("pagerduty", "gitlab", "slack")}
        self.environ: dict[str, Any] = {**world.environ, **tokens, "ONCALL_STATE_DIR": str(state)}

    def __call__(self, *arguments: str, **environ: str) -> Ran:
        log = self.world.served.services.log
        before = len(log.seen)
        ran = self.world.oncall(*arguments, **{**self.environ, **environ})
        self.last = replace(ran, log=Log(log.seen[before:]))
        return self.last

    def accept(self, *more: str, **environ: str) -> Ran:
        said = [word for pair in WORDS.items() for word in pair]
        return self("handoff", "accept", *said, *more, **environ)

    def killed(self, lives: int) -> bool:
        """Accept, killed at one of the requests from the first write on; whether there were as many."""
        world, deadly = {**os.environ, **self.environ}, Deadly(lives)
        app = App(world, Streams(StringIO(), StringIO(), StringIO(), environ=world), lambda: self.world.oncall.now)
        vars(app)["_network"] = Network(attempts=1, patience=deadly)
        with suppress(Killed):
            run(["handoff", "accept", *(word for pair in WORDS.items() for word in pair)], app)
        while deadly.asking():
            time.sleep(0.002)
        app.close()
        return deadly.dead

    @property
    def sent(self) -> list[str]:
        """What the last command has written; in Slack all that is asked is a POST."""
        return [each for each in self.last.writes if "/slack/" not in each or "/chat." in each]

    def counts(self) -> dict[str, int]:
        """How many read-backs of theirs there are, in each place."""
        number = cast.PEOPLE[self.login].number
        issues = {each["id"]: each for each in self.world.kept(ISSUE)}
        names = {id: name for name, id in cast.PROJECTS.items()}
        found: dict[str, int] = {}
        for note in self.world.kept(NOTE):
            if note["author"] == number and "<!-- oncall:readback " in note["body"]:
                issue = issues[note["issue"]]
                ref = f"{cast.ACCOUNT}/{names[issue['project']]}#{issue['iid']}"
                found[ref] = found.get(ref, 0) + 1
        own = [one for one in self.world.kept(MESSAGE) if one["user"] == cast.PEOPLE[self.login].slack]
        return {**found, "slack": sum("oncall:readback" in str(one) and "thread_ts" in one for one in own)}

    def handoff(self) -> Any:
        """The hand-off as `handoff show` has it for them."""
        return self("handoff", "show", "--json").json


@dataclass(frozen=True)
class Posted:
    """The services and Ana's `machine` once she has posted her hand-off to Chen, to begin every test with."""

    world: World
    machine: Path
    store: bytes


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Posted]:
    """Posted once for all tests: that takes longer than what each of them does."""
    folder = tmp_path_factory.mktemp("posted")
    oncall = an_oncall(folder / "ana")
    with Sandbox(folder / "served", clock=lambda: oncall.now) as services:
        world = set_up(oncall, Served(services), folder)
        assert world.post().code == 0
        yield Posted(world, folder / "ana", services.store.path.read_bytes())


@pytest.fixture
def world(posted: Posted, tmp_path: Path) -> World:
    """The services as they were, two minutes later, and Ana's machine: what a test does no other knows of."""
    world, state = posted.world, tmp_path / "ana"
    shutil.copytree(posted.machine, state)
    world.served.services.store.path.write_bytes(posted.store)
    world.oncall.now, world.oncall.state = NOW + LATER, state
    return world


@pytest.fixture
def chen(world: World, tmp_path: Path) -> Desk:
    return Desk(world, tmp_path / "chen")


@contextmanager
def chen_as_he_is(world: World, chen: Desk) -> Iterator[Callable[[], None]]:
    """What puts the services back as they are now, and Chen's machine as if it had never been used."""
    store = world.served.services.store.path
    before = store.read_bytes()

    def back() -> None:
        store.write_bytes(before)
        for file in chen.state.rglob("journal.db*"):
            file.unlink()

    yield back


def outcomes(ran: Ran) -> list[tuple[str, str]]:
    return [(one["place"], one["result"]) for one in ran.json]


def test_it_is_shown_then_every_place_has_the_read_back_and_i_act(world: World, chen: Desk) -> None:
    ran = chen.accept()
    assert ran.err == ""
    assert (ran.code, chen.counts()) == (0, ONCE)
    shown, told = ran.out.split("✓", 1)
    assert shown.index("Start here\n") < shown.index("People\n") < shown.index(f"\n{CONFIDENTIAL}: Leaked key")
    assert f"✓{told}".splitlines() == [
        f"✓ read back {CONFIDENTIAL}",
        f"✓ read back {OPEN}: internal",
        f"✓ read back {HANDOVER}",
        f"✓ closed {HANDOVER}: it waits for nobody any more",
        "✓ read back slack-thread #secops: in the thread of the hand-off",
    ]
    page = chen("show", "4112", "--json").json
    assert (page["acting"]["name"], page["owner"]["name"]) == ("Chen Wei", "Ana Ferreira")
    handed = chen.handoff()
    assert (handed["waits"], handed["accepted"]["by"]["name"]) == (False, "Chen Wei")
    assert handed["accepted"]["read_back"]["first"] == WORDS["--first"]


def test_status_says_on_both_sides_what_waits_until_it_is_read_back(world: World, chen: Desk) -> None:
    mine = world.oncall("status", **world.environ).out
    assert "  Hand-off    posted 14:07 UTC, not accepted yet: you are still acting\n" in mine
    his = chen("status").out
    assert "  Take over   Ana Ferreira's hand-off waits for you: oncall handoff accept\n" in his
    assert "              posted 14:07 UTC (22:07 +08); until then Ana Ferreira is still acting\n" in his
    assert chen.accept("-q").code == 0
    mine = world.oncall("status", **world.environ).out
    assert "  Hand-off    accepted by Chen Wei, 14:09 UTC\n" in mine
    taken = chen("status").out
    assert "Take over" not in taken
    assert {CONFIDENTIAL, OPEN} <= {one["id"] for one in chen("status", "--json").json["incidents"]}, "he acts on them"


def test_again_it_finds_what_is_there_and_asks_nothing(world: World, chen: Desk) -> None:
    chen.accept()
    ran = chen("handoff", "accept", "--json")
    assert {result for _, result in outcomes(ran)} == {"already"}
    assert (ran.code, chen.sent, chen.counts()) == (0, [], ONCE)
    elsewhere = Desk(world, chen.state / "elsewhere")
    assert elsewhere("handoff", "accept", "--json").code == 0
    assert chen.counts() == ONCE


def test_killed_at_any_request_and_run_again_every_place_has_it_once(world: World, chen: Desk) -> None:
    chen("handoff", "show")
    with chen_as_he_is(world, chen) as back:
        lives = 0
        while chen.killed(lives):
            assert chen.accept("-q").code == 0, lives
            assert (lives, chen.counts()) == (lives, ONCE)
            back()
            lives += 1
    assert lives >= 5, "three notes, an issue and a message"


def test_a_service_that_is_down_gets_its_part_from_the_next_run(world: World, chen: Desk) -> None:
    world.served.fail("POST", "/chat.postMessage", 503, times=-1)
    ran = chen.accept("--json")
    assert (ran.code, dict(outcomes(ran))["slack-thread"]) == (7, "failed")
    queued = chen("status").out.partition("Queued")[2]
    assert "1 post to slack-thread failed (not posted: Slack" in queued
    assert "oncall handoff accept\n" in queued
    world.heal()
    assert (chen("handoff", "accept").code, chen.counts()) == (0, ONCE)
    assert "Queued" not in chen("status").out


def test_what_differs_is_said_and_nothing_goes_out_unless_it_is_meant(chen: Desk) -> None:
    given = ("handoff", "accept", "--state", "Dana has it", "--first", "call 4999 at 23:00", "--escalate-if", "a call")
    ran = chen(*given)
    assert (ran.code, chen.sent) == (2, [])
    assert ran.err.splitlines()[:3] == [
        "! left out, times: 16:07 UTC",
        "! left out, numbers and ids: acme-security/operations#100, acme-security/operations#101",
        "! not in the hand-off, times: 23:00",
    ]
    assert ran.err.endswith("oncall: the read-back differs from the hand-off\n  hint: say it otherwise, or add --yes\n")
    assert chen(*given, "--yes").code == 0
    assert chen.counts() == ONCE


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ((), "a read-back is three answers, and there is no terminal to ask for them on"),
        (("--state", "x"), "a read-back is three answers, and there is no terminal to ask for them on"),
        (("--state", "TBD", "--first", "x", "--escalate-if", "y"), "The state is … 'TBD' says nothing"),
        (
            ("--state", "x", "--first", "glpat-" + "x" * 20, "--escalate-if", "y"),
            "First I will … holds what looks like",
        ),
        (("--state", "x" * 9000, "--first", "x", "--escalate-if", "y"), "The state is … is longer than 8,000"),
        (("--from", "nobody@example.com"), "no hand-off of 'nobody@example.com' is there"),
    ],
)
def test_what_is_no_read_back_is_refused(chen: Desk, given: tuple[str, ...], what: str) -> None:
    ran = chen("handoff", "accept", "-q", *given)
    assert (ran.code, chen.sent) == (5 if "--from" in given else 2, [])
    assert ran.err.startswith(f"oncall: {what}") and two_lines(ran.err)


def test_whoever_it_is_not_for_is_told_there_is_nothing_and_can_name_whose_it_is(world: World, tmp_path: Path) -> None:
    farid = Desk(world, tmp_path / "farid", "farid")
    for ran in (farid("handoff", "accept"), farid.accept()):
        assert (ran.code, ran.out, two_lines(ran.err)) == (5, "", True)
        assert "no hand-off waits for you; Ana Ferreira's waits for another engineer" in ran.err
        assert ran.err.endswith("oncall handoff accept --from ana@example.com\n")
    ran = farid.accept("--from", "ana@example.com", "--yes")
    assert (ran.code, farid.counts()) == (0, ONCE)
    told = [note["body"] for note in world.kept(NOTE) if note["author"] == cast.PEOPLE["farid"].number]
    assert all("neither on call as engineer nor named in the hand-off" in text for text in told[-3:])


def test_answers_about_nothing_are_no_success(world: World, chen: Desk, tmp_path: Path) -> None:
    chen.accept("-q")
    farid = Desk(world, tmp_path / "farid", "farid")
    ran = farid("handoff", "accept")
    assert (ran.code, ran.err) == (0, "Nothing to accept: no hand-off waits for you.\n")
    ran = farid.accept()
    assert (ran.code, two_lines(ran.err)) == (5, True)
    assert "so that nothing was read back" in ran.err


def test_my_own_is_not_mine_to_accept(world: World) -> None:
    ana = Desk(world, world.oncall.state, "ana")
    ran = ana.accept()
    assert (ran.code, ana.sent) == (7, [])
    assert "it is your own: whoever takes over accepts it" in ran.out


def test_what_another_has_accepted_is_only_taken_over_when_that_is_meant(
    world: World, chen: Desk, tmp_path: Path
) -> None:
    farid = Desk(world, tmp_path / "farid", "farid")
    assert farid.accept("--from", "ana", "-q", "--yes").code == 0
    ran = chen.accept("--from", "ana")
    assert (ran.code, chen.sent) == (2, [])
    assert "Farid Haddad has accepted it" in ran.err
    assert (chen.accept("--from", "ana", "--yes").code, chen.counts()) == (0, ONCE)


def test_two_who_take_it_over_at_once_are_told_who_acts(world: World, chen: Desk, tmp_path: Path) -> None:
    farid = Desk(world, tmp_path / "farid", "farid")
    assert chen.accept("-q").code == 0
    world.oncall.now += timedelta(seconds=1)
    ran = farid.accept("--from", "ana", "-q", "--yes")
    assert (ran.code, "too" in ran.err) == (0, False), "he knew, and was asked"
    ran = chen("handoff", "accept", "-q")
    assert (ran.code, ran.err) == (0, "! Farid Haddad has read it back, too, and is acting now: settle it with them\n")


def test_a_rehearsal_sends_nothing(chen: Desk) -> None:
    ran = chen.accept("-n", "--json")
    assert (ran.code, chen.sent) == (0, [])
    assert {(one["result"], one["code"]) for one in ran.json} == {("planned", "dry_run")}


def test_pages_are_reassigned_only_when_that_is_asked_for_and_agreed_to(world: World, chen: Desk) -> None:
    ran = chen.accept("--reassign")
    assert (ran.code, chen.sent) == (2, [])
    assert "2 pages of Ana Ferreira (4112, 4111) become yours" in ran.err or "4111" in ran.err
    ran = chen.accept("--reassign", "--yes", "--json")
    assert (ran.code, [one["place"] for one in ran.json].count("pagerduty")) == (0, 2)
    assigned = [page["assigned"] for page in world.kept(INCIDENT)]
    assert all("PCHEN03" in str(each) and "PANA001" not in str(each) for each in assigned)
    owner = chen("show", "4112", "--json").json["owner"]
    assert owner["name"] == "Ana Ferreira"


def test_a_forged_mark_changes_nothing(world: World, chen: Desk) -> None:
    """A stranger's read-back, and a colleague's hand-off in Ana's stead."""
    stranger, ben = cast.SECURITY_BOT.number, cast.PEOPLE["ben"].number
    shown = chen("handoff", "show").out
    with world.served.services.store.state() as state:
        for issue in state.all(ISSUE):
            if issue["project"] in (cast.PROJECTS["operations"], HANDOVERS):
                about = f"issue-{issue['id']}"
                add_note(state, issue, stranger, f"fine\n\n<!-- oncall:readback {SHIFT} {about} -->", NOW + LATER)
                add_note(state, issue, ben, f"all is well\n\n<!-- oncall:handoff {SHIFT} {about} -->", NOW + LATER)
                add_note(state, issue, ben, f"all is well\n\n<!-- oncall:addendum {SHIFT} {about}/1 -->", NOW + LATER)
    assert chen("handoff", "show").out == shown
    assert chen("status", "--json").json["takeover"]["shift"] == SHIFT
    assert world.oncall("status", "--json", **world.environ).json["handoff"]["state"] == "posted"
    assert (chen.accept("-q").code, chen.counts()) == (0, ONCE)


def test_later_words_are_an_addendum_that_waits_for_another_read_back(world: World, chen: Desk) -> None:
    chen.accept("-q")
    chen("status")
    world.oncall.now += timedelta(seconds=20)
    world.say("Q1LEAKEDKEY0005", state="the key came back")
    assert world.post("-q").code == 0
    assert [str(one).count("/addendum/1") for one in world.kept(MESSAGE)].count(1) == 1, "Slack's thread has it"
    his = chen("status").out
    assert "  Take over   Ana Ferreira has added to the hand-off: oncall handoff accept\n" in his
    assert "              it is to be read back, too; Chen Wei is acting\n" in his
    assert "what was added since waits for another read-back" in world.oncall("status", **world.environ).out
    handed = chen.handoff()
    assert handed["waits"]
    assert [one["said"]["state"] for one in handed["incidents"] if one["id"] == CONFIDENTIAL] == ["the key came back"]
    world.oncall.now += LATER
    ran = chen.accept("--json")
    assert ran.code == 0
    assert not chen.handoff()["waits"]
    assert (chen.counts()[CONFIDENTIAL], chen.counts()[HANDOVER]) == (2, 2)
    assert "Take over" not in chen("status").out


def test_since_i_held_it(world: World, chen: Desk) -> None:
    chen.accept("-q")
    assert "Nothing new: " in chen("handoff", "diff").out
    world.oncall.now += LATER
    with world.served.services.store.state() as state:
        found = next(
            each for each in state.all(ISSUE) if each["iid"] == 101 and each["project"] == cast.PROJECTS["operations"]
        )
        add_note(state, found, cast.PEOPLE["ben"].number, "eu-south-1 is clean", world.oncall.now)
    told = {one["id"]: one for one in chen("handoff", "diff", "--json").json}
    assert [fact["text"] for fact in told[CONFIDENTIAL]["facts"]] == ["eu-south-1 is clean"]
    assert told[OPEN]["facts"] == []


def test_without_a_hand_off_show_says_how_one_comes_to_be(oncall: Oncall, served: Served, tmp_path: Path) -> None:
    world = set_up(oncall, served, tmp_path)
    ran = world.oncall("handoff", "show", **world.environ)
    assert (ran.code, two_lines(ran.err)) == (5, True)
    assert "oncall handoff post" in ran.err
