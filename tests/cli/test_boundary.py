"""The boundary: whatever goes wrong is two lines and an exit code, and no secret is in either."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
import typer

from secops_oncall.app import App
from secops_oncall.cache import Cache
from secops_oncall.cli.boundary import run
from secops_oncall.domain.events import Event
from secops_oncall.domain.pages import PageQuery
from secops_oncall.domain.people import Contact, OnCall
from secops_oncall.errors import (
    AuthError,
    Cancelled,
    ConfigError,
    ExitCode,
    NotFoundError,
    OncallError,
    RejectedError,
    RemoteError,
    UsageError,
)
from secops_oncall.streams import Streams
from tests.cli.conftest import Screen, two_lines
from tests.fakes import ME, NOW, FakeJournal, FakePagerDuty, a_page

SECRET, OTHER = "u+s3cretTokenOfAna", "anotherS3cret"
TOKENS = {"ONCALL_PAGERDUTY_TOKEN": SECRET, "GITLAB_TOKEN": OTHER}
CANCELLED = "oncall: cancelled\n  hint: nothing more was sent\n"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


class Broken(FakeJournal):
    """A journal that raises whatever it is given, from the middle of a command."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
        raise self.error


@pytest.fixture
def ran(tmp_path: Path) -> Run:
    """Runs a command line on a journal, and on PagerDuty if it gets one; answers what the process would."""

    def ran(*arguments: str, journal: FakeJournal | None = None, pagerduty: FakePagerDuty | None = None) -> Ran:
        world, out, err = {**os.environ, **TOKENS, "ONCALL_STATE_DIR": str(tmp_path)}, StringIO(), StringIO()
        app = App(world, Streams(out, err, StringIO(), environ=world), lambda: NOW)
        vars(app).update(journal=journal or FakeJournal(), **({"pagerduty": pagerduty} if pagerduty else {}))
        code = run(arguments, app)
        return Ran(code, out.getvalue(), err.getvalue())

    return ran


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("what is wrong", "what to type"), 2),
        (ConfigError("what is wrong", "what to type"), 3),
        (AuthError("what is wrong", "what to type"), 4),
        (NotFoundError("what is wrong", "what to type"), 5),
        (RemoteError("what is wrong", "what to type"), 6),
        (RejectedError("what is wrong", "what to type", answered=400), 6),
        (Cancelled("what is wrong", "what to type"), 130),
        (OncallError("what is wrong", "what to type"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
@pytest.mark.parametrize("option", ["--quiet", "--verbose", "--no-color"])
def test_an_error_of_ours_is_two_lines_and_its_own_code(ran: Run, error: OncallError, code: int, option: str) -> None:
    found = ran("notes", option, journal=Broken(error))
    assert found == Ran(code, "", "oncall: what is wrong\n  hint: what to type\n")
    assert error.exit_code == code


@pytest.mark.parametrize("error", [KeyboardInterrupt(), EOFError(), typer.Abort()], ids=repr)
def test_leaving_is_130(ran: Run, error: BaseException) -> None:
    assert ran("note", "a text", journal=Broken(error)) == Ran(130, "", CANCELLED)


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("division by zero"),
        KeyError("missing"),
        AssertionError(),
        RecursionError(),
    ],
    ids=repr,
)
def test_a_bug_is_two_lines_1_and_no_traceback(ran: Run, error: Exception) -> None:
    found = ran("note", "a text", journal=Broken(error))
    assert (found.code, found.out) == (ExitCode.BUG, "")
    assert two_lines(found.err)
    assert f"a bug in oncall: {type(error).__name__}" in found.err
    assert "--verbose" in found.err
    assert "Traceback" not in found.err


def test_a_bug_shows_its_traceback_under_verbose_only(ran: Run) -> None:
    found = ran("note", "a text", "-v", journal=Broken(ZeroDivisionError("division by zero")))
    assert found.code == ExitCode.BUG
    assert found.err.startswith("Traceback (most recent call last):")
    assert "in take_note" in found.err
    assert two_lines(found.err[found.err.index("oncall: a bug") :])


def test_whatever_is_told_beside_an_answer_has_no_token_in_it_either() -> None:
    told = StringIO()
    app = App(TOKENS, Streams(StringIO(), told, StringIO(), environ={}))
    app.given("typedS3cret", "your answer")
    app.tell([RemoteError(f"it answers {SECRET}", "try again")])
    app.streams.warn(f"{OTHER} and typedS3cret")
    assert told.getvalue() == "oncall: it answers [token]\n  hint: try again\n! [token] and [token]\n"


@pytest.mark.parametrize("option", ["--verbose", "--no-input"])
@pytest.mark.parametrize(
    "words",
    [
        f"header 'Token token={SECRET}' is not valid",
        f"https://gitlab.example.com/?private_token={OTHER}",
        "glpat-aB3dE5gH7jK9 is expired",
        "Authorization: Bearer abcdef0123456789",
        "xoxb-123-456-abc",
    ],
)
def test_no_token_is_ever_printed_with_a_bug(ran: Run, words: str, option: str) -> None:
    error = ValueError(f"{words}\nand a second line")
    error.__cause__ = RuntimeError(words)
    found = ran("notes", option, journal=Broken(error))
    assert found.code == ExitCode.BUG
    assert "[token]" in found.err
    for secret in (SECRET, OTHER, "aB3dE5gH7jK9", "abcdef0123456789", "123-456-abc"):
        assert secret not in found.out + found.err
    assert two_lines(found.err[found.err.index("oncall: a bug") :])


