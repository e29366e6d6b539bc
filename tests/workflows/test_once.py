"""A request that is sent once, and looked up where nobody knows what became of it."""

import pytest

from secops_oncall.domain.outcomes import Result
from secops_oncall.errors import NotFoundError, OncallError
from secops_oncall.workflows.once import Found, Lost, once
from tests.workflows.rooms import BROKEN, SILENT

GONE = NotFoundError("not found", "check")


def ask(sent: str | OncallError, there: str | OncallError | None = GONE) -> tuple[Found[str] | Lost, int]:
    """What comes of a request that is answered so, and how often it was looked up."""
    looks: list[str | OncallError | None] = []

    def answer(told: str | OncallError | None) -> str | None:
        if isinstance(told, OncallError):
            raise told
        return told

    def look() -> str | None:
        looks.append(there)
        return answer(there)

    return once(lambda: answer(sent) or "", look), len(looks)


def test_what_is_answered_is_not_looked_up() -> None:
    assert ask("made") == (Found("made"), 0)


def test_what_is_refused_is_not_looked_up() -> None:
    found, looks = ask(GONE)
    assert isinstance(found, Lost) and not found.in_doubt
    assert (found.result, found.why, looks) == (Result.FAILED, GONE.message, 0)


@pytest.mark.parametrize(("lost", "otherwise"), [(SILENT, Result.UNKNOWN), (BROKEN, Result.FAILED)])
def test_what_was_not_answered_is_looked_up(lost: OncallError, otherwise: Result) -> None:
    assert ask(lost, "made") == (Found("made", otherwise, lost.message), 1)
    missing, _ = ask(lost, None)
    assert isinstance(missing, Lost) and missing.in_doubt
    assert (missing.result, missing.why) == (otherwise, lost.message)


@pytest.mark.parametrize("lost", [SILENT, BROKEN])
def test_what_can_not_be_looked_up_is_unknown(lost: OncallError) -> None:
    found, _ = ask(lost, GONE)
    assert isinstance(found, Lost) and found.result is Result.UNKNOWN
    assert found.why == f"{lost.message}; and to look it up failed: {GONE.message}"
