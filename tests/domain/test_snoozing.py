"""In whose shift a snoozed page comes back."""

from dataclasses import replace
from datetime import timedelta

from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.domain.snoozing import NOBODY, Turns, with_shifts
from tests.fakes import NOW, a_page

ENGINEER, HOUR = RoleName("Responder", 1), timedelta(hours=1)
ANA, BEN, DANA = Person("PANA", "Ana"), Person("PBEN", "Ben"), Person("PDANA", "Dana")
ENTRIES = [
    OnCall(ANA, NOW - 5 * HOUR, NOW + 7 * HOUR, "Responder", 1),
    OnCall(BEN, NOW + 8 * HOUR, NOW + 20 * HOUR, "Responder", 1),
    OnCall(DANA, None, None, "Responder", 2),
]
TURNS = Turns(ENGINEER, NOW, NOW + 24 * HOUR, ENTRIES)


def test_it_is_somebodys_or_nobodys() -> None:
    assert [TURNS.whose(NOW + hours * HOUR) for hours in (0, 6.9, 7, 8, 20)] == ["Ana", "Ana", NOBODY, "Ben", NOBODY]


def test_outside_what_was_asked_for_it_is_not_known() -> None:
    assert [TURNS.whose(NOW + hours * HOUR) for hours in (-1, 24, 25)] == [None, NOBODY, None]
    assert replace(TURNS, since=NOW + 9 * HOUR, until=NOW + 9 * HOUR).whose(NOW + 9 * HOUR) == "Ben"


def test_only_a_page_that_rests_has_one() -> None:
    pages = [a_page("Q1ONE00001", snoozed_until=NOW + 9 * HOUR), a_page("Q1TWO00002")]
    assert [page.whose_shift for page in with_shifts(pages, TURNS)] == ["Ben", None]
