"""Next steps, calls and threads, as people and attackers write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain.traces import NextStep, next_steps, slack_urls, zoom_urls

WRITTEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AFTERNOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def steps(*texts: str) -> list[NextStep]:
    written = [(WRITTEN + timedelta(minutes=n), text) for n, text in enumerate(texts)]
    return next_steps(written, {"ana": "Ana Ferreira"})


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("- [ ] rotate the key", NextStep("rotate the key")),
        ("* [ ] rotate the key, @ben", NextStep("rotate the key", "ben")),
        ("  1. [ ] rotate, @ana, by 2026-11-23 15:00 UTC", NextStep("rotate", "Ana Ferreira", AFTERNOON)),
        ("- [ ] rotate, @ben (Infrastructure), by 15:00 UTC", NextStep("rotate", "ben", AFTERNOON)),
        ("- [ ] rotate by 2026-11-23T15:00Z", NextStep("rotate", None, AFTERNOON)),
        ("- [ ] rotate, 15:00:00 UTC", NextStep("rotate", None, AFTERNOON)),
        ("- [ ] ask @ben for logs of 15:00 UTC", NextStep("ask @ben for logs of 15:00 UTC", "ben", AFTERNOON)),
        ("- [ ] look by 9999-12-31 23:59 UTC", NextStep("look by 9999-12-31 23:59 UTC")),
        ("- [ ] look by 0001-01-01 00:00 UTC", NextStep("look by 0001-01-01 00:00 UTC")),
        ("- [ ] check, by 08:30 UTC", NextStep("check", None, datetime(2026, 11, 24, 8, 30, tzinfo=UTC))),
        ("- [ ] check, by 15:00", NextStep("check, by 15:00")),
        ("- [ ] check, in 2h", NextStep("check, in 2h")),
        ("- [ ] check, by 2026-13-45 15:00 UTC", NextStep("check, by 2026-13-45 15:00 UTC")),
        ("- [ ] check, by 29:00 UTC", NextStep("check, by 29:00 UTC")),
        ("- [ ] mail legal@example.com", NextStep("mail legal@example.com")),
        ("- [ ] @ben", NextStep("@ben", "ben")),
    ],
)
def test_a_task_item_says_what_and_sometimes_who_and_by_when(line: str, step: NextStep) -> None:
    assert steps(f"Before\n\n{line}\nafter") == [step]


@pytest.mark.parametrize(
    "line", ["- [x] done", "- [X] done", "- [~] dropped", "[ ] no item", "- []", "- [ ]", "-[ ] a"]
)
def test_what_is_ticked_or_no_task_item_is_no_step(line: str) -> None:
    assert steps(line) == []


def test_a_step_that_a_later_text_ticks_is_done_and_one_that_is_repeated_stands_once() -> None:
    assert steps("- [ ] rotate, @ben\n- [ ] ask legal", "- [x] Rotate") == [NextStep("ask legal")]
    assert steps("- [ ] rotate", "- [ ] rotate, @ben") == [NextStep("rotate", "ben")]
    assert steps("- [x] rotate", "- [ ] rotate") == [NextStep("rotate")]


@given(st.text(alphabet="-* []xX@ab,.:0123456789UTCZby\n\t(", max_size=80))
def test_no_text_breaks_the_search_for_steps(text: str) -> None:
    for step in steps(text):
        assert step.action and "\n" not in step.action


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("join https://zoom.us/j/1.", ["https://zoom.us/j/1"]),
        ("https://ACME.Zoom.US/j/1?pwd=a", ["https://ACME.Zoom.US/j/1?pwd=a"]),
        ("<https://a.b.zoom.us/j/1> (https://zoom.us/j/2)", ["https://a.b.zoom.us/j/1", "https://zoom.us/j/2"]),
        ("https://zoom.us.evil.example/j/1", []),
        ("https://notzoom.us/j/1", []),
        ("https://zoom.us@evil.example/j/1", []),
        ("https://evil.example/zoom.us/j/1?u=https://zoom.us", []),
        ("https://evil.example#zoom.us", []),
        ("zoom.us/j/1", []),
        ("https://[zoom.us/j/1", []),
    ],
)
def test_a_zoom_url_is_one_whose_host_is_zooms(text: str, found: list[str]) -> None:
    assert zoom_urls(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://acme.slack.com/archives/C1/p1, https://acme.slack.com/archives/C1/p1", 1),
        ("https://slack.com/archives/C1", 1),
        ("https://acme.slack.com/team/U1", 0),
        ("https://slack.com.evil.example/archives/C1", 0),
        ("https://evilslack.com/archives/C1", 0),
        ("https://[slack.com/archives/C1", 0),
    ],
)
def test_a_slack_url_is_one_of_a_channel_or_thread_there(text: str, found: int) -> None:
    assert len(slack_urls(text)) == found
