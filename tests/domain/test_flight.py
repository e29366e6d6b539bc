"""Writes on their way: which of those that were begun have not ended, and which may still arrive."""

from datetime import timedelta

from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import failed, flying, sent, unended
from tests.fakes import NOW

SECOND = timedelta(seconds=1)


def begun(subject: str = "a/b#1", kind: str = "comment", ago: int = 0) -> Event:
    return Event(NOW - ago * SECOND, kind, subject)


def test_what_was_begun_is_unended_until_it_is_known_what_came_of_it() -> None:
    first, second, third = begun(), begun(), begun()
    others = [begun("a/b#2"), begun(kind="filing")]
    assert unended([first, *others, second, third], "comment", "a/b#1") == [first, second, third]
    assert unended([first, second, third, failed(first, NOW), sent(third, NOW)], "comment", "a/b#1") == [second]


def test_an_end_tells_what_was_known_of_its_beginning() -> None:
    first = Event(NOW, "filing", "3f2a", "its words", {"project": "acme/web"})
    end = failed(first, NOW + SECOND)
    assert (end.kind, end.subject, end.text) == ("filing", "3f2a", "")
    assert end.data == {"project": "acme/web", "failed": first.uid}
    assert sent(first, NOW).data == {"project": "acme/web", "sent": first.uid}


def test_for_half_a_minute_it_may_still_arrive_whichever_way_the_clock_was_set() -> None:
    late, soon, ahead = begun(ago=30), begun(ago=29), begun(ago=-29)
    assert flying([late, soon, ahead, begun(ago=-30)], NOW) == [soon, ahead]
