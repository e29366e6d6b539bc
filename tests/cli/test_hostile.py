"""Whatever the services hold and whatever is typed: nothing comes out that drives a terminal, hides or turns around."""

import json
import re
import unicodedata
from typing import Any

import pytest

from secops_oncall.sandbox.store import Store
from tests.cli.conftest import Oncall, Ran

POISON = (
    "\x1b[2J\x1b]0;owned\x07\x9b31m\x1bP1;2q\x1b\\\x00\x08\r\n\x85\u2028\u202egnp.exe\u2066\u200b\u200d\ufeff\u00ad"
    "\U000e0041 [bold red]markup[/] :skull: <!-- oncall:handoff forged -->"
)
POISONED = {  # what a colleague, an alert or a customer can write, by the sandbox's own kinds
    "pagerduty_user": {"name", "job_title", "label"},
    "pagerduty_service": {"name", "integration"},
    "pagerduty_incident": {"title"},
    "pagerduty_entry": {"summary", "description", "content"},
    "pagerduty_note": {"content"},
    "pagerduty_alert": {"text", "summary", "severity", "commit", "repository", "token", "user", "host", "memo"},
    "gitlab_issue": {"title", "description"},
    "gitlab_note": {"body"},
}
COMMANDS = [
    ["pages"],
    ["status"],
    ["show", "4115"],
    ["show", "4112"],
    ["show", "4117"],
    ["who", "--contact"],
    ["issues"],
    ["review", "--list"],
    ["review", "acme-security/operations#45", "--verdict", "human", "--take", "--force"],
    ["review", "--done", "--why", POISON],
    ["backlog"],
    ["notes"],
    ["handoff"],
    ["handoff", "edit", "-n"],
    ["handoff", "edit", "4112", "--real", "--state", POISON],
    ["handoff", "post", "--yes", "--anyway", "--why", POISON],
    ["ack", "4115", "4109", "4108"],
    ["ack"],
    ["resolve"],
    ["resolve", "4114"],
    ["backlog", "pick", "acme-security/engineering#213"],
    ["backlog", "pick", "acme-security/operations#40"],
    ["improve", "--list"],
    ["improve", "Honeypot is decommissioned but its rule still pages"],
    ["improve", POISON, "-n"],
    ["backlog", "mine"],
    ["backlog", "drop", "acme-security/engineering#209", "--why", POISON],
    ["backlog", "done", "acme-security/engineering#209", "--comment", POISON],
]
DEEDS = (["pick"], ["drop"], ["done"])
LISTS = {"who", "pages", "issues", "backlog", "notes"}  # the rest have two formats


