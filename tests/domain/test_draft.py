"""What is edited is read back without losing a word."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secops_oncall.domain.draft import Item, Read, parse, read_step, render
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
MARKDOWN = [
    "- [ ] ",
    "[ ] ",
    "[x] ",
    "* ",
    "> suggested: ",
    "- ",
    "<!--",
    "-->",
    "```",
    "/close",
    "@all",
    "a",
    "é",
    " ",
    "None",
]
CONTROLS = ["\n", "\r\n", "\r", "\u202e", "\x00", "\x1b[31m", "\u2028"]
PIECES = st.sampled_from([*STRUCTURE, *MARKDOWN, *CONTROLS])
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40)
TIMES = st.integers(0, 9999).map(lambda minutes: NOON + timedelta(minutes=minutes))
STEPS = st.builds(NextStep, TEXTS, st.none() | TEXTS, st.none() | TIMES)
LISTS = st.lists(TEXTS, max_size=3).map(tuple)
SAID = st.builds(
    Said, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, LISTS, LISTS, TEXTS, LISTS, st.lists(STEPS, max_size=3).map(tuple), LISTS
).map(normal)


def when(text: str) -> datetime:
    """A time as `render` writes it."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)


def unread(text: str) -> datetime:
    raise ValueError("is no time")


@settings(max_examples=200, deadline=None)
@given(SAID, SAID, TEXTS)
def test_what_is_rendered_is_read_back(said: Said, suggested: Said, title: str) -> None:
    facts = {"Related Issues": ["g/p#1, open"], "Next Steps": ["- [ ] a fact"]}
    title = " ".join(title.split())
    items = [Item("group/project#12", title, said, facts, suggested), Item("Q1PAGE00001", "x", Said(), {}, suggested)]
    read = parse(render(items), items, when)
    assert read == Read({"group/project#12": said, "Q1PAGE00001": Said()})


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_edited_document(end: str) -> None:
    items = [Item("g/p#1", "Leaked key", Said(state="old"), {"Who's Engaged": ["Ana Ferreira"]})]
    steps = "- [ ] read the logs | Ben | 2026-11-23 15:00 UTC\n- [x] tell legal | Dana |\nIf a call comes => page me\n"
    edited = render(items).replace("old", "key is dead\n\nonly one call seen")
    edited = edited.replace("## Next Steps\n", f"## Next Steps\n{steps}")
    edited = edited.replace("## Related Issues\n", "## Related Issues\n- g/p#2\n*  none else\n-\n")
    read = parse(edited.replace("\n", end), items, when)
    assert (read.unsure, read.stray) == ((), "")
    found = read.said["g/p#1"]
    assert found.state == "key is dead\n\nonly one call seen"
    assert found.next_steps == (NextStep("read the logs", "Ben", NOON + timedelta(hours=3)),), "what is ticked is done"
    assert found.if_then == ("If a call comes => page me",)
    assert found.related == ("g/p#2", "none else")
    assert found.engaged == (), "a fact is not what somebody said"


@pytest.mark.parametrize(
    "line", ["ask | Dana | soon", "ask | Dana | 2026-11-23 15:00 UTC | soon", "ask | Dana | by soon"]
)
def test_a_step_that_can_not_be_read_is_kept_as_it_was_typed_and_said(line: str) -> None:
    items = [Item("g/p#1", "x", Said())]
    read = parse(
        f"# g/p#1: x\n## Next Steps\n- [ ] {line}\n",
        items,
        lambda text: when(text) if "soon" not in text else unread(text),
    )
    (step,) = read.said["g/p#1"].next_steps
    assert (step.who, "soon" in step.action) == ("Dana", True)
    ((key, why),) = read.unsure
    assert (key, why.endswith(f"it is kept among the words of '{step.action}'")) == ("g/p#1", True)
    again = [Item("g/p#1", "x", read.said["g/p#1"])]
    assert parse(render(again), again, when) == Read(read.said), "and it stays so"


