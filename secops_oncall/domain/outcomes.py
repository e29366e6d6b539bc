"""What every write answers: one outcome for each thing and place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import INTERNAL

REOPENED = "reopened"  # the code of an ack that came after somebody's resolve: done, and not fine
STEPS = 3  # next steps that are told of any number of outcomes


class Result(StrEnum):
    """How a write ended. `unknown`: sent, never answered, not to be found out; `planned`: a dry run, not sent."""

    DONE = "done"
    ALREADY = "already"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    QUEUED = "queued"
    PLANNED = "planned"


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


def next_steps(outcomes: Iterable[Outcome]) -> list[str]:
    """What to type after some outcomes, each step once, the most frequent first; of very many a few stand for all."""
    steps = Counter(outcome.next_step for outcome in outcomes if outcome.next_step)
    return [step for step, _ in steps.most_common(STEPS)]
