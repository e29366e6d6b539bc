"""`oncall doctor` on set-ups that are broken in one way each: that fault is named, with what mends it, and no other."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from secops_oncall.domain.times import iso
from secops_oncall.sandbox import cast, settings
from secops_oncall.sandbox.control import Fault, add_fault, clear_faults
from secops_oncall.sandbox.gitlab_records import PROJECT
from secops_oncall.sandbox.pagerduty_records import POLICY, SCHEDULE, USER
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.sandbox.store import State
from tests.cli.conftest import NOW, Oncall, Ran, two_lines
from tests.keyrings import LockedKeyring, in_use

Change = Callable[["SetUp"], object]
GRACE = cast.PEOPLE["grace"]


@dataclass
class SetUp:
    """A configuration file and an environment: those of an engineer for whom all is well, until a test breaks them."""

    file: Path
    tables: dict[str, Any]
    environ: dict[str, Any]
    services: Sandbox
    arguments: list[str] = field(default_factory=list)

    def fail(self, path: str, status: int = 500, **more: Any) -> None:
        add_fault(self.services.store, Fault("*", path, status, times=-1, **more))

    def write(self, text: str | None = None) -> None:
        self.file.write_text(tomli_w.dumps(self.tables) if text is None else text, "utf-8")
        self.file.chmod(0o600)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all of them; what they name and is unfit lies in it from the start."""
    with Sandbox(tmp_path_factory.mktemp("served"), clock=lambda: NOW) as served:
        with served.store.state() as state:
            _unfit(state)
        yield served


def _unfit(state: State) -> None:
    unfit: dict[str, dict[str, Any]] = {"old": {"archived": True}, "mute": {"issues": False}, "guests": {"role": 10}}
    for number, (name, more) in enumerate(unfit.items(), start=90):
        place = {"id": number, "path": f"{cast.ACCOUNT}/{name}", "name": name, "group": cast.GROUP_ID}
        state.put(PROJECT, number, {**place, "group_name": "Acme Security", **more}, parent=cast.GROUP_ID)
    turn = {"user": cast.PEOPLE["ana"].pagerduty, "start": iso(NOW), "end": iso(NOW + timedelta(hours=5))}
    for key, name, turns in (("PSGAPPY", "Gappy", [turn]), ("PSEMPTY", "Empty", [])):
        body = {"id": key, "name": name, "time_zone": "UTC", "policies": ["PSLOWLY"], "turns": turns}
        state.put(SCHEDULE, key, {**body, "overrides": []})
    targets = {"PSENGIN": "schedule_reference", GRACE.pagerduty: "user_reference"}
    rules = [{"delay": 30, "targets": [{"type": kind, "id": key}]} for key, kind in targets.items()]
    rules += [{"delay": 15, "targets": [{"type": "schedule_reference", "id": key}]} for key in ("PSGAPPY", "PSEMPTY")]
    state.put(POLICY, "PSLOWLY", {"id": "PSLOWLY", "name": "Slowly", "loops": 0, "rules": rules, "services": []})
    grace = state.get(USER, GRACE.pagerduty)
    assert grace
    methods = [each for each in grace["contact_methods"] if each["type"] == "email_contact_method"]
    state.put(USER, GRACE.pagerduty, {**grace, "contact_methods": methods})


@pytest.fixture
def set_up(services: Sandbox, tmp_path: Path) -> Iterator[SetUp]:
    file = tmp_path / "config.toml"
    tables = settings.file(services.addresses)
    tables["network"] = {"attempts": 1}
    tokens = {f"ONCALL_{each.upper()}_TOKEN": cast.token(each) for each in ("pagerduty", "gitlab", "slack")}
    found = SetUp(file, tables, {"ONCALL_SANDBOX": "", "ONCALL_CONFIG": str(file), **tokens}, services)
    found.write()
    yield found
    clear_faults(services.store)


def keep_only(set_up: SetUp, service: str) -> None:
    """Leave GitLab and Slack unused, but for a service: what isn't asked costs the test nothing."""
    if service != "gitlab":
        for section in ("gitlab", "incidents", "issues", "backlog"):
            set_up.tables.pop(section)
        set_up.tables["handoff"].pop("project")
        set_up.environ.pop("ONCALL_GITLAB_TOKEN")
    if service != "slack":
        set_up.tables["handoff"].pop("slack_channel")
        set_up.environ.pop("ONCALL_SLACK_TOKEN")
    set_up.write()


