"""What a note declares of people is read back, whatever they are called, and nothing is read out of other lines."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain import declared
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.people import Person
from secops_oncall.domain.text import clean, clean_lines
from tests.domain.test_draft import TEXTS

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANA, BEN = Person("PANA001", "Ana Ferreira", "ana@example.com"), Person("PBEN002", "Ben Okafor", "ben@example.com")
CHEN = Person("PCHEN03", "Chen Wei", "chen@example.com")
PEOPLE = {"ana": ANA, "ben": BEN}
HANDLES = Handles(gitlab={"ana@example.com": "ana", "ben@example.com": "ben"})
NAMES = TEXTS.map(clean).filter(bool)


def test_the_lines_as_people_read_them() -> None:
    assert declared.takes_over(BEN, ANA, HANDLES) == "**Acting from now:** @ben | **Owner (unchanged):** @ana"
    assert declared.goes_on_break(CHEN, NOON, None, HANDLES) == (
        "**Acting from now:** Chen Wei | **Until back:** 2026-11-23 12:00 UTC | **Owner (unchanged):** nobody"
    )
    assert declared.engages([BEN, CHEN], HANDLES) == "**Engaged:** @ben | **Engaged:** Chen Wei"
    assert declared.leaves(BEN, HANDLES) == "**Left:** @ben"
    high = "**High impact:** yes | **Engaged:** @ben | **Owner (unchanged):** @ana"
    assert declared.is_high_impact([BEN], ANA, HANDLES) == high


@given(NAMES)
def test_a_name_is_read_back_whatever_it_is(name: str) -> None:
    person = Person("", name)
    line = clean_lines(declared.goes_on_break(person, NOON, person, HANDLES) + "\n\nmore **Engaged:** @ben")
    assert declared.named(line, declared.ACTING, PEOPLE) == declared.named(line, declared.OWNER, PEOPLE) == [person]
    assert declared.named(line, declared.ENGAGED, PEOPLE) == []
    assert declared.until(line) == NOON


@given(st.lists(NAMES, max_size=4))
def test_all_who_are_engaged_are_read_back_in_order(names: list[str]) -> None:
    line = clean_lines(declared.engages([Person("", name) for name in names], HANDLES))
    assert [person.name for person in declared.named(line, declared.ENGAGED, {})] == names


@given(TEXTS)
def test_other_words_declare_nothing(text: str) -> None:
    assert declared.until(text) is None
    for label in (declared.ACTING, declared.ENGAGED, declared.LEFT):
        assert declared.named(text, label, PEOPLE) == []


def test_a_mention_is_known_by_the_user_name_and_a_plain_name_by_the_whole_of_it() -> None:
    line = "**Engaged:** @BEN | **Engaged:** ana ferreira | **Engaged:** `@ben` | **Engaged:** @zoe"
    assert declared.named(line, declared.ENGAGED, PEOPLE) == [BEN, ANA, Person("", "@ben"), Person("", "zoe")]


def test_a_line_that_is_ours_in_part_only_declares_nothing() -> None:
    for line in ("**Engaged:** @ben and more", "see **Engaged:** @ben", "**Engaged:** `@ben", "> **Engaged:** @ben"):
        assert declared.named(line, declared.ENGAGED, PEOPLE) == []
    assert declared.named("**Left:** @ana | **Engaged:** @ben, too", declared.ENGAGED, PEOPLE) == []


def test_a_time_that_is_none_is_none() -> None:
    assert declared.until("**Until back:** 2026-13-45 12:00 UTC") is None
    later = declared.goes_on_break(BEN, NOON + timedelta(seconds=59), ANA, HANDLES)
    assert declared.until(later) == NOON
