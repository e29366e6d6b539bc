"""What a shell that asks for completion is answered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secops_oncall import completion
from secops_oncall.cache import Cache
from secops_oncall.offers import Offers, kept
from tests.cli.conftest import NOW, Oncall, Served
from tests.fakes import a_page, an_issue

Ask = Callable[..., list[str]]
named = pytest.mark.parametrize


def bash(*words: str) -> dict[str, str]:
    """What the script for bash sets: the words as bash parts them, the last one begun."""
    return {"_ONCALL_COMPLETE": "complete_bash", "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}


def line(shell: str, typed: str, **more: str) -> dict[str, str]:
    """What the scripts for zsh and fish set."""
    return {"_ONCALL_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": typed, **more}


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask for what may follow, in the sandbox's stead: the lines of the answer."""

    def ask(asked: dict[str, str], **environ: str) -> list[str]:
        world = {"ONCALL_STATE_DIR": str(tmp_path / "state"), "ONCALL_SANDBOX": "1", **environ, **asked}
        told = completion.answer(world, lambda: NOW)
        assert told is not None
        return told[0].splitlines()

    return ask


@pytest.fixture
def offers(tmp_path: Path) -> Offers:
    """What the sandbox's lists named."""
    return Offers(Cache(tmp_path / "state" / "sandbox" / "cache", lambda: NOW), "")


@named(
    ("words", "offered"),
    [
        (["oncall", "ha"], ["handoff"]),
        (["oncall", "handoff", "p"], ["post"]),
        (["oncall", "--sandbox", "pages", "--tr"], ["--triggered"]),
        (["oncall", "pages", "-o", ""], ["table", "json", "tsv", "csv", "ids"]),
        (["oncall", "pages", "--output", "=", "j"], ["json"]),
        (["oncall", "pages", "--output", "="], ["table", "json", "tsv", "csv", "ids"]),
        (["oncall", "note", '"two words"', "--kind", "r"], ["risk"]),
        (["oncall", "note", '"it', "--kind", "r"], ["risk"]),
        (["oncall", "help", "ex"], ["exit-codes"]),
        (["oncall", "help", "handoff", "po"], ["post"]),
        (["oncall", "auth", "status", "s"], ["slack"]),
        (["oncall", "config", "get", "gitlab.g"], ["gitlab.groups"]),
        (["oncall", "teleport", ""], []),
        (["oncall", "journal", "export", ""], []),
    ],
)
def test_bash_is_told_values_in_the_words_that_it_makes(ask: Ask, words: list[str], offered: list[str]) -> None:
    assert ask(bash(*words)) == offered


def test_each_shell_is_told_in_its_own_way(ask: Ask, offers: Offers) -> None:
    offers.pages([a_page("Q1", number=4117, title="Canary: opened")])
    offers.keep()
    assert ask(bash("oncall", "ack", "4")) == ["4117"]
    assert ask(line("zsh", "oncall ack 4")) == [r"""_arguments '*: :(("4117":"Canary\\: opened"))'"""]
    assert ask(line("fish", "oncall ack ", _TYPER_COMPLETE_FISH_ACTION="get-args")) == ["4117\tCanary: opened"]
    assert ask(line("powershell", "oncall ack 4", _TYPER_COMPLETE_WORD_TO_COMPLETE="4")) == ["4117:::Canary: opened"]
    assert ask(line("zsh", "oncall ack 4117 ")) == ["_files"]


def test_fish_asks_first_whether_there_is_anything() -> None:
    asked = {"_TYPER_COMPLETE_FISH_ACTION": "is-args", "ONCALL_SANDBOX": "1"}
    assert completion.answer(line("fish", "oncall ha", **asked), lambda: NOW) == ("", 0)
    assert completion.answer(line("fish", "oncall journal export ", **asked), lambda: NOW) == ("", 1)


def test_a_script_is_what_typer_itself_shows() -> None:
    assert completion.answer({"_ONCALL_COMPLETE": "source_bash"}, lambda: NOW) is None


HOSTILE = [
    "'; touch pwned; '",
    '"; touch pwned; "',
    "$(touch pwned)",
    "`touch pwned`",
    "${IFS}touch${IFS}pwned",
    "\\",
    "a\nb\tc\x1b[31m",
    "))'; touch pwned; (('",
    "*? ~ !! & | < > # {a,b} [x]",
]