def examined(oncall: Oncall, set_up: SetUp) -> Ran:
    return oncall("doctor", "--json", *set_up.arguments, **set_up.environ)


def faults(ran: Ran) -> dict[str, dict[str, str]]:
    """What isn't well, by service and check."""
    return {f"{one['service']}/{one['check']}": one for one in ran.json if one["level"] != "ok"}


def key(section: str, name: str, value: object) -> Change:
    """A setting changed in the file."""

    def change(set_up: SetUp) -> None:
        set_up.tables.setdefault(section, {})[name] = value
        set_up.write()

    return change


def token(service: str, value: str) -> Change:
    return lambda set_up: set_up.environ.update({f"ONCALL_{service.upper()}_TOKEN": value})


def fault(path: str, status: int = 500, **more: Any) -> Change:
    return lambda set_up: set_up.fail(path, status, **more)


def profile(set_up: SetUp) -> None:
    set_up.arguments += ["-p", "nope"]


def a_folder(set_up: SetUp) -> None:
    set_up.file.unlink()
    set_up.file.mkdir()


def people(set_up: SetUp) -> None:
    set_up.tables["people"].pop("ben@example.com")
    set_up.tables["people"]["nobody@example.com"] = {"gitlab": "ana"}
    set_up.write()


def a_handle(set_up: SetUp) -> None:
    set_up.tables["people"]["ben@example.com"] = {"gitlab": "benn", "slack": "U0NOBODY"}
    set_up.write()


def announced(channel: str) -> Change:
    def change(set_up: SetUp) -> None:
        set_up.tables["slack"] |= {"announce": True, "channel": channel}
        set_up.write()

    return change


def confides(set_up: SetUp) -> None:
    set_up.tables["handoff"] |= {"slack_confidential": "six-fields", "slack_channel": f"#{cast.ACK_CHANNEL[1]}"}
    set_up.write()


