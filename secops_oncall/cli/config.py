"""`oncall config`: where the settings come from, and changing them without an editor, or with one."""

from typing import Annotated

import typer

from secops_oncall.cli.config_editing import edited, tell, tell_of_file
from secops_oncall.cli.grammar import NounGroup
from secops_oncall.cli.options import Json, ListOutput, OneOutput, app_of, list_format, one_format
from secops_oncall.errors import UsageError

app = typer.Typer(
    name="config",
    cls=NounGroup,
    rich_help_panel="Set up",
    help="""The settings, and where they are from.

    \b
    $ oncall config list
    $ oncall config set gitlab.groups your-group another
    """,
)

Key = Annotated[str, typer.Argument(metavar="KEY", help="gitlab.groups, or people.ana@example.com.gitlab")]


@app.command()
def path(context: typer.Context) -> None:
    """Print where the configuration file is, whether it is there or not.

    \b
    $ oncall config path
    $ oncall config path --config team.toml
    """
    home = app_of(context)
    settings = home.settings
    home.streams.answer(str(settings.file))
    if settings.is_fixed:
        home.streams.say("the sandbox reads no file")
    elif not settings.file.exists():
        home.streams.say("it is not there yet: oncall config set KEY VALUE makes it")


@app.command("list")
def list_settings(context: typer.Context, output: ListOutput = None, as_json: Json = False) -> None:
    """List every setting with its value and where that comes from.

    \b
    $ oncall config list
    $ oncall config list -p staging --json
    """
    from secops_oncall.views.settings import print_settings

    home = app_of(context)
    form = list_format(output, as_json, home)
    print_settings(home.streams, home.settings.listed(home.streams.warn), form)


@app.command()
def get(context: typer.Context, key: Key, output: OneOutput = None, as_json: Json = False) -> None:
    """Print the value of one setting, and nothing else; a list one a line.

    \b
    $ oncall config get gitlab.url
    $ oncall config get gitlab.groups
    """
    from secops_oncall.views.settings import print_setting

    home, form = app_of(context), one_format(output, as_json)
    found = home.settings.get(key, home.streams.warn)
    print_setting(home.streams, found, form)
    if found.value in (None, ()) and form == "text":
        home.streams.say(f"{found.key} is not set")


@app.command("set")
def set_value(
    context: typer.Context,
    key: Key,
    values: Annotated[list[str], typer.Argument(metavar="VALUE", help="A list takes several, or commas between them.")],
) -> None:
    """Change one setting of the file, once its value is checked; -p NAME that of a profile, which is made.

    Comments of the file are not kept: what it held before lies beside it.

    \b
    $ oncall config set gitlab.groups your-group another
    $ oncall config set pages.assign_issue yes
    $ oncall config set people.ana@example.com.gitlab ana
    $ oncall config set -p staging gitlab.url https://gitlab.example.com
    """
    home = app_of(context)
    saved = home.settings.set(key, tuple(values))
    tell(home, saved, f"set {key} in {saved.file}" if saved.changed else f"already so: {key} in {saved.file}")
    tell_of_file(home, key)


@app.command()
def unset(context: typer.Context, key: Key) -> None:
    """Take one setting out of the file, or a person, so that what lies below it counts: a default in the end.

    \b
    $ oncall config unset gitlab.groups
    $ oncall config unset people.ana@example.com
    """
    home = app_of(context)
    saved = home.settings.unset(key)
    where = saved.file if home.settings.is_default else f"profile {home.settings.profile}"
    tell(home, saved, f"took {key} out of {saved.file}" if saved.changed else f"already so: {where} has no {key}")
    tell_of_file(home, key)


@app.command()
def edit(context: typer.Context) -> None:
    """Open the file in your editor, and save what can be used: the rest is kept as a draft.

    \b
    $ oncall config edit
    $ oncall config edit --config team.toml
    """
    home = app_of(context)
    streams = home.streams
    home.settings.refuse_fixed()
    if not streams.attended:
        raise UsageError("there is no terminal to write on", "oncall config set KEY VALUE")
    saved = edited(home)
    tell(home, saved, f"saved {saved.file}" if saved.changed else f"nothing changed in {saved.file}")
