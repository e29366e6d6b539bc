"""What became of every write: one line for each thing and place, from the service's own answer."""

from collections.abc import Sequence
from types import TracebackType
from typing import Literal

from secops_oncall.domain.outcomes import NOTE, PAGE_NOTE, REOPENED, Outcome, Result
from secops_oncall.domain.text import clean, shorten
from secops_oncall.lines import fitting
from secops_oncall.streams import Streams
from secops_oncall.views.jsonable import json_for
from secops_oncall.views.table import link

# The mark, the words around the verb ("acked", "picked") and the style; the word says it all without the colour.
_LOOKS = {
    Result.DONE: ("done", "{0}", ""),
    Result.ALREADY: ("done", "already {0}", ""),
    Result.REFUSED: ("refused", "refused", "bold"),
    Result.FAILED: ("failed", "failed", "bold red"),
    Result.UNKNOWN: ("unknown", "unknown", "bold red"),
    Result.QUEUED: ("queued", "queued", "bold"),
    Result.PLANNED: ("queued", "would be {0}", ""),
}
_REOPENED = ("refused", "reopened", "bold red")
# A number is a page there, `group/project#12` an issue.
_KNOWN_BY_NAME = ("pagerduty", PAGE_NOTE, "gitlab", NOTE)
_LEAST = 20  # columns that a title keeps, however long the reason


class Answer:
    """The outcomes of one command as they come in: each printed at once, or for programs all as one array.

    Used as a context manager, so that the array is printed whatever else goes wrong.
    """

    def __init__(self, streams: Streams, output: Literal["text", "json"]) -> None:
        self.outcomes: list[Outcome] = []
        self._streams = streams
        self._output = output

    def add(self, outcomes: Sequence[Outcome], verb: str) -> None:
        """More outcomes, on the screen when this returns; `verb` is what `done` means."""
        self.outcomes += outcomes
        if self._output == "text":
            print_outcomes(self._streams, outcomes, verb)

    def correct(self, outcomes: Sequence[Outcome]) -> None:
        """What came out later about outcomes that were told: for people a line more, for programs in their place."""
        later = {(one.id, one.place): one for one in outcomes}
        self.outcomes = [later.get((one.id, one.place), one) for one in self.outcomes]
        if self._output == "text":
            print_outcomes(self._streams, outcomes, "")

    def __enter__(self) -> "Answer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._output == "json" and (self.outcomes or error is None):
            print_outcomes(self._streams, self.outcomes, "", "json")


def print_outcomes(
    streams: Streams, outcomes: Sequence[Outcome], verb: str, output: Literal["text", "json"] = "text"
) -> None:
    """Print an outcome a line, in the order given, at once; `verb` is what `done` means: `acked`, `posted`."""
    if output == "json":
        streams.report(json_for(streams, outcomes))
    elif outcomes:
        streams.report("".join(_line(streams, outcome, verb) for outcome in outcomes))


def _line(streams: Streams, outcome: Outcome, verb: str) -> str:
    from rich.text import Text

    mark, words, style = _REOPENED if outcome.code == REOPENED else _LOOKS[outcome.result]
    said = f"{streams.mark(mark)} {words.format(verb)}"
    told = said + _rest(streams, outcome, len(said))
    line = Text(fitting(told, streams.width, hang=2) if streams.is_terminal else told)
    line.stylize(style, 0, len(said))
    if (begin := told.find(name := _name(outcome), len(said))) >= 0:
        link(line, outcome.url, begin, begin + len(name))
    return streams.drawn(line)


def _name(outcome: Outcome) -> str:
    return clean(outcome.number or outcome.ref or outcome.id)


def _rest(streams: Streams, outcome: Outcome, used: int) -> str:
    """What it was and why; on a terminal the title gives way, never the reason."""
    name = _name(outcome)
    if outcome.place not in _KNOWN_BY_NAME and not outcome.ref:
        name = f"{outcome.place} {name}"
    title, why = clean(outcome.title), clean(outcome.message)
    reason = f": {why}" if why else ""
    if streams.is_terminal:
        title = shorten(title, max(streams.width - used - len(name) - len(reason) - 2, _LEAST))
    return f" {name} {title}".rstrip() + reason
