"""What every write answers: one outcome for each thing and place."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import INTERNAL
from secops_oncall.domain.text import clean

REOPENED = "reopened"  # the code of an ack that came after somebody's resolve: done, and not fine
STEPS = 3  # next steps that are told of any number of outcomes
NOTE, PAGE_NOTE, THREAD = "gitlab-note", "pagerduty-note", "slack-thread"  # places, beside the services themselves
DRY_RUN = "not sent: this is a dry run"
_KEPT = ("place", "id", "number", "ref", "url", "code", "message")


class Result(StrEnum):
    """How a write ended. `unknown`: sent, never answered, not to be found out; `planned`: a dry run, not sent."""

    DONE = "done"
    ALREADY = "already"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    QUEUED = "queued"
    PLANNED = "planned"


THERE = (Result.DONE, Result.ALREADY)  # what was wanted is so now
FINE = (*THERE, Result.PLANNED)


@dataclass(frozen=True)
class Outcome:
    """One thing's outcome; `code` is the reason for programs, `message` the reason for people.

    The code of a `failed` one is an exit code's name in lower case: `auth`, `not_found`, `remote`. `hint` is what to
    type next, where there is more to it than to look; `page` is the page as PagerDuty's answer has it, where it does.
    """

    id: str
    result: Result
    number: int | None = None
    ref: str | None = None
    place: str = "pagerduty"
    title: str = ""
    url: str | None = None
    code: str = ""
    message: str = ""
    hint: str = field(default="", metadata=INTERNAL)
    page: Page | None = field(default=None, compare=False, repr=False, metadata=INTERNAL)

    @property
    def next_step(self) -> str:
        """What to type next, empty where nothing has to be: what failed or is unknown is at least looked at."""
        if self.hint or self.result not in (Result.FAILED, Result.UNKNOWN):
            return self.hint
        look = f"open {self.ref}" if self.ref else f"show {self.number or self.id}"
        return f"oncall {look}, to see what became of it"


def of_page(page: Page, result: Result, code: str, message: str, hint: str = "") -> Outcome:
    """What became of a page."""
    url = page.url or None
    return Outcome(page.id, result, page.number, title=page.title, url=url, code=code, message=message, hint=hint)


def row(told: Outcome) -> dict[str, Any]:
    """An outcome as the journal keeps it: without its title, which may be confidential."""
    return {**{name: getattr(told, name) for name in _KEPT}, "result": told.result.value}


def read(row: object, hint: str) -> Outcome | None:
    """What the journal kept, whatever an older or newer program wrote there; None for what is no outcome."""
    if not isinstance(row, Mapping) or str(row.get("result")) not in set(Result):
        return None
    number = row.get("number")
    return Outcome(
        clean(row.get("id")),
        Result(str(row["result"])),
        number if isinstance(number, int) else None,
        clean(row.get("ref")) or None,
        clean(row.get("place")),
        url=clean(row.get("url")) or None,
        code=clean(row.get("code")),
        message=clean(row.get("message")),
        hint=hint,
    )


def next_steps(outcomes: Iterable[Outcome]) -> list[str]:
    """What to type after some outcomes, each step once, the most frequent first; of very many a few stand for all."""
    steps = Counter(outcome.next_step for outcome in outcomes if outcome.next_step)
    return [step for step, _ in steps.most_common(STEPS)]
