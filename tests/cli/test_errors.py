"""Bad input and bad days: two lines on standard error, the right exit code, and nothing else said or written."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from secops_oncall.sandbox.store import Store
from tests.cli.conftest import Oncall, Ran, Served, kept, two_lines

ASKING = [  # every command that asks a service for something
    ["status"],
    ["pages"],
    ["show", "4117"],
    ["ack", "4117"],
    ["ack", "--all"],
    ["resolve", "4112"],
    ["who"],
    ["issues"],
    ["backlog"],
    ["backlog", "pick", "acme-security/operations#40"],
    ["handoff"],
]
NEEDS_PAGERDUTY = [command for command in ASKING if command[0] not in ("issues", "backlog")]
NEEDS_GITLAB = [["issues"], ["backlog"], ["backlog", "pick", "acme-security/operations#40"]]
SECRET = "u+TopSecretTokenWXYZ"

named = pytest.mark.parametrize


@pytest.fixture
def clean(oncall: Oncall, served: Served) -> Callable[[Ran, int], None]:
    """Checks that a command failed as it should: with this exit code, in two lines, and that it left nothing behind."""

    def check(ran: Ran, code: int) -> None:
        assert (ran.code, ran.out) == (code, "")
        assert two_lines(ran.err), ran.err
        assert not [asked for asked in served.asked if not asked.startswith("GET ")]
        assert kept(oncall) == [], "nothing is remembered but when my shift is"
        assert not (oncall.state / "sandbox").exists()

    return check


Clean = Callable[[Ran, int], None]


@named("command", ASKING, ids=" ".join)
def test_without_configuration_both_ways_on_are_said(oncall: Oncall, clean: Clean, command: list[str]) -> None:
    ran = oncall(*command, ONCALL_SANDBOX="")
    clean(ran, 3)
    home = Path(os.environ["HOME"])
    assert str(home / ".config" / "oncall" / "config.toml") in ran.err
    assert "oncall --sandbox" in ran.err
    assert not oncall.state.exists()


def malformed(tmp_path: Path) -> Path:
    file = tmp_path / "broken.toml"
    file.write_text('[pagerduty]\nurl = "https://api.pagerduty.com"\n[gitlab]\ngroups = [acme]\n', "utf-8")
    return file


def test_malformed_toml_is_named_with_line_and_column(oncall: Oncall, clean: Clean, tmp_path: Path) -> None:
    file = malformed(tmp_path)
    for ran in (
        oncall("pages", "--config", str(file), ONCALL_SANDBOX=""),
        oncall("ack", "4117", ONCALL_CONFIG=str(file), ONCALL_SANDBOX=""),
    ):
        clean(ran, 3)
        assert f"{file}:4:11: " in ran.err


def test_the_default_file_is_read(oncall: Oncall, clean: Clean) -> None:
    file = Path(os.environ["HOME"]) / ".config" / "oncall" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("pagerduty = ", "utf-8")
    ran = oncall("status", ONCALL_SANDBOX="")
    clean(ran, 3)
    assert f"{file}:1:13: " in ran.err


@named(
    ("text", "said"),
    [
        ('[gitlab]\ngroups = "acme"', "gitlab.groups must be a list of texts"),
        ("[network]\ntimeout = 0", "network.timeout must be a whole number above 0"),
        ('[pagerduty]\nauth = "basic"', "pagerduty.auth must be one of token, bearer"),
        ('people = "ana"', "people must be tables"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(oncall: Oncall, clean: Clean, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    ran = oncall("pages", "--config", str(file), ONCALL_SANDBOX="")
    clean(ran, 3)
    assert said in ran.err
    assert str(file) in ran.err


@named(
    ("variable", "value"),
    [
        ("ONCALL_NETWORK_TIMEOUT", "soon"),
        ("ONCALL_PAGERDUTY_URL", "http://pagerduty.example.com"),
        ("ONCALL_PAGERDUTY_URL", "api.pagerduty.com"),
        ("ONCALL_PAGERDUTY_URL", "https://ana:secret@api.pagerduty.com"),
        ("ONCALL_NETWORK_CA_BUNDLE", "/nonexistent.pem"),
        ("ONCALL_CONFIG", "/nonexistent.toml"),
        ("ONCALL_PROFILE", "nobody-has-it"),
    ],
)
def test_wrong_settings_in_the_environment(
    oncall: Oncall, served: Served, clean: Clean, variable: str, value: str
) -> None:
    ran = oncall("pages", **served.environ(**{variable: value}))
    clean(ran, 3)
    assert "secret" not in ran.err


def test_an_unknown_key_is_a_warning_with_the_nearest_one(oncall: Oncall, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[pagerduty]\nemial = "ana@example.com"\n[gitlba]\nx = 1\n[nothing-like-it]\ny = 2\n', "utf-8")
    ran = oncall("pages", "-o", "ids", **served.environ(ONCALL_CONFIG=str(file)))
    assert (ran.code, len(ran.out.split())) == (0, 9)
    assert ran.err.splitlines() == [
        f"! {file}: nobody reads 'pagerduty.emial'; did you mean pagerduty.email?",
        f"! {file}: nobody reads 'gitlba'; did you mean gitlab?",
        f"! {file}: nobody reads 'nothing-like-it'",
    ]


@named("command", NEEDS_PAGERDUTY, ids=" ".join)
def test_a_missing_pagerduty_token(oncall: Oncall, served: Served, clean: Clean, command: list[str]) -> None:
    ran = oncall(*command, **served.environ(ONCALL_PAGERDUTY_TOKEN=""))
    clean(ran, 4)
    assert "no PagerDuty token: looked in ONCALL_PAGERDUTY_TOKEN" in ran.err
    assert served.asked == []


@named("command", NEEDS_GITLAB, ids=" ".join)
def test_a_missing_gitlab_token(oncall: Oncall, served: Served, clean: Clean, command: list[str]) -> None:
    ran = oncall(*command, **served.environ(ONCALL_GITLAB_TOKEN=""))
    clean(ran, 4)
    assert "no GitLab token: looked in ONCALL_GITLAB_TOKEN and GITLAB_TOKEN" in ran.err


def test_pages_are_listed_without_a_gitlab_token_and_that_is_said(oncall: Oncall, served: Served) -> None:
    ran = oncall("pages", **served.environ(ONCALL_GITLAB_TOKEN=""))
    assert (ran.code, len(ran.out.splitlines())) == (0, 9)
    assert "no GitLab token" in ran.err


@named("command", NEEDS_PAGERDUTY, ids=" ".join)
def test_a_rejected_pagerduty_token_is_never_shown(
    oncall: Oncall, served: Served, clean: Clean, command: list[str]
) -> None:
    ran = oncall(*command, **served.environ(ONCALL_PAGERDUTY_TOKEN=SECRET))
    clean(ran, 4)
    assert "PagerDuty rejects the token from ONCALL_PAGERDUTY_TOKEN" in ran.err
    told = oncall(*command, "--verbose", **served.environ(ONCALL_PAGERDUTY_TOKEN=SECRET))
    assert " 401 " in told.err
    assert SECRET[:8] not in told.err
    assert SECRET[-4:] not in told.err


@named("variable", ["ONCALL_GITLAB_TOKEN", "GITLAB_TOKEN"])
@named("command", NEEDS_GITLAB, ids=" ".join)
def test_a_rejected_gitlab_token_is_never_shown(
    oncall: Oncall, served: Served, clean: Clean, command: list[str], variable: str
) -> None:
    environ = served.environ(**{"ONCALL_GITLAB_TOKEN": "", variable: "glpat-TopSecretToken1234"})
    ran = oncall(*command, **environ)
    clean(ran, 4)
    assert f"GitLab rejects the token from {variable}" in ran.err
    told = oncall(*command, "-v", **environ)
    assert "TopSecret" not in ran.err + told.err + told.out


@named("token", ["u+ in two words", "naïve", "line\nbreak"])
def test_what_can_be_no_token_is_not_sent(oncall: Oncall, served: Served, clean: Clean, token: str) -> None:
    ran = oncall("pages", "-v", **served.environ(ONCALL_PAGERDUTY_TOKEN=token))
    clean(ran, 4)
    assert "ONCALL_PAGERDUTY_TOKEN" in ran.err
    assert not [word for word in token.split() if word in ran.err and len(word) > 4]
    assert served.asked == []


def test_no_token_is_ever_shown_however_talkative(oncall: Oncall, served: Served) -> None:
    environ = served.environ()
    tokens = [environ["ONCALL_PAGERDUTY_TOKEN"], environ["ONCALL_GITLAB_TOKEN"]]
    for command in (*ASKING, ["who", "--contact"], ["note", "x"], ["notes", "--json"], ["pages", "--json"]):
        ran = oncall(*command, "--verbose", **environ)
        assert ran.code in (0, 7)
        assert not [token for token in tokens if token in ran.out + ran.err]


@named("status", [403, 404])
def test_a_service_that_says_no(oncall: Oncall, served: Served, clean: Clean, status: int) -> None:
    oncall("who", **served.environ())
    served.fail("GET", "/pagerduty/", status, times=-1)
    clean(oncall("pages", **served.environ()), 4 if status == 403 else 5)


@named("command", NEEDS_PAGERDUTY, ids=" ".join)
def test_pagerduty_down_names_host_and_cause(oncall: Oncall, served: Served, clean: Clean, command: list[str]) -> None:
    ran = oncall(*command, **served.environ(ONCALL_PAGERDUTY_URL="http://127.0.0.1:9"))
    clean(ran, 6)
    assert "PagerDuty (127.0.0.1:9): the connection was refused" in ran.err


@named("command", NEEDS_GITLAB, ids=" ".join)
def test_gitlab_down_names_host_and_cause(oncall: Oncall, served: Served, clean: Clean, command: list[str]) -> None:
    ran = oncall(*command, **served.environ(ONCALL_GITLAB_URL="http://127.0.0.1:9"))
    clean(ran, 6)
    assert "GitLab (127.0.0.1:9): the connection was refused" in ran.err


def test_an_answer_that_does_not_come_is_a_time_out(oncall: Oncall, served: Served, clean: Clean) -> None:
    served.fail("GET", "/users/me", 0, times=-1, hold=1.5)
    ran = oncall("pages", **served.environ(ONCALL_NETWORK_TIMEOUT="1"))
    clean(ran, 6)
    assert "time-out" in ran.err


@named("status", [429, 500, 502, 503])
def test_a_service_that_is_unwell(oncall: Oncall, served: Served, clean: Clean, status: int) -> None:
    served.fail("GET", "/pagerduty/", status, times=-1)
    ran = oncall("pages", **served.environ())
    clean(ran, 6)
    assert str(status) in ran.err


def test_a_wait_that_several_requests_are_asked_for_at_once_is_told_once(oncall: Oncall) -> None:
    oncall("who")
    oncall.fail("GET", r"/pagerduty/incidents\?", 429, times=3, headers={"Retry-After": "1"})
    ran = oncall("pages", "-o", "ids")
    assert (ran.code, len(ran.out.split()), ran.err) == (0, 9, "! PagerDuty asks us to wait 1 s\n")


@named("command", [["show"], ["ack"], ["resolve"]], ids=" ".join)
@named("page", ["99999", "QNOSUCHPAGE001"])
def test_an_unknown_page_is_named_with_the_command_that_lists_them(
    oncall: Oncall, served: Served, command: list[str], page: str
) -> None:
    ran = oncall(*command, page, **served.environ())
    assert (ran.code, ran.out, two_lines(ran.err)) == (5, "", True)
    assert page in ran.err
    assert "oncall pages" in ran.err
    assert kept(oncall) == []


@named("page", ["hello world", "#4117", "-1", "http://evil.example/incidents/Q1CANARYTOKEN01", "../users/me", ""])
def test_what_can_be_no_page_is_refused_and_not_asked_for(oncall: Oncall, page: str) -> None:
    oncall("pages")
    for verb in ("show", "ack", "resolve"):
        ran = oncall(verb, page)
        assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
        assert not ran.log or not [asked for asked in ran.asked if "/incidents/" in asked or "PUT" in asked]


@named(
    ("arguments", "said"),
    [
        ("nosuch", "nosuch"),
        ("page", "pages"),
        ("pages --nosuch", "--nosuch"),
        ("pages -o xml", "'table', 'json', 'tsv', 'csv', 'ids'"),
        ("who -o text", "'table', 'json', 'tsv', 'csv', 'ids'"),
        ("show 4117 -o table", "'text', 'json'"),
        ("status -o ids", "'text', 'json'"),
        ("handoff -o text", "'markdown', 'json'"),
        ("pages --urgency medium", "'high', 'low'"),
        ("pages -L 0", "1"),
        ("pages -L many", "--limit"),
        ("pages extra", "extra"),
        ("show 1 2", "2"),
        ("pages --json -o csv", "csv"),
        ("ack --json -o text 4117", "text"),
        ("note", "no text"),
        ("issues --label", "--label"),
        ("sandbox", "sandbox"),
        ("backlog drop x", "drop"),
        ("--config", "--config"),
        ("-p", "-p"),
    ],
)
def test_usage_errors_are_two_lines_too(oncall: Oncall, arguments: str, said: str) -> None:
    ran = oncall(*arguments.split())
    assert (ran.code, ran.out, two_lines(ran.err), ran.log) == (2, "", True, None)
    assert said in ran.err


@named("arguments", [["x" * 5000], ["pages", "-o", "x" * 5000], ["ack", "x" * 5000], ["pages", *(["word"] * 900)]])
def test_what_was_typed_is_repeated_short(oncall: Oncall, arguments: list[str]) -> None:
    ran = oncall(*arguments)
    assert (ran.code, two_lines(ran.err)) == (2, True)
    assert len(ran.err) < 500


def test_a_bug_is_two_lines_and_a_traceback_only_when_asked_for(oncall: Oncall, tmp_path: Path) -> None:
    """A clock that fails stands for what nobody foresaw."""

    class Broken:
        def __sub__(self, other: object) -> object:
            raise ZeroDivisionError("nobody foresaw glpat-abcdefgh")

        isoformat = __sub__

    oncall.now = Broken()  # type: ignore[assignment]
    ran = oncall("note", "x")
    assert (ran.code, ran.out, two_lines(ran.err)) == (1, "", True)
    assert "Traceback" not in ran.err
    told = oncall("note", "x", "--verbose")
    assert "Traceback" in told.err
    assert "glpat-abcdefgh" not in ran.err + told.err


def faults(store: Store) -> int:
    """How many are still to be met."""
    with store.state() as state:
        return len(state.all("fault"))


def test_ctrl_c_in_the_middle_of_a_write_says_that_it_is_on_its_way(tmp_path: Path) -> None:
    world = {**os.environ, "ONCALL_STATE_DIR": str(tmp_path / "state"), "ONCALL_SANDBOX": "1"}
    command = [sys.executable, "-m", "secops_oncall"]
    subprocess.run(
        [*command, "sandbox", "fail", "PUT", "/incidents", "--status", "0", "--hold", "20"], env=world, check=True
    )
    store, until = Store(tmp_path / "state" / "sandbox" / "sandbox.sqlite3"), time.monotonic() + 20
    with subprocess.Popen([*command, "ack", "4116"], env=world, stderr=subprocess.PIPE, text=True) as ran:
        while faults(store) and time.monotonic() < until:
            time.sleep(0.05)  # until the write has met it
        ran.send_signal(signal.SIGINT)
        _, err = ran.communicate(timeout=30)
    assert ran.returncode == 130
    assert "cancelled while a change was on its way" in err


@named("value", ["maybe", "y", "2"])
def test_a_sandbox_that_is_neither_on_nor_off_is_not_taken_for_the_real_thing(oncall: Oncall, value: str) -> None:
    ran = oncall("pages", ONCALL_SANDBOX=value)
    assert (ran.code, ran.out) == (3, "")
    assert two_lines(ran.err)
