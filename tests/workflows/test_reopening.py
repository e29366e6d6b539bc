"""What an ack has opened again: told only where it is so, and never worth waiting long for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Event

import pytest

from secops_oncall.domain.outcomes import REOPENED, Outcome, Result
from secops_oncall.domain.pages import LogEntry, Page
from secops_oncall.domain.people import Person
from secops_oncall.errors import ExitCode, RemoteError
from secops_oncall.workflows import reopening
from secops_oncall.workflows.outcomes import exit_code
from secops_oncall.workflows.reopening import reopened
from tests.fakes import NOW, FakePagerDuty, a_page, an_entry

BEN = Person("PBEN002", "Ben Okafor")
ONE, TWO = a_page("Q1CANARYTOKEN01", number=4117), a_page("Q1TRAVEL000002", number=4116)
PAGES = {page.id: page for page in (ONE, TWO)}
RESOLVED = an_entry("resolve", 2, BEN)


def acks(result: Result = Result.DONE) -> list[Outcome]:
    return [Outcome(page.id, result, page.number) for page in PAGES.values()]


def test_an_ack_that_came_after_a_resolve_says_so_and_what_to_do() -> None:
    pagerduty = FakePagerDuty(PAGES.values())
    pagerduty.undone = {TWO.id: RESOLVED}
    (found,) = reopened(pagerduty, acks(), PAGES, NOW)
    assert (found.id, found.result, found.code) == (TWO.id, Result.DONE, REOPENED)
    assert found.message == (
        "Ben Okafor resolved it at 13:58 UTC, and the ack that came after opened it again: it is yours now"
    )
    assert found.hint == "oncall resolve 4116, unless Ben Okafor was wrong"
    assert exit_code([found]) is ExitCode.PARTIAL
    assert exit_code([replace(found, code="joined")]) is ExitCode.OK


@pytest.mark.parametrize("result", [each for each in Result if each is not Result.DONE])
def test_nothing_is_asked_where_nothing_was_acked(result: Result) -> None:
    pagerduty = FakePagerDuty(PAGES.values())
    pagerduty.failing = {"reopened": RemoteError("asked all the same", "")}
    assert reopened(pagerduty, acks(result), PAGES, NOW) == []


def test_it_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Event()

    class Slow(FakePagerDuty):
        def reopened(self, pages: Sequence[Page], since: datetime) -> dict[str, LogEntry]:
            answers.wait(20)
            return {}

    monkeypatch.setattr(reopening, "SOON", 0.05)
    with pytest.raises(RemoteError, match=r"not answered within 0\.05 s"):
        reopened(Slow(), acks(), PAGES, NOW)
    answers.set()
