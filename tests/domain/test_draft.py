"""What is edited is read back without losing a word."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secops_oncall.domain.draft import Item, parse, render
from secops_oncall.domain.said import Said, normal
from secops_oncall.domain.traces import NextStep

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STRUCTURE = [
    "# ",
    "## ",
    "### State now",
    "## Next Steps",
    "> ",
    "> g/p#1, open",
    "# group/project#12: x",
    "\\",
    "|",
    " | ",
]
MARKDOWN = ["- [ ] ", "[ ] ", "- ", "<!--", "-->", "```", "/close", "@all", "a", "é", " ", "None"]
CONTROLS = ["\n", "\r\n", "\r", "\u202e", "\x00", "\x1b[31m", "\u2028"]
PIECES = st.sampled_from([*STRUCTURE, *MARKDOWN, *CONTROLS])
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40)
TIMES = st.integers(0, 9999).map(lambda minutes: NOON + timedelta(minutes=minutes))
STEPS = st.builds(NextStep, TEXTS, st.none() | TEXTS, st.none() | TIMES)
LISTS = st.lists(TEXTS, max_size=3).map(tuple)
SAID = st.builds(
    Said, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, LISTS, LISTS, TEXTS, LISTS, st.lists(STEPS, max_size=3).map(tuple), LISTS
).map(normal)


def when(text: str) -> datetime | None:
    """A time as `render` writes it."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
    except ValueError:
        return None


@settings(max_examples=200, deadline=None)
@given(SAID, TEXTS)
def test_what_is_rendered_is_read_back(said: Said, title: str) -> None:
    facts = {"Related Issues": ["g/p#1, open"], "Next Steps": ["- [ ] a fact"]}
    items = [Item("group/project#12", " ".join(title.split()), said, facts), Item("Q1PAGE00001", "x", Said())]
    assert parse(render(items), items, when) == {"group/project#12": said, "Q1PAGE00001": Said()}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_edited_document(end: str) -> None:
    items = [Item("g/p#1", "Leaked key", Said(state="old"), {"Who's Engaged": ["Ana Ferreira"]})]
    steps = "- [ ] read the logs | Ben | 2026-11-23 15:00 UTC\n- [ ] ask | Dana | soon\nIf a call comes => page me\n"
    edited = render(items).replace("old", "key is dead\n\nonly one call seen")
    edited = edited.replace("## Next Steps\n", f"## Next Steps\n{steps}")
    found = parse(edited.replace("\n", end), items, when)["g/p#1"]
    assert found.state == "key is dead\n\nonly one call seen"
    assert found.next_steps == (
        NextStep("read the logs", "Ben", NOON + timedelta(hours=3)),
        NextStep("ask | soon", "Dana", None),
    )
    assert found.if_then == ("If a call comes => page me",)
    assert found.engaged == (), "a fact is not what somebody said"


def test_what_only_looks_like_the_document_s_own_is_kept() -> None:
    items = [Item("g/p#1", "x", Said(), {"Related Issues": ["g/p#2"]})]
    own = "# my heading\n## Another\n> quoted from the log\n<!-- a comment -->\n#secops"
    edited = render(items).replace("### State now\n", f"### State now\n{own}\n")
    assert parse(edited, items, when)["g/p#1"].state == own
    assert parse(f"# g/p#1: x\njust this\n{own}", items, when)["g/p#1"].summary == " ".join(f"just this\n{own}".split())


def test_a_part_that_is_taken_out_was_not_said_and_an_incident_that_is_taken_out_is_not_there() -> None:
    items = [Item("g/p#1", "x", Said(state="a", tried="b")), Item("g/p#2", "y", Said())]
    assert parse("# g/p#1: x\n### State now\nfine\n", items, when) == {"g/p#1": Said(state="fine")}
    assert parse("no heading at all", items, when) == {}
