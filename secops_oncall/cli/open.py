"""`oncall open`: a page or an issue in the browser."""

from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli.acting import PANEL
from secops_oncall.cli.asking import focus
from secops_oncall.cli.options import app_of, one_name
from secops_oncall.workflows.refs import page_or_issue, same_account, web_url

app = typer.Typer()


@app.command("open", rich_help_panel=PANEL)
def open_thing(
    context: typer.Context,
    thing: Annotated[
        str | None,
        typer.Argument(
            metavar="PAGE|ISSUE",
            help="A page (any number is one) or an issue; - reads it from a pipe.",
            show_default=False,
            callback=one_name,
        ),
    ] = None,
    just_print: Annotated[bool, typer.Option("--print", help="Print the URL instead.")] = False,
) -> None:
    """Open a page or an issue in the browser. Without one: the page in focus.

    \b
    $ oncall open 4117
    $ oncall open group/project#12 --print
    """
    home = app_of(context)
    base = home.config.gitlab.url
    thing = focus(home) if thing is None else thing
    kind, ref = page_or_issue(thing, base, home.config.gitlab.projects)
    found = same_account(thing, home.pagerduty.page(ref)) if kind == "page" else home.gitlab.issue(ref)
    browse(home, found.url, just_print=just_print)


def browse(home: App, there: str, *, just_print: bool = False) -> None:
    """Open a URL of PagerDuty's or GitLab's, or print it where there is no browser; RemoteError for any other."""
    url = web_url(there, home.config.gitlab.url)
    if not just_print and home.opener.open(url):
        home.streams.done(f"opened {url}")
        return
    home.streams.answer(url)
    if not just_print:
        home.streams.say("There is no browser to open it in.")
