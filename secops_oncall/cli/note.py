"""`oncall note`: a line in the journal, at once and offline; apart from its kin, so that it loads nothing of theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli.options import PageOption, app_of
from secops_oncall.domain.events import NoteKind
from secops_oncall.domain.text import clean, clean_lines
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.streams import Streams
from secops_oncall.workflows import notes as workflow

app = typer.Typer()
_MOST = 10_000_000  # characters: a whole log belongs elsewhere
_HOW = 'oncall note "what you saw", or oncall note - to read it from standard input'


@app.command(rich_help_panel="The shift")
def note(
    context: typer.Context,
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="What to remember; - reads it from a pipe.", show_default=False),
    ] = None,
    kind: Annotated[NoteKind, typer.Option("--kind", help="What sort of note it is.")] = "note",
    page: PageOption = None,
) -> None:
    """Keep a note in the journal: no network, no configuration, linked to the page in focus.

    Without TEXT it is written in your editor.

    \b
    $ oncall note "ruled out the VPN: no session at 02:14"
    $ oncall note --kind automate "close honeypot noise by itself"
    $ tail -5 auth.log | oncall note -
    """
    home = app_of(context)
    with _words(home, text) as words, not_lost(home.streams, words):
        taken = workflow.take_note(home.notebook, words, kind, page, home.now())
        about = workflow.about(home.notebook, taken)
    home.streams.done("noted" + about)


@contextmanager
def _words(home: App, text: list[str] | None) -> Iterator[str]:
    """The words of a note, from wherever the engineer has them; a draft of them stays until they are kept."""
    if text:
        yield home.streams.read(_MOST) if text == ["-"] else " ".join(text)
        return
    try:
        draft = home.draft("", "note")
    except UsageError:
        raise UsageError("there is no text to note", _HOW) from None
    yield draft.text
    draft.discard()


@contextmanager
def not_lost(streams: Streams, words: str) -> Iterator[None]:
    """Repeat in the error what could not be kept; several lines stay as they are, and go to standard output."""
    try:
        yield
    except OncallError as error:
        lines = clean_lines(words).strip("\n")
        if "\n" in lines:
            streams.warn("what was written is not kept; it was:")
            streams.answer(lines)
        else:
            error.lose(clean(words))  # the journal says so itself
        raise