@pytest.mark.parametrize(
    "typed",
    ["2026-11-23 15:00 UTC", "by 2026-11-23 15:00 UTC", "2026-11-23 15:00 UTC (07:00 PST)", "At 2026-11-23 15:00 UTC"],
)
def test_a_time_may_be_written_as_it_is_posted(typed: str) -> None:
    assert read_step(f"ask | Dana | {typed}", when) == (NextStep("ask", "Dana", NOON + timedelta(hours=3)), "")


def test_a_bar_may_be_part_of_a_step() -> None:
    assert read_step(r"run a \| b | Dana", when) == (NextStep("run a | b", "Dana"), "")
    assert read_step("just do it", when) == (NextStep("just do it"), "")


def test_what_only_looks_like_the_document_s_own_is_kept() -> None:
    items = [Item("g/p#1", "x", Said(), {"Related Issues": ["g/p#2"]})]
    own = "# my heading\n## Another\n> quoted from the log\n<!-- a comment -->\n#secops"
    edited = render(items).replace("### State now\n", f"### State now\n{own}\n")
    assert parse(edited, items, when).said["g/p#1"].state == own
    read = parse(f"# g/p#1: x\njust this\n{own}", items, when)
    assert read.said["g/p#1"].summary == " ".join(f"just this\n{own}".split())


def test_a_suggestion_counts_where_somebody_has_made_it_their_own() -> None:
    before = Said(state="key is dead\n# 2 calls", next_steps=(NextStep("ask", "Dana"),), posture="watch")
    items = [Item("g/p#1", "x", Said(posture="active"), {}, before)]
    document = render(items)
    assert re.findall("^> suggested: (.*)$", document, re.MULTILINE) == [
        "key is dead",
        r"\# 2 calls",
        "- [ ] ask | Dana",
    ]
    assert parse(document, items, when).said["g/p#1"] == Said(posture="active")
    taken = parse(document.replace("> suggested: ", ""), items, when).said["g/p#1"]
    assert taken == Said(state=before.state, next_steps=before.next_steps, posture="active")
    mended = parse(document.replace("key is dead", "key is revoked"), items, when).said["g/p#1"]
    assert mended.state == "key is revoked"


def test_a_part_that_is_taken_out_was_not_said_and_an_incident_that_is_taken_out_is_not_there() -> None:
    items = [Item("g/p#1", "x", Said(state="a", tried="b")), Item("g/p#2", "y", Said())]
    assert parse("# g/p#1: x\n### State now\nfine\n", items, when) == Read({"g/p#1": Said(state="fine")})
    assert parse("no heading at all\n## Next Steps\nx", items, when) == Read(
        {}, (), "no heading at all\n## Next Steps\nx"
    )


def test_an_incident_whose_heading_was_lost_is_told_and_no_word_of_it_is_lost() -> None:
    items = [Item("g/p#1", "x", Said(state="a")), Item("g/p#2", "y", Said(state="b"))]
    read = parse(render(items).replace("# g/p#2: y\n", ""), items, when)
    assert read.said == {"g/p#1": Said(state="a\n\nb")}
    assert ("g/p#1", "'### State now' stands there twice, and both were taken") in read.unsure
    assert parse("# g/p#1: x\none\n# g/p#1: x\ntwo", items, when) == Read(
        {"g/p#1": Said("one two")}, (("g/p#1", "it stands there twice, and both were taken"),)
    )


def test_a_hundred_thousand_characters_are_read_at_once() -> None:
    for piece in ("word ", "\\", "|", "- [ ] ", "# ", "> ", "a\n", "[ ] "):
        said = normal(Said(state=piece * 20_000, if_then=(piece * 20_000,), next_steps=(NextStep(piece * 20_000),)))
        items = [Item("g/p#1", "x", said)]
        began = time.process_time()
        assert parse(render(items), items, when).said["g/p#1"] == said
        assert time.process_time() - began < 2
