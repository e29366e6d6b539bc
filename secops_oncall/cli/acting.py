"""`oncall ack` and `oncall resolve`: the two writes that a page knows."""

from collections.abc import Sequence
from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli.banner import hear, settle
from secops_oncall.cli.following import follow
from secops_oncall.cli.options import DryRun, Force, Json, OneOutput, PageArguments, app_of, names, one_format
from secops_oncall.cli.reopening import look_back
from secops_oncall.domain.pages import Page
from secops_oncall.domain.text import plural, shorten
from secops_oncall.domain.times import span
from secops_oncall.errors import UsageError
from secops_oncall.views.outcomes import Answer
from secops_oncall.views.pages import countdown
from secops_oncall.workflows import acting
from secops_oncall.workflows.acting import Asked, Choose
from secops_oncall.workflows.annotating import annotate, note_text
from secops_oncall.workflows.deadlines import with_deadlines
from secops_oncall.workflows.outcomes import Acted

app = typer.Typer()
PANEL = "Pages"


@app.command(rich_help_panel=PANEL)
def ack(
    context: typer.Context,
    pages: PageArguments = None,
    every: Annotated[bool, typer.Option("--all", help="Every triggered page assigned to me.")] = False,
    force: Force = False,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Acknowledge pages. Without PAGE: the one triggered page assigned to me.

    Whoever acks first owns the page; an ack never takes one over and never reopens one.

    \b
    $ oncall ack
    $ oncall ack 4117 4116
    $ oncall ack --all
    $ oncall pages --mine --triggered -o ids | oncall ack -
    """
    home, form = app_of(context), one_format(output, as_json)
    refs, piped = names(pages, home.streams)
    if every and (refs or piped):
        raise UsageError("--all and named pages contradict each other", "oncall ack --all")
    asked, now = Asked(refs, every, piped, force, dry_run), home.now()
    home.wants_banner &= asked.few  # to look at any others lists mine
    acked = acting.acknowledge(home.pagerduty, home.journal, asked, chooser(home, "ack"), now)
    with Answer(home.streams, form) as answer:
        answer.add(acked.outcomes, "acked")
        hear(home, acked.waiting, now)
        settle(home, acked.outcomes)
        look_back(home, acked, answer, now)
        if not dry_run:
            follow(home, acked, answer, talk=form == "text")
    if not acked.outcomes:
        why = "no page was named" if piped else "no triggered page is assigned to you"
        home.streams.say(f"Nothing to ack: {why}.")
    return home.told(Acted(answer.outcomes, acked.problems))


@app.command(rich_help_panel=PANEL)
def resolve(
    context: typer.Context,
    pages: PageArguments = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="A note for the page.", show_default=False)
    ] = None,
    force: Force = False,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Resolve the alarm; the work goes on in its issue. Without PAGE: the one page that I have acked.

    A page that nobody has acked is refused: nobody would own it.

    \b
    $ oncall resolve 4117
    $ oncall resolve 4117 --note "a scanner of our own"
    """
    home, form = app_of(context), one_format(output, as_json)
    text = None if note is None else note_text(note)
    refs, piped = names(pages, home.streams)
    asked = Asked(refs, False, piped, force, dry_run)
    resolved = acting.resolve(home.pagerduty, home.journal, asked, chooser(home, "resolve"), home.now())
    noted = Acted([])
    with Answer(home.streams, form) as answer:
        answer.add(resolved.outcomes, "resolved")
        if text is not None:
            noted = annotate(home.pagerduty, home.journal, resolved, text, home.now(), dry_run=dry_run)
            answer.add(noted.outcomes, "noted")
    if not resolved.outcomes:
        home.streams.say("Nothing to resolve: no page was named.")
    settle(home, resolved.outcomes)
    return home.told(Acted(answer.outcomes, [*resolved.problems, *noted.problems]))


def chooser(home: App, verb: str, *, many: bool = True) -> Choose:
    """Ask which of several pages are meant (or which one); where nobody can be asked, refuse with the list."""

    def choose(pages: Sequence[Page]) -> Sequence[Page]:
        if home.streams.interactive:
            labelled = list(zip(_labels(home, pages), pages, strict=True))
            return home.streams.pick(f"Which to {verb}?", labelled, many=many)
        listed = ", ".join(f"{page.number} {shorten(page.title, 40)}" for page in pages)
        every = " or oncall ack --all" if verb == "ack" else ""
        raise UsageError(f"{plural(len(pages), 'page')} to {verb}: {listed}", f"oncall {verb} PAGE{every}")

    return choose


def _labels(home: App, pages: Sequence[Page]) -> list[str]:
    """What is picked by: number, age, what PagerDuty does next where it does anything, and title.

    Where a page doesn't say what comes next, its policy is read before the question: a wave, once a day.
    """
    minutes, manager = home.config.pages.ack_minutes, home.config.role_names["manager"]
    now, dated = home.now(), with_deadlines(home.pagerduty, pages, minutes, manager)
    ages, nexts = [span(now - page.created_at) for page in dated], [countdown(page, now) for page in dated]
    old, wide = max(map(len, ages), default=0), max(map(len, nexts), default=0)
    return [
        "  ".join(filter(None, (str(page.number), age.rjust(old), soon.ljust(wide), page.title)))
        for page, age, soon in zip(dated, ages, nexts, strict=True)
    ]