@pytest.mark.parametrize(
    ("line", "says", "hint"),
    [
        ("frobnicate", "No such command 'frobnicate'", "oncall help commands"),
        ("backlog frob", "No such command 'frob'", "oncall backlog --help"),
        ("pages --bogus", "No such option: --bogus", "oncall pages --help"),
        ("sandbox fail", "Missing argument 'METHOD'", "oncall sandbox fail --help"),
        ("note x --kind rumour", "'rumour' is not one of", "oncall note --help"),
        ("pages -L 0", "greater than or equal to 1", "oncall pages --help"),
        ("show 4117 4116", "unexpected extra argument", "oncall show --help"),
        ("--config", "'--config' requires an argument", "oncall --help"),
        ("notes --json -o csv", "contradict each other", "give one of them"),
    ],
)
def test_a_line_that_cannot_be_read_is_two_lines_and_2(ran: Run, line: str, says: str, hint: str) -> None:
    found = ran(*line.split())
    assert (found.code, found.out) == (ExitCode.USAGE, "")
    assert two_lines(found.err)
    assert says in found.err
    assert found.err.endswith(f"  hint: {hint}\n")
    assert not [words for words in ("Value error", "…") if words in found.err]


@pytest.mark.parametrize(
    "words", [("\x1b[2J\x07word\nmore",), ("note", "x", "--kind", "\x1b]0;owned\x07" + "x" * 5000)]
)
def test_what_was_typed_is_repeated_safe_and_short(ran: Run, words: tuple[str, ...]) -> None:
    found = ran(*words)
    assert found.code == ExitCode.USAGE
    assert two_lines(found.err)
    assert found.err.isprintable() or not set(found.err) & {"\x1b", "\x07"}
    assert len(found.err) < 500


def test_what_a_command_answers_is_the_exit_code(ran: Run) -> None:
    resolved = FakePagerDuty([a_page("Q1CANARYTOKEN01", "resolved")])
    refused = ran("ack", "Q1CANARYTOKEN01", pagerduty=resolved)
    assert (refused.code, "refused" in refused.out, refused.err) == (ExitCode.PARTIAL, True, "")
    assert ran("note", "a text").code == ExitCode.OK
    assert ran("--version").code == ExitCode.OK
    assert ran("note", "--help").code == ExitCode.OK


def test_every_kind_of_error_has_a_code_of_the_interface() -> None:
    def kinds(kind: type[OncallError]) -> set[type[OncallError]]:
        return {kind}.union(*(kinds(each) for each in kind.__subclasses__()))

    assert {int(code) for code in ExitCode} == {0, 1, 2, 3, 4, 5, 6, 7, 8, 130}
    assert all(isinstance(kind.exit_code, ExitCode) and kind.exit_code for kind in kinds(OncallError))


def test_what_the_system_refuses_is_no_bug(ran: Run) -> None:
    found = ran("note", "a text", journal=Broken(OSError(28, "No space left on device", "/kept/journal.db")))
    assert found.code == ExitCode.CONFIG
    assert found.err.startswith("oncall: the system says: No space left on device: /kept/journal.db\n  hint: ")
    assert two_lines(found.err)


def test_no_secret_is_in_an_error_that_was_foreseen(ran: Run) -> None:
    found = ran("notes", journal=Broken(ConfigError(f"can't use {SECRET}", f"replace {OTHER}")))
    assert found.err == "oncall: can't use [token]\n  hint: replace [token]\n"


class Watched(FakePagerDuty):
    """A PagerDuty that notes what had been printed when it was asked how to reach somebody."""

    def __init__(self, err: StringIO, error: BaseException | None = None) -> None:
        mine = a_page("Q1FIRST0001", minutes=9, number=4117, assigned_to=(ME.person,))
        super().__init__([mine], turns=[OnCall(ME.person, None, None, "P", 1)])
        self.err, self.error = err, error
        self.printed: list[str] = []

    def contacts(self, user: str) -> tuple[Contact, ...] | None:
        self.printed.append(self.err.getvalue())
        if self.error:
            raise self.error
        return ()


@pytest.mark.parametrize("error", [None, KeyboardInterrupt(), RemoteError("it is down", "wait")])
def test_what_an_outage_would_need_comes_behind_the_answer_and_the_banner(
    tmp_path: Path, error: BaseException | None
) -> None:
    world, out, err = {**os.environ, **TOKENS, "ONCALL_STATE_DIR": str(tmp_path)}, Screen(), StringIO()
    world["ONCALL_ROLES_ENGINEER"] = "P:1"
    app = App(world, Streams(out, err, StringIO(), environ=world), lambda: NOW)
    pagerduty = Watched(err, error)
    vars(app).update(journal=FakeJournal(), pagerduty=pagerduty, cache=Cache(tmp_path, lambda: NOW))
    app.hear(pagerduty.pages(PageQuery()), NOW)
    code = run(["who", "--at", "2026-11-23T15:00Z"], app)
    assert (code, "Ana Ferreira" in out.getvalue()) == (0, True)
    assert pagerduty.printed == [err.getvalue()]
    assert "unacked: 4117" in err.getvalue()
