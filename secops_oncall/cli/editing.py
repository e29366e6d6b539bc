"""`oncall handoff edit`: what only the engineer knows, by flags, in answers, or in the editor."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from secops_oncall.cli.desk import Desk
from secops_oncall.cli.drafting import write
from secops_oncall.cli.filling import fill
from secops_oncall.cli.options import DryRun, Json, OneOutput, ShiftOption, app_of, one_format, one_name
from secops_oncall.domain.said import LABELS, LINES, TEXTS, Confidence, Posture
from secops_oncall.domain.text import quoted
from secops_oncall.errors import UsageError
from secops_oncall.views.editing import print_edited, say_edited
from secops_oncall.workflows.editing import FLAGS, Wish, keep

_FIELDS = {FLAGS.get(name, name): name for name in LABELS}


def _field(text: str) -> str:
    """A field by the name of its flag."""
    name = text.strip().removeprefix("--")
    if name not in _FIELDS:
        raise UsageError(f"{quoted(text)} is no field", f"one of {', '.join(_FIELDS)}")
    return _FIELDS[name]


def edit(
    context: typer.Context,
    incident: Annotated[
        str | None,
        typer.Argument(
            metavar="PAGE|ISSUE",
            help="A page of the incident (any number is one), or its issue; - reads it from a pipe.",
            show_default=False,
            callback=one_name,
        ),
    ] = None,
    summary: Annotated[
        str | None, typer.Option("--summary", metavar="TEXT", help="What happened, in one line.", show_default=False)
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="TEXT", help="What is true now.", show_default=False)
    ] = None,
    tried: Annotated[
        str | None, typer.Option("--tried", metavar="TEXT", help="What was tried or ruled out.", show_default=False)
    ] = None,
    confidence: Annotated[
        Confidence | None, typer.Option("--confidence", help="How sure that is.", show_default=False)
    ] = None,
    posture: Annotated[
        Posture | None, typer.Option("--posture", help="What it needs of the next shift.", show_default=False)
    ] = None,
    next_steps: Annotated[
        list[str] | None,
        typer.Option("--next", metavar='"ACTION | WHO | WHEN"', help="A next step; repeats.", show_default=False),
    ] = None,
    if_then: Annotated[
        list[str] | None,
        typer.Option("--if", metavar='"SIGNAL => ACTION"', help="A contingency; repeats.", show_default=False),
    ] = None,
    engaged: Annotated[
        list[str] | None,
        typer.Option("--engaged", metavar="TEXT", help="Who is engaged, and as what; repeats.", show_default=False),
    ] = None,
    related: Annotated[
        list[str] | None,
        typer.Option(
            "--related", metavar="TEXT", help="A related issue, and whose it is; repeats.", show_default=False
        ),
    ] = None,
    zoom: Annotated[
        str | None, typer.Option("--zoom", metavar="URL", help="The bridge that is live, or None.", show_default=False)
    ] = None,
    slack: Annotated[
        list[str] | None,
        typer.Option("--slack-thread", metavar="URL", help="A channel or thread; repeats.", show_default=False),
    ] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", parser=_field, metavar="FIELD", help="Empty a field; repeats.", show_default=False),
    ] = None,
    done: Annotated[
        list[int] | None,
        typer.Option("--done", min=1, metavar="N", help="Next step N is done; repeats.", show_default=False),
    ] = None,
    noise: Annotated[
        bool | None, typer.Option("--noise/--real", help="Whether the page was noise.", show_default=False)
    ] = None,
    shift: ShiftOption = None,
    editor: Annotated[bool, typer.Option("--editor", help="Write the whole text, rather than answer.")] = False,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Say what no service knows, for the hand-off: it is kept in the journal, and nobody else sees it yet.

    Without anything it asks for what is missing, and for nothing else. With PAGE or ISSUE alone it opens your editor.
    With flags it changes these fields. What repeats is added; None is an answer.

    \b
    $ oncall handoff edit
    $ oncall handoff edit 4117 --state "key revoked" --confidence high --posture watch
    $ oncall handoff edit 4117 --next "rotate the key | Ben | 15:00" --if "it is used again => page Dana"
    $ oncall handoff edit 4117 --done 1 --clear zoom
    """
    home, form = app_of(context), one_format(output, as_json)
    desk, wish = Desk(home, shift), _wish(context.params)
    if not wish.is_empty and (incident is None or editor):
        what = (
            "--editor and what is to be written contradict each other" if editor else "the flags are about one incident"
        )
        raise UsageError(what, "oncall handoff edit PAGE --state TEXT")
    if wish.is_empty:
        return write(desk, incident, form, dry_run=dry_run) if incident or editor else fill(desk, form, dry_run=dry_run)
    about = desk.subject(incident or "")
    edited = keep(desk.journal, about, wish, desk.times(), desk.people, desk.since, dry_run=dry_run)
    say_edited(home.streams, [edited], dry_run=dry_run)
    print_edited(home.streams, [edited], form, home.now(), desk.zone, single=True)
    return 0


def _wish(given: Mapping[str, Any]) -> Wish:
    """What the flags say."""
    texts = {name: given[name] for name in TEXTS if given[name] is not None}
    lines = {name: tuple(given[name]) for name in (*LINES, "next_steps") if given[name]}
    return Wish(texts, lines, tuple(given["clear"] or ()), tuple(given["done"] or ()), given["noise"])
