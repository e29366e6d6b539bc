"""Options work wherever they are typed, and never swallow what isn't theirs."""

from typing import Annotated, Any

import pytest
import typer
from typer.main import get_command

from secops_oncall.cli.grammar import GLOBAL_FLAGS, GLOBAL_VALUES, NounGroup, hoist, lower
from secops_oncall.cli.root import ROOMS, app
from secops_oncall.errors import UsageError

small = typer.Typer()
noun = typer.Typer(name="noun", cls=NounGroup)


@small.callback()
def small_root(quiet: Annotated[bool, typer.Option("-q")] = False) -> None:
    """The root."""


@small.command()
def act(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    note: Annotated[str, typer.Option("--note")] = "",
    output: Annotated[str, typer.Option("-o", "--output")] = "",
    dry_run: Annotated[bool, typer.Option("-n")] = False,
) -> None:
    """Act."""


@noun.callback(invoke_without_command=True)
def noun_root(
    as_json: Annotated[bool, typer.Option("--json")] = False, limit: Annotated[int, typer.Option("-L")] = 0
) -> None:
    """The noun."""


@noun.command()
def pick(name: str) -> None:
    """Pick."""


small.add_typer(noun, name="noun")
ROOT: Any = get_command(small)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("act --sandbox", "--sandbox act"),
        ("--sandbox act", "--sandbox act"),
        ("act -p staging x --config=f -v", "-p staging --config=f -v act x"),
        ("act -pstaging x", "-pstaging act x"),
        ("act --note -q", "act --note -q"),
        ("act --note=-q -q", "-q act --note=-q"),
        ("act -- --sandbox -q", "act -- --sandbox -q"),
        ("act -qv x", "-q -v act x"),
        ("act -nq x", "-q act -n x"),
        ("act -ojson", "act -ojson"),
        ("act -oq -q", "-q act -oq"),
        ("act -", "act -"),
        ("noun pick --no-input a", "--no-input noun pick a"),
        ("act --unknown -z", "act --unknown -z"),
    ],
)
def test_hoist(typed: str, read: str) -> None:
    assert hoist(ROOT, typed.split()) == read.split()


def test_a_global_option_without_its_value_takes_no_command_for_one() -> None:
    with pytest.raises(UsageError, match="--profile' requires an argument"):
        hoist(ROOT, ["act", "--profile"])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("--json pick a", "pick --json a"),
        ("-L 3 --json pick a", "pick -L 3 --json a"),
        ("-L 3", "-L 3"),
        ("pick --json", "pick --json"),
        ("--json other", "--json other"),
        ("-- pick", "-- pick"),
    ],
)
def test_lower(typed: str, read: str) -> None:
    assert lower(ROOT.commands["noun"], typed.split()) == read.split()


def commands(group: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found = []
    for name in group.commands:
        command = group.commands[name]
        found.append(((*path, name), command))
        found += commands(command, (*path, name)) if hasattr(command, "commands") else []
    return found


COMMANDS = commands(get_command(app))


def test_every_room_holds_the_command_that_it_is_named_for() -> None:
    assert {path[0] for path, _ in COMMANDS} == set(ROOMS)
    assert all(command.name == path[-1] for path, command in COMMANDS)


@pytest.mark.parametrize(
    ("path", "command"), COMMANDS, ids=lambda value: " ".join(value) if type(value) is tuple else ""
)
def test_a_command_has_no_option_that_is_spelt_like_a_global_one(path: tuple[str, ...], command: Any) -> None:
    spelt = {option for each in command.params if each.param_type_name == "option" for option in each.opts}
    assert not spelt & (GLOBAL_FLAGS | GLOBAL_VALUES)


@pytest.mark.parametrize(
    ("path", "command"), COMMANDS, ids=lambda value: " ".join(value) if type(value) is tuple else ""
)
def test_a_command_has_help_with_an_example(path: tuple[str, ...], command: Any) -> None:
    assert command.help
    if not getattr(command, "commands", None):
        assert f"$ oncall {' '.join(path)}" in command.help


SPELT = {
    "output": ["-o", "--output"],
    "as_json": ["--json"],
    "limit": ["-L", "--limit"],
    "dry_run": ["-n", "--dry-run"],
    "force": ["--force"],
    "page": ["--page"],
}


def test_the_same_option_is_spelt_the_same_everywhere() -> None:
    for path, command in COMMANDS:
        for each in command.params:
            if each.param_type_name == "option" and each.name in SPELT:
                assert each.opts == SPELT[each.name], path