ACCOUNT = cast.ACCOUNT
GITLAB_PAGE = "/-/user_settings/personal_access_tokens?name=oncall&scopes=api"
# What is broken, and of every check that isn't well then: its fix, or a part of it. Then the exit code.
BROKEN: dict[str, tuple[Change, dict[str, str], int]] = {
    "others may read it": (lambda it: it.file.chmod(0o644), {"None/file": "chmod 600 "}, 0),
    "no TOML": (lambda it: it.write("[gitlab\n"), {"None/file": "mend that line", "None/the rest": ""}, 3),
    "a folder": (a_folder, {"None/file": "--config FILE", "None/the rest": ""}, 3),
    "an unknown key": (key("gitlab", "group", "x"), {"None/keys": "oncall config edit"}, 0),
    "a value of no use": (key("pages", "ack_minutes", "x"), {"None/settings": "set pages.ack", "None/the rest": ""}, 3),
    "a shift of no use": (key("shift", "time_zone", "Nowhere"), {"None/shift": "Europe/Berlin"}, 3),
    "an unknown profile": (profile, {"None/settings": "[profile.NAME.section]", "None/the rest": ""}, 3),
    "no certificates": (
        key("network", "ca_bundle", "/x"),
        {"None/network": "network.ca_bundle", "None/the rest": ""},
        3,
    ),
    "no token": (
        token("gitlab", ""),
        {"gitlab/token": "ONCALL_GITLAB_TOKEN", "gitlab/the rest": "", "None/keyring": ""},
        4,
    ),
    "a token that is none": (token("gitlab", "x"), {"gitlab/token": GITLAB_PAGE, "gitlab/the rest": ""}, 4),
    "expired": (token("gitlab", "sandbox-gitlab-ana-expired"), {"gitlab/token": GITLAB_PAGE, "gitlab/the rest": ""}, 4),
    "expires soon": (token("gitlab", "sandbox-gitlab-ana-expiring"), {"gitlab/expiry": GITLAB_PAGE}, 0),
    "only reads": (token("gitlab", "sandbox-gitlab-ana-readonly"), {"gitlab/scopes": GITLAB_PAGE}, 0),
    "a bot": (token("gitlab", "sandbox-gitlab-bot"), {"gitlab/user": "of your own"}, 0),
    "an account key": (token("pagerduty", "sandbox-pagerduty-account"), {"pagerduty/email": "pagerduty.email"}, 3),
    "Slack's token lacks a scope": (token("slack", "sandbox-slack-ana-readonly"), {"slack/scopes": "chat:write"}, 4),
    "unreachable": (key("gitlab", "url", "http://127.0.0.1:9"), {"gitlab/connection": "", "gitlab/the rest": ""}, 6),
    "unencrypted": (key("gitlab", "url", "http://x.test"), {"gitlab/address": "https://", "gitlab/the rest": ""}, 3),
    "no address, and no token for it": (
        lambda it: (key("gitlab", "url", "ftp://x.test")(it), token("gitlab", "")(it)),
        {"gitlab/address": "https://HOST", "gitlab/the rest": "", "None/keyring": ""},
        3,
    ),
    "down": (fault("/pagerduty/"), {"pagerduty/connection": "again in a minute", "pagerduty/the rest": ""}, 6),
    "hangs up": (
        fault("/pagerduty/", 0, drop=True),
        {"pagerduty/connection": "oncall config get pagerduty.url", "pagerduty/the rest": ""},
        6,
    ),
    "answers nothing": (
        lambda it: (key("network", "timeout", 1)(it), fault("/gitlab/", 0, hold=1.5)(it)),
        {"gitlab/connection": "check the host (oncall config get gitlab.url), the VPN", "gitlab/the rest": ""},
        6,
    ),
    "Slack behind a proxy over TLS": (
        lambda it: (
            key("slack", "url", "https://slack.com/api/")(it),
            it.environ.update(HTTPS_PROXY="https://ana:s3cret@127.0.0.1:1"),
        ),
        {"slack/address": "set HTTPS_PROXY to http://HOST:PORT, or NO_PROXY to slack.com", "slack/the rest": ""},
        3,
    ),
    "a clock that is off": (fault("/gitlab/", 0, skew=-90.0), {"gitlab/clock": "NTP"}, 0),
    "a clock that is wrong": (fault("/slack/", 0, skew=600.0), {"slack/clock": "NTP"}, 3),
    "no such role": (key("roles", "backup", "Security Responder Backups"), {"pagerduty/backup": "did you mean"}, 5),
    "a role without anybody": (key("roles", "engineer", "Slowly:4"), {"pagerduty/engineer": "override"}, 5),
    "a role with gaps": (key("roles", "backup", "Gappy"), {"pagerduty/backup": "override"}, 0),
    "a slow policy": (key("roles", "engineer", "Slowly:1"), {"pagerduty/escalation": "to 15 in PagerDuty"}, 0),
    "another delay": (key("pages", "ack_minutes", 20), {"pagerduty/escalation": "pages.ack_minutes 15"}, 0),
    "no phone": (key("roles", "manager", "Slowly:2"), {"pagerduty/phone": "Contact Information"}, 0),
    "nobody's e-mail": (people, {"pagerduty/people": "people.nobody@example.com"}, 0),
    "nobody's name in GitLab": (a_handle, {"gitlab/people": "people.ben@example.com.gitlab"}, 0),
    "nobody's id in Slack": (a_handle, {"slack/people": "people.ben@example.com.slack"}, 0),
    "no such group": (key("gitlab", "groups", ["gone"]), {"gitlab/groups": "gitlab.groups"}, 5),
    "no such project": (key("incidents", "projects", [f"{ACCOUNT}/x"]), {"gitlab/incidents": "incidents.projects"}, 5),
    "no such label": (key("issues", "label", "on-call"), {"gitlab/labels": "oncall config set issues.label"}, 5),
    "no such board": (key("backlog", "board", f"{ACCOUNT}:Off-call"), {"gitlab/board": "'On-call'"}, 5),
    "no such list": (key("backlog", "list", "To Do"), {"gitlab/list": "backlog.list 'Backlog'"}, 5),
    "no such list to move to": (key("backlog", "doing", "Doing"), {"gitlab/doing": "backlog.doing"}, 5),
    "archived": (key("handoff", "project", f"{ACCOUNT}/old"), {"gitlab/handover": "unarchive it"}, 3),
    "without issues": (key("handoff", "project", f"{ACCOUNT}/mute"), {"gitlab/handover": "switch them on"}, 3),
    "a guest": (key("issues", "improvement_project", f"{ACCOUNT}/guests"), {"gitlab/improvements": "Reporter"}, 4),
    "no such channel": (key("handoff", "slack_channel", "#gone"), {"slack/handoffs": "has to be joined"}, 5),
    "an archived channel": (announced(f"#{cast.ARCHIVED_CHANNEL[1]}"), {"slack/acks": "unarchive"}, 5),
    "not joined": (announced(f"#{cast.FOREIGN_CHANNEL[1]}"), {"slack/acks": "/invite"}, 5),
    "confiding in public": (confides, {"slack/handoffs": "private"}, 3),
}


