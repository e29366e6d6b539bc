"""What a run of writes means for the caller: every outcome, what went wrong beside them, one exit code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from secops_oncall.domain.events import Event
from secops_oncall.domain.outcomes import FINE, REOPENED, Outcome, Result
from secops_oncall.errors import ExitCode, OncallError
from secops_oncall.ports import Journal


@dataclass(frozen=True)
class Acted:
    """The outcomes of a command that writes, and the `problems` that changed none of them."""

    outcomes: list[Outcome]
    problems: list[OncallError] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """That of the outcomes; where they are fine, that of the first problem."""
        code = exit_code(self.outcomes)
        return self.problems[0].exit_code if self.problems and code is ExitCode.OK else code


def exit_code(outcomes: Iterable[Outcome]) -> ExitCode:
    """0 where all are done, already so or planned; the failure's own code where all failed alike; else PARTIAL."""
    every = list(outcomes)
    if all(outcome.result in FINE and outcome.code != REOPENED for outcome in every):
        return ExitCode.OK
    codes = {outcome.code for outcome in every}
    if all(outcome.result is Result.FAILED for outcome in every) and len(codes) == 1:
        return ExitCode[codes.pop().upper()]
    return ExitCode.PARTIAL


def distinct(*problems: Iterable[OncallError]) -> list[OncallError]:
    """What went wrong, each once, however many found it."""
    return list({each.message: each for some in problems for each in some}.values())


def failed(outcome: Outcome, error: OncallError) -> Outcome:
    """The outcome of what an error kept from being done: why, and what to type next."""
    code = error.exit_code.name.lower()
    return replace(outcome, result=Result.FAILED, code=code, message=error.message, hint=error.hint)


def remember(journal: Journal, events: Sequence[Event]) -> list[OncallError]:
    """Write events of what a service has already answered: a full disk must not hide that it was done."""
    try:
        if events:
            journal.append(*events)
    except OncallError as error:
        return [error]
    return []
