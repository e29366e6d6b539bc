"""What a posted note says is read back, on a machine that knows nothing else of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.posted import pages, read
from secops_oncall.domain.said import CONFIDENCES, POSTURES, Said, normal
from secops_oncall.domain.text import clean_lines
from secops_oncall.domain.traces import NextStep
from secops_oncall.views.incidents import Reader, note
from tests.domain.test_draft import TEXTS, TIMES

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLAIN = Incident(
    "g/p#1", (), None, None, None, (), None, "A title", None, None, None, (), (), (), None, (), (), False, False
)
WORDS = TEXTS.map(
    lambda text: " ".join(text.replace("`", "").replace("<", "").replace(",", "").replace("@", "").split())
)
STEPS = st.builds(NextStep, WORDS, st.none() | WORDS, st.none() | TIMES)
TAKEN_UP = ("summary", "state", "tried", "confidence", "posture", "next_steps", "if_then")


def posted(said: Said, zone: str | None = "America/Los_Angeles") -> Said:
    """What is read out of the note that says it, as a client would have cleaned it."""
    parts = {name: getattr(said, name) or getattr(PLAIN, name) for name in TAKEN_UP}
    return read(clean_lines(note(replace(PLAIN, **parts, said=said), Reader(zone))))


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, TEXTS, st.lists(STEPS, max_size=3).map(tuple), st.lists(TEXTS, max_size=2).map(tuple))
def test_whatever_was_typed_is_taken_up_by_the_next_one(
    summary: str, state: str, tried: str, steps: tuple[NextStep, ...], if_then: tuple[str, ...]
) -> None:
    said = normal(Said(summary, state, tried, next_steps=steps, if_then=if_then))
    found = posted(said)
    assert (found.state, found.tried) == (said.state, said.tried)
    assert found.summary == (said.summary or "A title")


def test_a_whole_note() -> None:
    steps = (NextStep("read the logs, all of them", "Ben Okafor", NOON + timedelta(hours=3)), NextStep("ask legal"))
    for confidence, posture in zip(CONFIDENCES, POSTURES, strict=True):
        said = Said("Leaked key", "dead\n\n```\n/close\n```", "no use", confidence, posture, next_steps=steps)
        said = replace(said, if_then=("If it, then page me", "If not => close"))
        assert posted(said) == posted(said, None) == said


def test_gaps_are_nobodys_words() -> None:
    assert posted(Said()) == Said(summary="A title")
    assert read("") == read("no hand-off at all\n* a list") == Said()


def test_the_pages_of_an_incident_are_known_by_its_note() -> None:
    first = "## Hand-off\n**Severity:** P2 | **Pages:** [4112](<https://x/1>) resolved, [4113](<https://x/2>) open"
    assert pages(f"{first} | **Due:** 2026-11-23\n\n* [99](<https://x/3>)") == ["4112", "4113"]
    assert pages("## Hand-off\n**Pages:** none known\n\n**Pages:** [1](<https://x>)") == []
