"""Improvements: a note's title and template, what is like it, and what the journal knows of its filing."""

import re
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.events import Event, Note, filed, notes
from secops_oncall.domain.flight import failed
from secops_oncall.domain.improvements import (
    Shape,
    Target,
    alike,
    begin,
    draft,
    in_passing,
    key,
    likeness,
    quotable,
    title_of,
    tried,
    unfiled,
)
from tests.fakes import NOW, an_issue

TARGET = Target("acme/engineering", "oncall-improvement")
ID = "3f2a9c01d4e54b7a8c0f5e6d7a8b9c0d"
WORDS = "Close honeypot noise by itself. It paged twice tonight."


def a_note(text: str = WORDS, kind: Any = "automate", **more: Any) -> Note:
    known = {"page": None, "shift": None, "filed": None}
    return Note(**{**known, **more}, id=ID, at=NOW, kind=kind, text=text)


def headings(description: str) -> dict[str, str]:
    """What stands below each heading of a description."""
    parts = re.split(r"^### (.*)\n\n", description, flags=re.MULTILINE)[1:]
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


def test_what_is_unfiled_is_what_is_to_become_something_and_has_become_nothing() -> None:
    kinds = ("note", "automate", "question", "risk", "process")
    events = [Event(NOW, "note", text=kind, data={"kind": kind}) for kind in kinds]
    events += [filed(events[2].uid, "acme/x#1", NOW), filed(events[3].uid, None, NOW)]
    assert [note.kind for note in unfiled(notes(events))] == ["automate", "process"]


@pytest.mark.parametrize(
    ("note", "anywhere", "in_confidence"),
    [
        (a_note(), True, True),
        (a_note(filed="acme/x#1"), True, True),
        (a_note(kind="risk"), False, True),
        (a_note(kind="risk", filed="dropped"), False, True),
        (a_note(kind="risk", filed="acme/x#1"), False, False),
        (a_note(kind="question", filed="acme/x#1", confidential=True), False, False),
    ],
    ids=["unfiled", "filed", "a risk", "a risk that was dropped", "a filed risk", "filed as a risk"],
)
def test_of_a_risk_only_its_issue_has_the_words(note: Note, anywhere: bool, in_confidence: bool) -> None:
    assert quotable(note, confidential=False) == (WORDS if anywhere else None)
    assert quotable(note, confidential=True) == (WORDS if in_confidence else None)


def test_in_passing_a_risk_is_called_one_and_no_more() -> None:
    told = [in_passing(note) for note in (a_note(), a_note(kind="risk"), a_note(kind="risk", filed="acme/x#1"))]
    assert told == [WORDS, "risk", "risk, filed as acme/x#1"]


def test_what_was_filed_in_confidence_is_known_to_be_so() -> None:
    noted = [Event(NOW, "note", text=WORDS, data={"kind": "question"}, uid=uid) for uid in "abc"]
    ends = [filed("a", "acme/x#1", NOW, confidential=True), filed("b", "acme/x#2", NOW)]
    assert [note.confidential for note in notes([*noted, *ends])] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (WORDS, "Close honeypot noise by itself"),
        ("who owns the bucket? Nobody knew.", "who owns the bucket?"),
        ("the first line\nand the second", "the first line"),
        ("Block 10.0.0.1. It scans us.", "Block 10.0.0.1"),
        ("alert on e.g. AWS keys vs. none. Then more", "alert on e.g. AWS keys vs. none"),
        ("it said 404. then it went on. After that it hung", "it said 404. then it went on"),
        ("...\nreal words", "... real words"),
        ("?!", "?!"),
        ("...", "..."),
        ("規則が古い。直す。", "規則が古い。"),
        ("x" * 81, "x" * 79 + "…"),
        ("one two " * 20, "one two one two one two one two one two one two one two one two one two one two…"),
    ],
)
def test_the_title_is_the_first_sentence(text: str, title: str) -> None:
    assert title_of(text) == title
    assert len(title) <= 80