def test_all_is_well(oncall: Oncall, set_up: SetUp) -> None:
    ran = examined(oncall, set_up)
    assert (ran.code, faults(ran)) == (0, {})
    assert {one["service"] for one in ran.json} == {None, "pagerduty", "gitlab", "slack"}
    assert ran.err == f"✓ {len(ran.json)} checks: all is well\n"
    assert all(one["fix"] == "" for one in ran.json)


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_broken_is_named_with_its_fix(oncall: Oncall, set_up: SetUp, broken: str) -> None:
    change, expected, code = BROKEN[broken]
    keep_only(set_up, next(iter(expected)).partition("/")[0])
    change(set_up)
    ran = examined(oncall, set_up)
    found = faults(ran)
    assert (set(found), ran.code) == (set(expected), code), found
    for check, fix in expected.items():
        assert fix in found[check]["fix"]
        assert found[check]["fix"]
    assert "not checked: " in "".join(one["found"] for check, one in found.items() if check.endswith("/the rest")) or (
        not any(check.endswith("/the rest") for check in found)
    )
    assert not any(
        value in ran.out + ran.err for name, value in set_up.environ.items() if "TOKEN" in name and value[1:]
    )


@pytest.mark.parametrize("service", ["pagerduty", "gitlab", "slack"])
def test_whether_a_service_is_there_takes_no_token(oncall: Oncall, set_up: SetUp, service: str) -> None:
    keep_only(set_up, service)
    set_up.environ[f"ONCALL_{service.upper()}_TOKEN"] = ""
    set_up.fail(f"/{service}/", 0, skew=600.0)
    before = len(set_up.services.log.seen)
    ran = examined(oncall, set_up)
    mine = {one["check"]: one for one in ran.json if one["service"] == service}
    assert (ran.code, mine["connection"]["level"], mine["clock"]["level"]) == (3, "ok", "error"), ran.err
    assert mine["token"]["found"].startswith("no ")
    assert [one.status for one in set_up.services.log.seen[before:] if one.path.startswith(f"/{service}/")] == [
        200 if service == "slack" else 401
    ]
    clear_faults(set_up.services.store)
    set_up.fail(f"/{service}/", 503)
    found = faults(examined(oncall, set_up))
    assert {f"{service}/connection", f"{service}/token"} <= set(found)


def test_several_faults_are_all_told_and_the_code_is_of_the_first_to_mend(oncall: Oncall, set_up: SetUp) -> None:
    for change in (token("slack", "x"), key("backlog", "list", "To Do"), fault("/pagerduty/")):
        change(set_up)
    ran = examined(oncall, set_up)
    assert {"slack/token", "gitlab/list", "pagerduty/connection"} <= set(faults(ran))
    assert ran.code == 4


def test_nothing_set_up_at_all(oncall: Oncall) -> None:
    ran = oncall("doctor", "--json", ONCALL_SANDBOX="")
    found = faults(ran)
    assert (ran.code, set(found)) == (3, {"None/file", "None/the rest"})
    assert "not set up" in found["None/file"]["found"]


def test_a_keyring_that_is_locked(oncall: Oncall, set_up: SetUp) -> None:
    keep_only(set_up, "pagerduty")
    set_up.environ.pop("ONCALL_PAGERDUTY_TOKEN")
    with in_use(LockedKeyring()):
        ran = examined(oncall, set_up)
    assert (set(faults(ran)), ran.code) == ({"None/keyring", "pagerduty/token", "pagerduty/the rest"}, 4)
    assert "is locked" in faults(ran)["None/keyring"]["found"]


