"""`oncall sandbox`: the embedded PagerDuty, GitLab and Slack, served, reset or told to fail."""

import re
from math import isfinite
from typing import Annotated

import typer

from secops_oncall.cli.grammar import NounGroup
from secops_oncall.cli.options import app_of
from secops_oncall.domain.text import quoted
from secops_oncall.errors import UsageError

_YEAR = 366 * 24 * 3600.0  # seconds

app = typer.Typer(
    name="sandbox",
    cls=NounGroup,
    rich_help_panel="Try it",
    help="""The embedded PagerDuty, GitLab and Slack.

    \b
    $ oncall sandbox serve
    $ oncall sandbox reset
    """,
)


@app.command()
def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 0,
) -> None:
    """Serve the sandbox until Ctrl-C, and print what another terminal has to set.

    \b
    $ oncall sandbox serve
    $ oncall sandbox serve --port 8484
    """
    from secops_oncall.sandbox import settings

    home = app_of(context)
    services = home.open_sandbox(port)
    home.streams.answer(settings.exports(services))
    home.streams.flush()
    home.streams.say("Serving until Ctrl-C: set the lines above in another terminal, then try oncall status there.")
    services.serve()


@app.command()
def reset(context: typer.Context) -> None:
    """Begin the practice shift anew.

    \b
    $ oncall sandbox reset
    $ oncall sandbox reset --quiet
    """
    home = app_of(context)
    home.practice.reset()
    home.streams.done("a new practice shift has begun")


@app.command()
def fail(
    context: typer.Context,
    method: Annotated[str, typer.Argument(metavar="METHOD", help="GET, PUT, POST, or * for any.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="A regular expression for the path.")],
    status: Annotated[int, typer.Option(min=0, max=599, help="Answer this status; 0 lets it through.")] = 500,
    times: Annotated[int, typer.Option(min=-1, help="So many requests; -1 for every one.")] = 1,
    hold: Annotated[float, typer.Option(min=0, help="Hold it so many seconds.")] = 0.0,
    drop: Annotated[bool, typer.Option("--drop", help="Close the connection instead of answering.")] = False,
    skew: Annotated[float, typer.Option(min=-_YEAR, max=_YEAR, help="Have its clock ahead by so many seconds.")] = 0.0,
    user: Annotated[str, typer.Option(metavar="NAME", help="Only with the token of NAME.")] = "",
) -> None:
    """Make the next matching request fail, to see what oncall says of it.

    \b
    $ oncall sandbox fail PUT /incidents
    $ oncall sandbox fail "*" . --status 0 --hold 2 --times 3
    $ oncall sandbox fail "*" /gitlab/ --status 0 --skew -400
    """
    from secops_oncall.sandbox.cast import PEOPLE
    from secops_oncall.sandbox.control import Fault, add_fault
    from secops_oncall.sandbox.scenario import ensure

    home = app_of(context)
    if times == 0:
        raise UsageError("--times 0 would fail nothing", "--times 1, or -1 for every one")
    if not (isfinite(hold) and isfinite(skew)):
        raise UsageError("that is no number of seconds", "oncall sandbox fail --help")
    if user and user not in (*PEOPLE, "bot"):
        raise UsageError(f"nobody in the sandbox is called {quoted(user)}", f"there are {', '.join(PEOPLE)}, and bot")
    ensure(home.practice.store, home.now())  # a shift that begins later would forget it
    try:
        add_fault(home.practice.store, Fault(method.upper(), path, status, times, hold, drop, user=user, skew=skew))
    except re.error as error:
        raise UsageError(f"{quoted(path)} is no regular expression: {error}", "oncall sandbox fail --help") from None
    whose = f" of {user}" if user else ""
    told = ["no answer"] if drop else [f"status {status}"] if status else []
    told += [f"a clock that is {skew:+g} s off"] if skew else []
    home.streams.done(f"told: {method.upper()} {path}{whose} will get {' and '.join(told) or 'held'}")
