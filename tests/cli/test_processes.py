"""Separate processes, as a shell starts them: what one does the next one sees, and a signal ends one at once."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secops_oncall.cli.root import ROOMS
from tests.cli.conftest import BANNER, two_lines
from tests.forked import Forks

Ran = subprocess.CompletedProcess[str]
Run = Callable[..., Ran]
COMMAND = [sys.executable, "-m", "secops_oncall"]
SDKS = ["pdpyras", "gitlab", "requests", "flask", "werkzeug", "questionary", "slack_sdk", "textual", "keyring"]


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "ONCALL_STATE_DIR": str(tmp_path / "state"), **more}


@pytest.fixture
def oncall(forks: Forks) -> Run:
    """A command that has run where its start is not what is looked at."""
    return lambda world, *arguments: without_banner(forks.run(*arguments, env=world))


def shell(world: dict[str, str], line: str, command: list[str] = COMMAND) -> Ran:
    """A line as bash runs it, in which `oncall` is this program; a pipe fails where any of its parts does."""
    script = f'oncall() {{ {shlex.join(command)} "$@"; }}\nset -o pipefail\n{line}'
    return finished(["bash", "-c", script], world)


def finished(command: list[str], world: dict[str, str]) -> Ran:
    """A command that was started and has run, without the banner about pages that wait."""
    return without_banner(subprocess.run(command, capture_output=True, text=True, env=world, timeout=60, check=False))


def without_banner(ran: Ran) -> Ran:
    ran.stderr = BANNER.sub("", ran.stderr)
    return ran


@pytest.fixture
def served(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What `oncall sandbox serve`, running in another process, says that another terminal has to set."""
    world = environ(tmp_path, ONCALL_STATE_DIR=str(tmp_path / "server"))
    server = subprocess.Popen(
        [*COMMAND, "sandbox", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=world,
    )
    assert server.stdout
    lines = [server.stdout.readline() for _ in range(7)]
    yield dict(shlex.split(line.removeprefix("export "))[0].split("=", 1) for line in lines)
    server.send_signal(signal.SIGINT)
    _, said = server.communicate(timeout=30)
    assert server.returncode == 0  # Ctrl-C is how it is meant to end
    assert "Traceback" not in said


def test_each_changes_what_the_next_one_shows(oncall: Run, forks: Forks, tmp_path: Path) -> None:
    world = environ(tmp_path)
    both = shell(world, "oncall --sandbox ack --all && oncall --sandbox pages --json", forks.command)
    assert both.returncode == 0
    acked, _, listed = both.stdout.partition("[\n")
    assert acked.count("✓ acked") == 3
    assert {page["number"] for page in json.loads("[" + listed) if page["status"] == "triggered"} == {4114}
    assert oncall(world, "--sandbox", "resolve", "4117").stdout.startswith("✓ resolved 4117")
    assert oncall(world, "backlog", "pick", "acme-security/operations#40", "--sandbox").returncode == 0
    assert oncall(world, "--sandbox", "note", "one source address").returncode == 0
    told = json.loads(oncall(world, "--sandbox", "handoff", "--json").stdout)
    assert [note["text"] for note in told["notes"]] == ["one source address"]
    assert "acme-security/operations#40" in [issue["ref"] for issue in told["backlog"]]
    assert 4117 in [page["number"] for page in told["pages"] if page["status"] == "resolved"]


def test_a_log_of_the_tour_is_in_order(tmp_path: Path, forks: Forks) -> None:
    told = shell(environ(tmp_path), "oncall demo 2>&1", forks.command).stdout
    assert told.index("$ oncall note") < told.index("✓ noted") < told.index("$ oncall who")
    assert told.index("$ oncall issues") < told.index("5 of 32 shown") < told.index("$ oncall backlog")


def test_a_pipe_acks_what_another_lists(forks: Forks, tmp_path: Path) -> None:
    world = environ(tmp_path, ONCALL_SANDBOX="1")
    piped = shell(world, "oncall pages --mine --triggered -o ids | oncall ack - -q", forks.command)
    assert (piped.returncode, piped.stdout.count("✓ acked"), piped.stderr) == (0, 3, "")
    nothing = shell(world, "oncall pages --mine --triggered -o ids | oncall ack -", forks.command)
    assert (nothing.returncode, nothing.stdout) == (0, "")


def test_a_reader_who_leaves_early_is_no_error(oncall: Run, tmp_path: Path) -> None:
    world = environ(tmp_path, ONCALL_SANDBOX="1")
    for line in (
        "oncall pages | head -1",
        "oncall pages --json | true",
        "oncall handoff | head -1",
        "oncall ack --all -q | true",
    ):
        ran = shell(world, line)
        assert (ran.returncode, ran.stderr) == (0, ""), line
    assert "triggered" not in oncall(world, "pages", "--mine").stdout  # what was being done went on


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full to write to")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_hides_no_write(tmp_path: Path, unbuffered: str) -> None:
    world = environ(tmp_path, ONCALL_SANDBOX="1", PYTHONUNBUFFERED=unbuffered)
    said = "oncall: the system says: No space left on device\n  hint: "
    for command, told in (
        ("ack 4117", "✓ acked 4117 Canary token opened"),
        ("ack 4116 --json", '"result": "done"'),
    ):
        ran = shell(world, f"oncall {command} > /dev/full")
        assert (ran.returncode, told in ran.stderr, "Traceback" in ran.stderr) == (3, True, False), command
        assert ran.stderr.endswith(f"{said}what was done stands above: make room, and don't run it again\n")
    ran = shell(world, "oncall who > /dev/full")
    assert (ran.returncode, ran.stderr) == (3, f"{said}make room or give the right to it, and run it again\n")


def test_without_standard_streams(tmp_path: Path) -> None:
    world = environ(tmp_path, ONCALL_SANDBOX="1")
    closed = shell(world, "oncall ack 4117 >&- && oncall pages -o ids <&- && oncall ack - <&-")
    assert (closed.returncode, len(closed.stdout.split())) == (0, 9)
    assert "Traceback" not in closed.stderr


def test_standard_input_that_is_no_text_is_refused(tmp_path: Path) -> None:
    ran = shell(environ(tmp_path, ONCALL_SANDBOX="1"), r"printf '\xff\xfe' | oncall ack -")
    assert (ran.returncode, ran.stdout, two_lines(ran.stderr)) == (2, "", True)


def test_a_console_without_utf8_gets_plain_marks(tmp_path: Path) -> None:
    world = environ(tmp_path, ONCALL_SANDBOX="1", PYTHONIOENCODING="ascii")
    ran = finished([*COMMAND, "ack", "4117"], world)
    assert (ran.returncode, ran.stdout[:12]) == (0, "+ acked 4117")


def test_the_served_sandbox_with_what_it_prints(oncall: Run, tmp_path: Path, served: dict[str, str]) -> None:
    world = environ(tmp_path, **served)
    assert sorted(served) == [
        "ONCALL_CONFIG",
        "ONCALL_GITLAB_TOKEN",
        "ONCALL_GITLAB_URL",
        "ONCALL_PAGERDUTY_TOKEN",
        "ONCALL_PAGERDUTY_URL",
        "ONCALL_SLACK_TOKEN",
        "ONCALL_SLACK_URL",
    ]
    assert oncall(world, "ack", "--all").stdout.count("✓ acked") == 3
    assert oncall(world, "pages", "--mine", "--triggered", "-o", "ids").stdout == ""
    told = json.loads(oncall(world, "status", "--json").stdout)
    assert (told["me"]["name"], len(told["pages"]), told["stale"]) == ("Ana Ferreira", 9, [])
    assert len(oncall(world, "issues", "-o", "ids").stdout.split()) == 32
    assert not (tmp_path / "state" / "sandbox").exists()


def test_the_environment_alone_and_two_engineers(oncall: Run, tmp_path: Path, served: dict[str, str]) -> None:
    alone = {name: value for name, value in served.items() if name != "ONCALL_CONFIG"}
    ana = environ(
        tmp_path,
        **alone,
        ONCALL_GITLAB_GROUPS="acme-security",
        ONCALL_INCIDENTS_PROJECTS="acme-security/operations",
        ONCALL_INCIDENTS_LABELS="incident",
        ONCALL_BACKLOG_BOARD="acme-security:On-call",
    )
    ben = {**ana, "ONCALL_PAGERDUTY_TOKEN": "sandbox-pagerduty-ben", "ONCALL_GITLAB_TOKEN": "sandbox-gitlab-ben"}
    assert oncall(ana, "ack", "4117").returncode == 0
    refused = oncall(ben, "ack", "4117")
    assert (refused.returncode, "owned by Ana Ferreira" in refused.stdout) == (7, True)
    assert oncall(ben, "ack", "4114").stdout.startswith("✓ acked 4114")
    refused = oncall(ana, "ack", "4114")
    assert (refused.returncode, "owned by Ben Okafor" in refused.stdout) == (7, True)
    assert oncall(ben, "backlog", "pick", "acme-security/operations#40").returncode == 0
    lost = oncall(ana, "backlog", "pick", "acme-security/operations#40")
    assert (lost.returncode, "it belongs to ben" in lost.stdout) == (7, True)
    assert oncall(ana, "show").stderr.startswith("in focus: 4117 ")
    assert oncall(ben, "show").stderr.startswith("in focus: 4114 ")


def test_the_tick_of_an_ack_never_waits_for_gitlab(oncall: Run, tmp_path: Path) -> None:
    world = environ(tmp_path, ONCALL_SANDBOX="1")
    oncall(world, "sandbox", "fail", "*", "/gitlab/", "--hold", "20", "--status", "0", "--times", "-1")
    began = time.monotonic()
    running = subprocess.Popen(
        [*COMMAND, "ack", "4117"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=world
    )
    assert running.stdout
    assert running.stdout.readline().startswith("✓ acked 4117")
    assert time.monotonic() - began < 10
    running.kill()
    running.communicate()


def test_ctrl_c_ends_a_held_request_at_once(oncall: Run, tmp_path: Path) -> None:
    world = environ(tmp_path, ONCALL_SANDBOX="1")
    oncall(world, "pages")
    oncall(world, "sandbox", "fail", "GET", "/incidents", "--hold", "15", "--status", "0", "--times", "-1")
    running = subprocess.Popen(
        [*COMMAND, "pages", "-v"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=world
    )
    assert running.stderr
    for _ in range(2):  # what isn't held has been answered, GitLab and on-calls: the others are on their way
        running.stderr.readline()
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=10)
    assert time.monotonic() - began < 2
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert err.endswith("oncall: cancelled\n  hint: nothing more was sent\n")  # behind what -v tells of the others


def loaded(tmp_path: Path, *commands: str) -> Ran:
    """What each of some commands has loaded of the SDKs by its end, all in one process: the last line says it."""
    script = "\n".join(
        [
            "import sys",
            "from secops_oncall.app import App",
            "from secops_oncall.cli.boundary import run",
            "seen = {}",
            f"for command in {commands!r}:",
            "    assert run(command.split(), App()) == 0, command",
            f"    seen[command] = sorted(set({SDKS!r}) & set(sys.modules))",
            "print({command: names for command, names in seen.items() if names})",
        ]
    )
    return finished([sys.executable, "-c", script], environ(tmp_path))


def test_help_loads_no_sdk_and_writes_nothing(tmp_path: Path) -> None:
    commands = [*ROOMS, "backlog pick", "backlog drop", "sandbox serve", "sandbox reset", "sandbox fail", ""]
    ran = loaded(tmp_path, *(f"{command} --help" for command in commands))
    assert ran.stdout.splitlines()[-1:] == ["{}"], ran.stdout[-300:] + ran.stderr
    assert not (tmp_path / "state").exists()


def test_a_note_loads_no_sdk_either(tmp_path: Path) -> None:
    assert loaded(tmp_path, "note x", "notes", "--version").stdout.splitlines()[-1] == "{}"


NOTER = """
import sys
from secops_oncall.app import App
from secops_oncall.cli.boundary import run
for n in range(int(sys.argv[2])):
    assert run(["note", "--quiet", f"{sys.argv[1]} {n}"], App()) == 0
    print(n, flush=True)
"""


def noter(world: dict[str, str], name: str, count: int) -> subprocess.Popen[str]:
    """A process that takes so many notes, one command after another, and says so after each."""
    command = [sys.executable, "-c", NOTER, name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=world)


def noted(oncall: Run, world: dict[str, str]) -> list[str]:
    listed = oncall(world, "notes", "--json")
    assert (listed.returncode, listed.stderr) == (0, "")
    return [note["text"] for note in json.loads(listed.stdout)]


def test_a_hundred_notes_from_ten_processes_at_once_are_a_hundred_notes(oncall: Run, tmp_path: Path) -> None:
    world = environ(tmp_path)
    running = [noter(world, str(name), 10) for name in range(10)]
    assert [each.communicate(timeout=120)[1] for each in running] == [""] * 10
    texts = noted(oncall, world)
    assert len(texts) == 100
    assert set(texts) == {f"{name} {n}" for name in range(10) for n in range(10)}


@pytest.mark.parametrize("taken", [1, 5, 30])
def test_a_kill_loses_at_most_the_note_that_is_being_written(oncall: Run, tmp_path: Path, taken: int) -> None:
    world = environ(tmp_path)
    process = noter(world, "n", 100_000)
    assert process.stdout
    told = [process.stdout.readline() for _ in range(taken)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().splitlines()
    process.wait()
    texts = noted(oncall, world)
    assert len(told) <= len(texts) <= len(told) + 1
    assert texts == [f"n {n}" for n in range(len(texts))]


def test_nothing_is_left_of_the_embedded_services(tmp_path: Path) -> None:
    """They are gone with the process: nobody listens where they did."""
    import socket

    world = environ(tmp_path, ONCALL_SANDBOX="1")
    told = finished([*COMMAND, "pages", "-v"], world).stderr
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", told)
    assert found
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", int(found[1])), timeout=1):
        pass


def test_ctrl_c_while_it_is_loaded_is_two_lines(tmp_path: Path) -> None:
    cut = "def find_spec(self, name, *_):\n        if name == 'secops_oncall.app': raise KeyboardInterrupt"
    script = f"class Cut:\n    {cut}\nimport sys\nsys.meta_path.insert(0, Cut())\n"
    script += "from secops_oncall.__main__ import main\nmain()"
    ran = finished([sys.executable, "-c", script], environ(tmp_path))
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "oncall: cancelled\n  hint: nothing was sent\n")


def test_a_second_ctrl_c_claims_nothing_of_what_was_sent(tmp_path: Path) -> None:
    script = "from secops_oncall.cli import boundary\ndef cut(*_):\n    raise KeyboardInterrupt\nboundary._told = cut\n"
    script += "from secops_oncall.__main__ import main\nmain()"
    ran = finished([sys.executable, "-c", script], environ(tmp_path))
    told = "oncall: cancelled\n  hint: oncall pages, to see what was made\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", told)