def poisoned(value: Any, fields: set[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: each + POISON if key in fields and isinstance(each, str) else poisoned(each, fields)
            for key, each in value.items()
        }
    return [poisoned(each, fields) for each in value] if isinstance(value, list) else value


@pytest.fixture
def hostile(oncall: Oncall) -> Oncall:
    """A practice shift in which everything that others write attacks the terminal."""
    oncall("note", f"mine {POISON}")
    oncall.fail("GET", "/nowhere", times=1)  # begins the shift
    path = oncall.state / "sandbox" / "sandbox.sqlite3"
    store = Store(path)
    with store.state() as state:
        rows = list(state._connection.execute("SELECT kind, id, body FROM documents"))
        for kind, key, body in rows:
            document = poisoned(json.loads(body), POISONED.get(kind, set()))
            if kind == "gitlab_issue":
                document["labels"] = [*document["labels"], f"hot{POISON}"]
            state._connection.execute(
                "UPDATE documents SET body = ? WHERE kind = ? AND id = ?", (json.dumps(document), kind, key)
            )
    return oncall


def dangerous(text: str, allowed: str = "\n") -> set[str]:
    """Every control, format, surrogate or line-breaking character of a text but the allowed ones."""
    return {each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - set(allowed)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.items() for part in each for text in strings(part)]
    return [text for each in value for text in strings(each)] if isinstance(value, list) else [str(value)]


def check(ran: Ran, allowed: str = "\n") -> None:
    assert not dangerous(ran.out, allowed)
    assert not dangerous(ran.err)
    assert "oncall:handoff" not in ran.out + ran.err
    assert ran.code in (0, 2, 7), ran.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_drives_the_terminal(hostile: Oncall, command: list[str]) -> None:
    forms = ["table", "csv", "ids", "tsv"] if command[0] in LISTS and command[1:2] not in DEEDS else []
    for form in forms:
        check(hostile(*command, "-o", form), "\n\t" if form == "tsv" else "\n")
    check(hostile(*command, screen=True))
    check(hostile(*command), "\n\t" if forms else "\n")
    as_json = hostile(*command, "--json")
    check(as_json)
    if as_json.out:
        assert not {each for text in strings(as_json.json) for each in dangerous(text)}


def test_the_poison_was_there(hostile: Oncall) -> None:
    """Else the test above would be about nothing: what stays of it is the harmless rest."""
    for command in (["pages"], ["show", "4112"], ["issues"], ["who"], ["handoff"], ["status"], ["notes"]):
        assert "gnp.exe" in hostile(*command).out, command


def test_on_a_terminal_remote_text_is_no_markup(hostile: Oncall) -> None:
    ran = hostile("show", "4112", screen=True, NO_COLOR="", COLUMNS="200")
    codes = set(re.findall(r"\x1b\[[0-9;]*m", ran.out))
    assert not dangerous(ran.out, "\n\x1b")
    assert codes <= {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;31m"}
    assert ran.out.count("\x1b") == len(re.findall(r"\x1b\[[0-9;]*m", ran.out))
    assert "[bold red]markup[/] :skull:" in ran.out


def test_json_on_a_terminal_is_ascii(hostile: Oncall) -> None:
    assert hostile("pages", "--json", screen=True).out.isascii()


def test_a_cell_is_never_two(hostile: Oncall) -> None:
    lines = hostile("pages").out.splitlines()
    assert len(lines) == 9
    assert {line.count("\t") for line in lines} == {15}


@pytest.mark.parametrize(
    "typed",
    [
        [f"x{POISON}"],
        ["pages", f"--{POISON}"],
        ["pages", "-o", POISON],
        ["ack", f"4117{POISON}"],
        ["show", POISON],
        ["note", "x", "--page", POISON],
        ["note", POISON, "--kind", POISON],
        ["backlog", "pick", f"acme/x#1{POISON}"],
        ["backlog", POISON],
        ["improve", POISON],
        ["improve", "--note", POISON],
        ["improve", "x", "--title", POISON, "--issue", POISON],
        ["backlog", "done", f"acme/x#1{POISON}"],
        ["backlog", "drop", POISON, "--why", POISON],
        ["sandbox", "fail", "GET", f"({POISON}"],
        ["handoff", "edit", POISON, "--state", "x"],
        ["handoff", "edit", "4117", "--clear", POISON, "--next", POISON],
        ["handoff", "edit", "4117", "--next", f"x | {POISON} | {POISON}", "--if", POISON],
        ["handoff", "edit", "4117", "--done", POISON, "--confidence", POISON],
        ["-p", POISON, "pages"],
        ["issues", "--label", POISON],
        ["pages", "--search", POISON, "--service", POISON],
    ],
    ids=lambda typed: typed[0][:8],
)
def test_what_is_typed_is_cleaned_before_it_is_repeated(oncall: Oncall, typed: list[str]) -> None:
    for sandbox in ("1", ""):
        ran = oncall(*typed, ONCALL_SANDBOX=sandbox)
        assert not dangerous(ran.out, "\n\t")
        assert not dangerous(ran.err)
        assert ran.code in (0, 2, 3, 4, 5)
