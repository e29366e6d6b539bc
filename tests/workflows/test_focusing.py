"""The page in focus, by what the journal knows of my shifts."""

from datetime import timedelta

from secops_oncall.domain.events import Event
from secops_oncall.workflows.focusing import focused
from secops_oncall.workflows.pages import focus_on
from tests.fakes import NOW, FakeJournal, a_page

PAGE, HOUR = a_page("Q1ONE00001"), timedelta(hours=1)


def test_it_ends_with_the_shift_in_which_it_was_put_there_else_after_twelve_hours() -> None:
    journal = FakeJournal(focus_on(PAGE, NOW))
    assert focused(journal, NOW + 11.9 * HOUR)
    assert focused(journal, NOW + 12 * HOUR) is None
    known = {"role": "engineer", "start": (NOW - HOUR).isoformat(), "end": (NOW + 47 * HOUR).isoformat()}
    journal.append(Event(NOW + HOUR, "shift", "engineer/PANA", data=known))
    assert focused(journal, NOW + 46.9 * HOUR)
    assert focused(journal, NOW + 47 * HOUR) is None


def test_nothing_is_read_for_a_focus_that_never_was() -> None:
    class Counting(FakeJournal):
        asked: tuple[str | None, ...] = ()

        def events(self, kind: str | None = None, since: object = None) -> list[Event]:
            self.asked += (kind,)
            return super().events(kind)

    journal = Counting()
    assert focused(journal, NOW) is None
    assert journal.asked == ("focus",)
