"""`oncall`: its global options, and which room each command lies in."""

from typing import Annotated

import typer

from secops_oncall import __version__
from secops_oncall.cli.grammar import RootGroup
from secops_oncall.cli.options import ConfigFile, Profile, app_of
from secops_oncall.world import Options

ROOMS = {
    "status": "status",
    "pages": "pages",
    "show": "pages",
    "ack": "acting",
    "resolve": "acting",
    "snooze": "snoozing",
    "open": "open",
    "who": "people",
    "shift": "shift",
    "escalate": "escalate",
    "issues": "issues",
    "review": "review",
    "backlog": "backlog",
    "note": "note",
    "notes": "notes",
    "improve": "improvements",
    "handoff": "handoff",
    "incident": "incident",
    "init": "init",
    "doctor": "doctor",
    "auth": "auth",
    "journal": "journal",
    "config": "config",
    "demo": "demo",
    "sandbox": "sandbox",
    "help": "help",
}


class Root(RootGroup):
    """The top level, with its rooms."""

    rooms = ROOMS


app = typer.Typer(
    cls=Root,
    name="oncall",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback(invoke_without_command=True)
def oncall(
    context: typer.Context,
    config: ConfigFile = None,
    profile: Profile = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Use the embedded services: no account needed.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour.")] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Long answers, too, at once.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Look everything up anew.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="The answer and errors only.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="One line for each request.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """What a security engineer on call needs, from the page to the hand-off.

    Global options may stand before or after the command.

    \b
    $ oncall --sandbox status
    $ oncall ack
    $ oncall handoff
    """
    home = app_of(context)
    home.use(Options(config, profile, sandbox, no_input, no_color, no_pager, no_cache, quiet, verbose))
    if version:
        home.streams.answer(f"oncall {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from secops_oncall.commands import known
        from secops_oncall.views.help import print_root

        print_root(home.streams, known().root)
