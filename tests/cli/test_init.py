"""`oncall init` without a terminal: everything by options, each refusal in two lines, and nothing written by halves."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from keyring.backends import fail

from secops_oncall.sandbox import cast
from tests.cli.conftest import Oncall, Ran, Served, two_lines
from tests.keyrings import MemoryKeyring, in_use

TOKENS = f"{cast.token('pagerduty')}\n{cast.token('gitlab')}\n{cast.token('slack')}\n"


class Setup:
    """`setup("--board", "…", stdin=…)` is `oncall init` against the services, with one configuration file."""

    def __init__(self, oncall: Oncall, served: Served, file: Path) -> None:
        self.oncall, self.served, self.file = oncall, served, file
        self.ring = MemoryKeyring()

    def __call__(self, *arguments: str, stdin: str = "", **environ: str) -> Ran:
        return self.run("init", *arguments, stdin=stdin, **environ)

    def run(self, *arguments: str, stdin: str = "", **environ: str) -> Ran:
        world: dict[str, Any] = {
            "ONCALL_SANDBOX": "",
            "ONCALL_CONFIG": "",
            "ONCALL_NETWORK_ATTEMPTS": "1",
            "HOME": str(self.file.parent),
        }
        world |= {"ONCALL_SLACK_URL": self.served.services.addresses.slack, **environ}
        return self.oncall("--config", str(self.file), *arguments, stdin=stdin, **world)

    def whole(self, *arguments: str, stdin: str = TOKENS, **environ: str) -> Ran:
        """With the addresses, and the tokens on standard input."""
        where = self.served.services.addresses
        urls = ["--pagerduty-url", where.pagerduty, "--gitlab-url", where.gitlab]
        return self("--stdin", *urls, *arguments, stdin=stdin, **environ)

    @property
    def text(self) -> str:
        return self.file.read_text("utf-8")

    @property
    def config(self) -> dict[str, Any]:
        return tomllib.loads(self.text)


@pytest.fixture
def setup(oncall: Oncall, served: Served, tmp_path: Path) -> Iterator[Setup]:
    made = Setup(oncall, served, tmp_path / "folder" / "config.toml")
    with in_use(made.ring):
        yield made


def test_from_nothing_to_a_status(setup: Setup) -> None:
    ran = setup.whole(
        *("--incident-project", cast.INCIDENTS_PROJECT, "--incident-label", cast.INCIDENT_LABEL),
        *("--handoff-project", "acme-security/engineering", "--handoff-channel", "secops", "--map"),
    )
    assert ran.code == 0, ran.err
    assert setup.config["gitlab"]["groups"] == [cast.ACCOUNT]
    assert setup.config["backlog"] == {"board": cast.BOARD}
    assert setup.config["handoff"] == {"project": "acme-security/engineering", "slack_channel": "#secops"}
    assert setup.config["people"]["ana@example.com"] == {"gitlab": "ana", "slack": "U0ANA"}
    assert len(setup.config["people"]) == len(cast.PEOPLE)
    assert len(setup.ring.entries) == 3
    assert not any(cast.token(name) in setup.text + ran.err + ran.out for name in ("pagerduty", "gitlab", "slack"))
    assert (setup.file.stat().st_mode & 0o777, setup.file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    found = setup.run("status", "--json")
    assert (found.code, found.json["me"]["name"]) == (0, "Ana Ferreira")


def test_one_thing_is_changed_and_the_rest_stays(setup: Setup) -> None:
    setup.file.parent.mkdir()
    where = setup.served.services.addresses
    before = f'[pagerduty]\nurl = "{where.pagerduty}"\n[gitlab]\nurl = "{where.gitlab}"\ngroups = ["{cast.ACCOUNT}"]\n'
    setup.file.write_text(before + "[mine]\nown = 1\n# a comment\n", "utf-8")
    tokens = {"ONCALL_PAGERDUTY_TOKEN": cast.token("pagerduty"), "ONCALL_GITLAB_TOKEN": cast.token("gitlab")}
    ran = setup("--board", cast.BOARD, **tokens)
    assert ran.code == 0, ran.err
    assert setup.config == tomllib.loads(before) | {"mine": {"own": 1}, "backlog": {"board": cast.BOARD}}
    backup = setup.file.with_name("config.toml.bak")
    assert backup.read_text("utf-8") == before + "[mine]\nown = 1\n# a comment\n"
    assert str(backup) in ran.err
    again = setup("--board", cast.BOARD, **tokens)
    assert (again.code, "nothing new" in again.err) == (0, True)


def test_a_profile_has_its_own_tables_and_tokens_and_a_link_stays_one(setup: Setup, tmp_path: Path) -> None:
    setup.file.parent.mkdir()
    setup.file.symlink_to(tmp_path / "dotfiles.toml")
    setup.file.write_text('[gitlab]\nurl = "https://gitlab.example.com"\ngroups = ["other"]\n', "utf-8")
    assert setup.whole("-p", "staging", "--group", cast.ACCOUNT).code == 0
    assert setup.config["gitlab"] == {"url": "https://gitlab.example.com", "groups": ["other"]}
    assert setup.config["profile"]["staging"]["gitlab"]["groups"] == [cast.ACCOUNT]
    assert {name for name, _ in setup.ring.entries} == {
        f"oncall/staging/{name}" for name in ("pagerduty", "gitlab", "slack")
    }
    assert setup.file.is_symlink()
    assert setup.run("-p", "staging", "pages").code == 0


def test_without_a_keyring_the_variables_are_said_and_never_the_tokens(setup: Setup) -> None:
    with in_use(fail.Keyring()):  # type: ignore[no-untyped-call]
        ran = setup.whole("--no-slack")
    assert ran.code == 0, ran.err
    assert "  export ONCALL_PAGERDUTY_TOKEN=…\n  export ONCALL_GITLAB_TOKEN=…\n" in ran.err
    assert not any(cast.token(name) in ran.err + ran.out + setup.text for name in ("pagerduty", "gitlab"))


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "said"),
    [
        (["--stdin"], "", 2, "standard input holds no token"),
        (["--stdin"], "a\nb\nc\nd\n", 2, "standard input holds 4 lines"),
        (["--stdin"], "glpat-12345678901234567890\n", 2, "a token of GitLab, and was not sent to PagerDuty"),
        (["--incident-label", "on\ncall"], "", 2, "--incident-label holds a line end"),
        (["--stdin"], "two words\n", 2, "holds no spaces"),
        (["--stdin"], "nobodys-key-nobodys-key\n", 4, "or is it of another region"),
        ([], "", 2, "export ONCALL_PAGERDUTY_TOKEN=…, or oncall init --stdin"),
        (["--region", "eu"], "", 2, "--region and --pagerduty-url contradict"),
        (["--no-slack", "--ack-channel", "x"], "", 2, "--no-slack and a channel contradict"),
        (["--stdin", "--engineer", "Nobody:1"], TOKENS, 5, "hint: it sees Security Responder:1"),
        (["--stdin", "--engineer", ""], TOKENS, 5, "there is no policy's level or schedule ''"),
        (["--stdin", "--list", ""], TOKENS, 5, "there is no list ''"),
        (["--stdin", "--gitlab-url", " "], TOKENS, 2, "--gitlab-url is empty"),
        (["--stdin", "--gitlab-url", "https://"], TOKENS, 3, "`gitlab.url` is no web address: 'https:'"),
        (["--stdin", "--list", "Backlog", "--board", ""], TOKENS, 5, "--board GROUP:NAME, or leave out --list"),
        (["--stdin", "--incident-label", "incidents"], TOKENS, 5, "hint: did you mean 'incident'?"),
        (["--stdin", "--pagerduty-email", "anna@example.com"], TOKENS, 5, "hint: did you mean ana@example.com?"),
        (["--stdin", "--group", "no-such-group"], TOKENS, 5, "no-such-group"),
        (["--stdin", "--board", "acme-security:Gone"], TOKENS, 5, "hint: it sees acme-security:On-call"),
        (["--stdin", "--ack-channel", "gone"], TOKENS, 5, "Slack channel 'gone'"),
        (["--stdin", "--gitlab-url", "http://gitlab.example.com"], TOKENS, 3, "unencrypted"),
        (["--stdin", "--gitlab-url", "127.0.0.1:1"], TOKENS, 6, "127.0.0.1:1"),
    ],
)
def test_what_is_wrong_is_told_in_two_lines_and_nothing_is_written(
    setup: Setup, arguments: list[str], stdin: str, code: int, said: str
) -> None:
    where = setup.served.services.addresses
    urls = ["--pagerduty-url", where.pagerduty, "--gitlab-url", where.gitlab]
    ran = setup(*urls, *arguments, stdin=stdin)
    last = "".join(ran.err.splitlines(keepends=True)[-2:])
    assert (ran.code, two_lines(last)) == (code, True), ran.err
    assert said in last
    assert (setup.file.parent.exists(), setup.ring.entries) == (False, {})


class TestFileFirst:
    """What would go wrong in the end is found out before the first question."""

    def refused(self, setup: Setup, said: str) -> None:
        ran = setup.whole()
        assert (ran.code, two_lines(ran.err)) == (3, True), ran.err
        assert said in ran.err
        assert (setup.served.asked, setup.ring.entries) == ([], {})

    def test_a_folder_in_its_place(self, setup: Setup) -> None:
        setup.file.mkdir(parents=True)
        self.refused(setup, "is no file")

    def test_a_file_in_its_folders_place(self, setup: Setup) -> None:
        setup.file.parent.write_text("")
        self.refused(setup, "is no folder")

    def test_a_link_that_leads_to_itself(self, setup: Setup) -> None:
        setup.file.parent.mkdir()
        setup.file.symlink_to(setup.file)
        self.refused(setup, "configuration")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_is_read_only(self, setup: Setup) -> None:
        setup.file.parent.mkdir(mode=0o500)
        self.refused(setup, "is read-only")

    def test_what_is_not_toml(self, setup: Setup) -> None:
        setup.file.parent.mkdir()
        setup.file.write_text("[pagerduty\n", "utf-8")
        self.refused(setup, "config.toml:1:11")
        assert setup.text == "[pagerduty\n"


def test_the_sandbox_is_set_up_already(oncall: Oncall) -> None:
    ran = oncall("init")
    assert (ran.code, ran.err) == (
        2,
        "oncall: the sandbox is set up already\n  hint: oncall --sandbox status, or leave out --sandbox\n",
    )


def test_a_first_command_says_init(oncall: Oncall) -> None:
    ran = oncall("status", ONCALL_SANDBOX="")
    assert (ran.code, "hint: oncall init;" in ran.err, two_lines(ran.err)) == (3, True, True)