def test_a_journal_that_is_damaged(oncall: Oncall, set_up: SetUp) -> None:
    assert oncall("note", "x", **set_up.environ).code == 0
    (path,) = oncall.state.rglob("journal.db")
    path.write_bytes(b"nothing of a database" * 100)
    ran = examined(oncall, set_up)
    assert (set(faults(ran)), ran.code) == ({"None/journal"}, 3)
    assert path.read_bytes().startswith(b"nothing")  # it only looks


def test_a_journal_of_a_newer_oncall(oncall: Oncall, set_up: SetUp) -> None:
    assert oncall("note", "x", **set_up.environ).code == 0
    (path,) = oncall.state.rglob("journal.db")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    ran = examined(oncall, set_up)
    assert (set(faults(ran)), ran.code) == ({"None/journal"}, 3)
    assert "pip install --upgrade" in faults(ran)["None/journal"]["fix"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever may everything is kept from nothing")
def test_folders_that_cannot_be_written_to(oncall: Oncall, set_up: SetUp) -> None:
    assert oncall("note", "x", **set_up.environ).code == 0
    (path,) = oncall.state.rglob("journal.db")
    for folder in (path.parent, set_up.file.parent):
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert set(faults(examined(oncall, set_up))) == {"None/journal", "None/file"}
    finally:
        for folder in (path.parent, set_up.file.parent):
            folder.chmod(stat.S_IRWXU)


def test_a_link_that_leads_to_itself(oncall: Oncall, set_up: SetUp) -> None:
    set_up.file.unlink()
    set_up.file.symlink_to(set_up.file)
    ran = examined(oncall, set_up)
    assert (set(faults(ran)), ran.code) == ({"None/file", "None/the rest"}, 3)


@pytest.mark.parametrize("variable", ["ONCALL_CONFIG", "ONCALL_STATE_DIR"])
def test_a_place_that_can_not_even_be_looked_at(oncall: Oncall, set_up: SetUp, tmp_path: Path, variable: str) -> None:
    keep_only(set_up, "pagerduty")
    set_up.environ[variable] = str(tmp_path / ("x" * 300))  # as a folder of mode 0000 is, for root too
    ran = examined(oncall, set_up)
    expected = {"ONCALL_CONFIG": {"None/file", "None/the rest"}, "ONCALL_STATE_DIR": {"None/journal"}}
    assert (set(faults(ran)), ran.code) == (expected[variable], 3)
    assert oncall("config", "path", **set_up.environ).code == 0


def test_nobody_is_told_to_change_the_mode_of_a_device(oncall: Oncall, set_up: SetUp) -> None:
    set_up.environ["ONCALL_CONFIG"] = os.devnull
    assert "None/file" not in faults(examined(oncall, set_up))


def test_a_link_to_a_file_is_followed(oncall: Oncall, set_up: SetUp, tmp_path: Path) -> None:
    shutil.move(set_up.file, tmp_path / "dotfile.toml")
    set_up.file.symlink_to(tmp_path / "dotfile.toml")
    ran = examined(oncall, set_up)
    assert (ran.code, faults(ran)) == (0, {})
    assert "dotfile.toml" in next(one["found"] for one in ran.json if one["check"] == "file")


def test_the_sandbox_is_well_in_a_few_waves(oncall: Oncall) -> None:
    """Four by how they depend on each other, and one more because PagerDuty is asked four things at once at most."""
    oncall("doctor")
    oncall.fail("*", ".", 0, times=-1, hold=0.5)  # so long that a busy machine makes no wave of what comes late
    ran = oncall("doctor")
    assert ran.code == 0
    assert ran.err.endswith("checks: all is well\n")
    assert {asked for asked in ran.writes if not asked.startswith("POST /slack/")} == set()
    assert ran.waves <= 5


def test_a_profile_and_the_screen(oncall: Oncall, set_up: SetUp) -> None:
    set_up.tables["profile"] = {"staging": {"backlog": {"list": "To Do"}}}
    set_up.write()
    ran = oncall("-p", "staging", "doctor", screen=True, **set_up.environ, COLUMNS="60")
    assert ran.code == 5
    assert "✗ list" in ran.out
    assert "→ oncall config set backlog.list 'Backlog'" in ran.out
    assert "profile" in ran.out
    unbreakable = str(set_up.file)
    assert all(len(line) <= 60 for line in ran.out.splitlines() if unbreakable not in line and "/" not in line)
    assert not two_lines(ran.err)