@named("title", HOSTILE)
@named("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_hostile_title_is_nothing_to_a_shell(ask: Ask, offers: Offers, title: str, shell: str) -> None:
    offers.pages([a_page("Q1", number=4117, title=title)])
    offers.keep()
    asked = line(shell, "oncall ack ", _TYPER_COMPLETE_FISH_ACTION="get-args")
    (told,) = ask(bash("oncall", "ack", "") if shell == "bash" else asked)
    about = told.partition("4117")[2].removeprefix('":"').removesuffix("\"))'").removeprefix("\t")
    assert not set(about.replace(r"\\:", "")) & set("'\"`$\\\t\n\x1b;&|<>*?~!{}[]")


@named("title", HOSTILE)
def test_a_hostile_reference_is_not_offered(ask: Ask, offers: Offers, title: str) -> None:
    known = an_issue("group/project#12")
    offers.issues("backlog", [replace(known, ref=f"group/{title}#1"), known])
    offers.keep()
    assert ask(bash("oncall", "backlog", "pick", "")) == ["group/project#12"]


def test_what_is_too_old_or_of_another_account_is_not_offered(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", lambda: NOW)
    mine = Offers(cache, "me")
    mine.pages([a_page("Q1", number=4117)])
    mine.keep()
    later = Cache(tmp_path / "cache", lambda: NOW + timedelta(hours=13))
    assert [each.value for each in kept(cache, "me", "PAGE")] == ["4117"]
    assert kept(cache, "somebody", "PAGE") == kept(later, "me", "PAGE") == kept(cache, "me", "TEXT") == []


def test_lists_leave_what_they_named_behind(oncall: Oncall, ask: Ask) -> None:
    oncall("pages", "--mine")
    assert ask(bash("oncall", "show", "")) == []
    for command in ("pages", "backlog", "who"):
        oncall(*command.split(), "-q")
    assert ask(bash("oncall", "show", "411")) == ["4117", "4116", "4114", "4115", "4112", "4111", "4110"]
    assert "acme-security/operations#40" in ask(bash("oncall", "backlog", "pick", ""))
    assert ask(bash("oncall", "incident", "engage", "")) == ["ana@example.com", "ben@example.com", "dana@example.com"]
    assert ask(bash("oncall", "incident", "engage", "ben", "@", "")) == ["example.com"]
    assert ask(bash("oncall", "escalate", "--to", "b")) == ["backup", "ben@example.com"]
    mine = [
        each.partition("\t")
        for each in ask(line("fish", "oncall backlog done ", _TYPER_COMPLETE_FISH_ACTION="get-args"))
    ]
    assert ("acme-security/operations#40", "\t", "Write the runbook for OAuth consent phishing") in mine


def test_a_status_leaves_the_pages_behind_too(oncall: Oncall, ask: Ask) -> None:
    oncall("status", "-q")
    assert "4117" in ask(bash("oncall", "show", "4"))


def test_the_title_of_a_confidential_issue_stays_where_it_is(ask: Ask, offers: Offers, tmp_path: Path) -> None:
    offers.issues("backlog", [an_issue(ref="group/project#1", title="who leaked it", confidential=True)])
    offers.keep()
    assert ask(line("fish", "oncall open ", _TYPER_COMPLETE_FISH_ACTION="get-args")) == ["group/project#1"]
    written = [path.read_text("utf-8") for path in (tmp_path / "state").rglob("*.json")]
    assert written
    assert not any("leaked" in text for text in written)


def test_nothing_is_kept_without_a_cache(oncall: Oncall, ask: Ask) -> None:
    oncall("pages", "--no-cache")
    assert ask(bash("oncall", "show", "")) == []


def test_pages_are_those_of_the_account_that_is_asked(oncall: Oncall, served: Served) -> None:
    world = served.environ(ONCALL_STATE_DIR=str(oncall.state))
    oncall("pages", **world)

    def offered(**more: str) -> int:
        told = completion.answer({**world, **bash("oncall", "show", ""), **more}, lambda: NOW)
        return len(told[0].split()) if told else 0

    assert offered() == 9
    assert offered(ONCALL_PAGERDUTY_TOKEN="another") == 0
    assert offered(ONCALL_PAGERDUTY_URL="https://pagerduty.example") == 0


def test_profiles_people_and_keys_come_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[people."ana@example.com"]\n[profile.staging.people."stan@example.com"]\n[profile.edr]\n', "utf-8")

    def offered(*words: str) -> list[str]:
        world = {"ONCALL_CONFIG": str(file), "ONCALL_STATE_DIR": str(tmp_path)}
        told = completion.answer({**world, **bash("oncall", *words)}, lambda: datetime.now(UTC))
        return told[0].split() if told else []

    assert offered("-p", "") == ["default", "staging", "edr"]
    assert offered("incident", "engage", "") == ["ana@example.com"]
    assert offered("-p", "staging", "incident", "engage", "s") == ["stan@example.com"]


@named(("typed", "place", "offered"), [("oncall ha", 1, ["handoff"]), ("oncall handoff po", 2, ["post"])])
def test_words_with_spaces_between_them_are_told_apart_too(
    ask: Ask, typed: str, place: int, offered: list[str]
) -> None:
    asked = {"_ONCALL_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(place)}
    assert ask(asked) == offered
