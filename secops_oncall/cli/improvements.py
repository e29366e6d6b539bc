"""`oncall improve`: notes that something is to become of, filed as GitLab issues, listed or dropped."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

import typer

from secops_oncall.app import App
from secops_oncall.cli.note import not_lost
from secops_oncall.cli.options import (
    DryRun,
    Force,
    Json,
    Limit,
    ListOutput,
    OneFormat,
    PageOption,
    app_of,
    list_format,
    names,
    outcomes_format,
)
from secops_oncall.domain.events import Event, Note
from secops_oncall.domain.improvements import Kind
from secops_oncall.domain.issues import Issue, NewIssue
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.text import clean, plural, shorten
from secops_oncall.errors import UsageError
from secops_oncall.views.improvements import choice, like, print_filed, print_unfiled, say_draft
from secops_oncall.workflows import improvements as workflow
from secops_oncall.workflows.filing import Ask, Wish, file, plan
from secops_oncall.workflows.notes import about, take_note
from secops_oncall.workflows.origins import Named, Origins, Sources, origins
from secops_oncall.workflows.outcomes import Acted

app = typer.Typer()
DEFAULT: Kind = "process"  # of what is typed without a kind
_MOST = 1_000_000  # characters: GitLab takes few more for a description
_ANSWER = {"--dry-run", "--output", "--json"}
# What goes with each way to use it.
_FITS = {
    "--list": {"--kind", "--limit", "--output", "--json"},
    "--drop": {"TEXT", "--note", "--why", *_ANSWER},
    "--note --as": _ANSWER,
    "--as": {"TEXT", "--kind", "--page", *_ANSWER},
    "--note": {"--kind", "--page", "--issue", "--title", "--force", *_ANSWER},
    "TEXT": {"--kind", "--page", "--issue", "--title", "--force", *_ANSWER},
}


@app.command(rich_help_panel="The shift")
def improve(
    context: typer.Context,
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="What would be better; - reads it from a pipe.", show_default=False),
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option("--kind", help="What sort it is; new text is process.", show_default=False)
    ] = None,
    note: Annotated[
        list[str] | None,
        typer.Option("--note", metavar="ID", help="A note; repeat it, or - from a pipe.", show_default=False),
    ] = None,
    page: PageOption = None,
    issue: Annotated[
        str | None, typer.Option("--issue", metavar="ISSUE", help="The issue it is about.", show_default=False)
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="In place of its first sentence.", show_default=False)
    ] = None,
    same_as: Annotated[
        str | None, typer.Option("--as", metavar="ISSUE", help="It is filed there already.", show_default=False)
    ] = None,
    force: Force = False,
    drop: Annotated[bool, typer.Option("--drop", help="Have nothing become of notes.")] = False,
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help="Why they are dropped.", show_default=False)
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the unfiled notes.")] = False,
    dry_run: DryRun = False,
    limit: Limit = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> int:
    """File an improvement as a GitLab issue: from new text, which is kept as a note first, or from notes.

    Without either: pick from the unfiled notes. A risk becomes a confidential issue.

    \b
    $ oncall improve "close honeypot noise by itself" --kind automate
    $ oncall improve --list
    $ oncall improve --note 3f2a9c01 --note 77b0e2d4
    $ oncall improve --drop 3f2a9c01 --why "the rule is gone"
    """
    home = app_of(context)
    _check(context)
    if listed:
        found = workflow.list_unfiled(home.journal, kind)
        print_unfiled(home.streams, found, list_format(output, as_json, home), home.now(), limit)
        return 0
    form, name = outcomes_format(output, as_json), workflow.checked_title(title)
    if drop:
        return _drop(home, [*(text or []), *(note or [])], why or "", form, dry_run)
    notes = [_keep(home, text, kind, page, issue, dry_run)] if text else _notes(home, note, kind, "file")
    if not notes:
        home.streams.say("Nothing to file.")
        return 0
    if same_as:
        ref = home.issue_ref(same_as)
        outcomes = workflow.file_as(home.gitlab, home.journal, notes, ref, home.now(), dry_run=dry_run)
        print_filed(home.streams, outcomes, "filed", form)
        return home.told(Acted(outcomes))
    if name and len(notes) > 1:
        raise UsageError(
            f"--title is for one note, and these are {len(notes)}", "oncall improve --note ID --title TEXT"
        )
    wish = Wish(kind if note else None, name, force)
    return _file(home, notes, wish, page, issue, form, dry_run)


def _file(
    home: App, notes: Sequence[Note], wish: Wish, page: str | None, issue: str | None, form: OneFormat, dry_run: bool
) -> int:
    """Plan and, unless it is a dry run, file; on a terminal with one hint behind it."""
    config = home.config
    named = Named(page, home.issue_ref(issue) if issue else None)
    target = workflow.target(config.issues.improvement_project, config.issues.improvement_label)
    sources = Sources(config.gitlab.url, config.incident_sources)
    gitlab, pagerduty = home.gitlab, home.pagerduty_if_used

    def where(some: Sequence[Note], events: Sequence[Event]) -> Origins:
        return origins(gitlab, pagerduty, sources, some, named, events)

    planned = plan(gitlab, home.journal, target, notes, wish, where, _ask(home), home.now())
    if dry_run:
        for new, marker in planned.drafts:
            say_draft(home.streams, new, marker)
        acted = planned.rehearsed
    else:
        acted = file(gitlab, home.journal, planned, home.now())
    print_filed(home.streams, acted.outcomes, "filed", form)
    made = [one.ref for one in acted.outcomes if one.result is Result.DONE]
    if len(made) == 1:
        home.streams.hint(f"oncall open {made[0]}")
    return home.told(acted)


def _drop(home: App, ids: list[str], why: str, form: OneFormat, dry_run: bool) -> int:
    """Drop the notes that are named, else those that are picked."""
    notes = _notes(home, ids, None, "drop")
    if not notes:
        home.streams.say("Nothing to drop.")
        return 0
    outcomes = workflow.drop(home.journal, notes, clean(why), home.now(), dry_run=dry_run)
    print_filed(home.streams, outcomes, "dropped", form)
    return home.told(Acted(outcomes))


def _keep(home: App, text: list[str], kind: Kind | None, page: str | None, issue: str | None, dry_run: bool) -> Note:
    """Keep new text as a note before anything else, so that nothing that was typed is lost; once, until it is filed.

    It is about the page in focus as any note is, unless an issue is named.
    """
    words = home.streams.read(_MOST) if text == ["-"] else " ".join(text)
    if not clean(words):
        raise UsageError("the text is empty", 'oncall improve "what would be better"')
    journal = workflow.Rehearsal(home.journal) if dry_run else home.notebook
    with not_lost(home.streams, words):
        earlier = workflow.waiting(journal, words, kind or DEFAULT, page)
        note = earlier or take_note(journal, words, kind or DEFAULT, page, home.now(), follow=issue is None)
    if dry_run:
        return earlier or replace(note, id=workflow.UNKEPT)
    home.streams.done(f"noted {'before: ' if earlier else ''}{note.short}{about(journal, note)}")
    return note


def _notes(home: App, ids: list[str] | None, kind: Kind | None, verb: str) -> list[Note]:
    """The notes that are named, else those that are picked; where nobody can pick, UsageError with the list."""
    if ids:
        return workflow.named(home.journal, names(ids, home.streams)[0])
    waiting, now = workflow.list_unfiled(home.journal, kind), home.now()
    if not waiting:
        return []
    if home.streams.interactive:
        return home.streams.pick(f"Which to {verb}?", [(choice(note, now), note) for note in waiting], many=True)
    listed = ", ".join(f"{note.short} {shorten(clean(note.text), 40)}" for note in waiting)
    option = "--note ID" if verb == "file" else "--drop ID"
    raise UsageError(f"{plural(len(waiting), 'note')} to {verb}: {listed}", f"oncall improve {option}")


def _ask(home: App) -> Ask | None:
    """Ask, where somebody can be asked, whether an issue that is there is the same."""
    if not home.streams.interactive:
        return None

    def ask(new: NewIssue, there: Sequence[Issue]) -> Issue | Literal["file", "skip"]:
        choices: list[tuple[str, Issue | Literal["file", "skip"]]] = [(like(issue), issue) for issue in there]
        choices += [("none of them: file it", "file"), ("not now: it stays unfiled", "skip")]
        return home.streams.pick(f"There already? {clean(new.title)}", choices)[0]

    return ask


def _check(context: typer.Context) -> None:
    """Refuse with 2 what doesn't go together: an option that is given is never dropped."""
    names = {
        max(each.opts, key=len) if each.opts[0].startswith("-") else "TEXT": each for each in context.command.params
    }
    given = [name for name, each in names.items() if context.params.get(each.name or "") not in (None, False, [], ())]
    mode = next((name for name in _FITS if set(name.split()) <= set(given)), "TEXT")
    odd = [name for name in given if name not in {*mode.split(), *_FITS[mode]}]
    if odd:
        raise UsageError(f"{mode} and {odd[0]} contradict each other", "oncall improve --help")