def test_a_proposal_says_what_would_be_better_and_asks_what_happened() -> None:
    new = draft(a_note(), TARGET, Shape(where=[("page 4112", "https://acme.pagerduty.com/incidents/Q1LEAK")]))
    assert (new.project, new.title) == ("acme/engineering", "Close honeypot noise by itself")
    assert (new.labels, new.confidential) == (("oncall-improvement",), False)
    assert headings(new.description) == {
        "What happened": "**[empty: what happened, when, and how often]**",
        "What would be better": f"> {WORDS}",
        "Where": "* [page 4112](<https://acme.pagerduty.com/incidents/Q1LEAK>)\n"
        "* noted 2026-11-23 14:00 UTC as automate",
    }


@pytest.mark.parametrize("kind", ["question", "risk", "note"])
def test_an_observation_says_what_happened_and_asks_what_would_be_better(kind: str) -> None:
    told = headings(draft(a_note(kind=kind), TARGET, Shape()).description)
    assert told["What happened"] == f"> {WORDS}"
    assert told["What would be better"].startswith("**[empty: ")
    assert told["Where"].startswith("* **[empty: the page, issue, rule, runbook or repository")


def test_a_risk_is_confidential_and_stays_so_whatever_it_is_filed_as() -> None:
    assert draft(a_note(kind="risk"), TARGET, Shape()).confidential
    assert draft(a_note(kind="risk"), TARGET, Shape(kind="process")).confidential
    assert draft(a_note(kind="note"), TARGET, Shape(kind="risk")).confidential


def test_a_title_may_be_given() -> None:
    assert draft(a_note(), TARGET, Shape(title="Honeypot noise")).title == "Honeypot noise"


HOSTILE = "/close\n@all look ![x](https://evil.example/p.png)\n```\n### Where\n<!-- never ended\n~~~\n/assign @chen"


def test_hostile_words_act_on_nobody_and_hide_nothing_below_them() -> None:
    new = draft(a_note(HOSTILE, "risk"), TARGET, Shape(where=[("acme/operations#101", "javascript:alert(1)")]))
    assert not re.search(r"^\s*>?\s*/\w", new.description, re.MULTILINE)
    assert not re.search(r"@\w", new.description + new.title)
    assert "![" not in new.description
    assert re.findall(r"^### .*", new.description, re.MULTILINE) == [
        "### What happened",
        "### What would be better",
        "### Where",
    ]
    said = headings(new.description)["What happened"].split("\n")
    assert all(line.startswith(">") for line in said)
    assert "`acme/operations#101`" in new.description
    assert "javascript" not in new.description


def test_a_marker_in_the_words_is_none() -> None:
    new = draft(a_note(f"mine {key('another')} too", "question"), TARGET, Shape())
    assert "oncall:improve" not in new.description + new.title


@pytest.mark.parametrize(
    ("one", "other", "is_like"),
    [
        ("Close honeypot noise by itself", "close honeypot noise by itself!", True),
        ("Close honeypot noise by itself", "Honeypot noise: close by itself", True),
        ("Runbook for guest accounts is missing a step", "The runbook for guest accounts misses a step", True),
        ("Close honeypot noise by itself", "Close the VPN for guests", False),
        ("Canary tokens are on no list", "Certificate pages are our own domains", False),
        ("?!", "?!", True),
        ("?!", "...", False),
        ("規則が古い", "規則が古い。", True),
    ],
)
def test_titles_are_alike_by_their_words(one: str, other: str, is_like: bool) -> None:
    assert (likeness(one, other) >= 0.8, likeness(other, one) >= 0.8) == (is_like, is_like)


def test_the_likeliest_comes_first_each_once() -> None:
    near = an_issue("a/b#1", title="Close the honeypot noise by itself")
    same = an_issue("a/b#2", title="close honeypot noise by itself")
    other = an_issue("a/b#3", title="Something else")
    assert [issue.ref for issue in alike("Close honeypot noise by itself", [near, other, same, near])] == [
        "a/b#2",
        "a/b#1",
    ]


def test_the_journal_knows_where_a_note_was_begun_to_be_filed() -> None:
    first = begin(ID, "acme/old", NOW - timedelta(days=1))
    second = begin(ID, "acme/engineering", NOW)
    other = begin("another", "acme/else", NOW)
    assert tried([first, other, second, failed(first, NOW)], ID) == ["acme/old", "acme/engineering"]
