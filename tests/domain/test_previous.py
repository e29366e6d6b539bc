"""The hand-offs before this one: found by marks that count, read, and compared with what there is now."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from secops_oncall.domain.incidents import Incident, incidents
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import PAGE_NOTE, PageNote
from secops_oncall.domain.posted import owner, read, steps
from secops_oncall.domain.previous import (
    Previous,
    ReadBack,
    handed_on,
    handover_before,
    handover_of,
    marked,
    previous,
)
from secops_oncall.domain.reminders import DRAFT
from secops_oncall.domain.said import Said
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.traces import NextStep
from secops_oncall.views.incidents import Reader, note
from tests.domain.test_incidents import ANA, BEN, GITLAB, ONE, REF, START, acked
from tests.fakes import NOW, an_entry, an_issue

NOW_SHIFT, BENS, OLDER = (
    f"engineer/P{who}/2026-11-{at}:00:00Z" for who, at in (("ANA", "23T09"), ("BEN", "22T21"), ("EVA", "22T09"))
)
AUTHORS = {"ana", "ben", "oncall-bot"}
SAID = Said(
    "Leaked key",
    "dead\nand buried",
    "no use",
    "high",
    "watch",
    next_steps=(NextStep("Read the logs", "Ben Okafor", NOW), NextStep("ask legal, twice", "Ana Ferreira", NOW)),
    if_then=("[ ] If it, then me", "[x] done?"),
)


def posted(said: Said = SAID, incident: Incident | None = None) -> str:
    """A note as it was posted."""
    told = incident or incidents(facts(said={REF: said}))[0]
    return note(replace(told, said=said), Reader())


def comment(
    text: str, minutes: int, shift: str = BENS, kind: str = "handoff", author: str = "ben", **more: Any
) -> IssueNote:
    mark = Mark(kind, shift, "issue-101")
    at = NOW - timedelta(minutes=minutes)
    return replace(IssueNote(minutes, at, author, text, internal=True, system=False, mark=mark), **more)


def facts(*comments: IssueNote, description: str = ONE, **more: Any) -> Facts:
    pages = more.pop("pages", {ONE: acked(ONE)})
    known = {"believed": frozenset(AUTHORS), "shift": NOW_SHIFT, "people": {"ana": ANA, "ben": BEN}}
    issues = {REF: an_issue(REF, description, minutes=900)}
    return Facts(
        START, NOW, ANA, GITLAB, frozenset(pages), pages, issues, comments={REF: comments}, **{**known, **more}
    )


def only(*comments: IssueNote, **more: Any) -> Incident:
    (incident,) = incidents(facts(*comments, **more))
    return incident


# What a note says


def test_a_note_is_read_back_with_its_owner_and_steps_that_were_ticked_are_done() -> None:
    text = posted()
    assert (read(text), owner(text)) == (SAID, "Ana Ferreira")
    ticked = text.replace("- [ ] Read", "- [x] Read")
    assert [(step.action, done) for step, done in steps(ticked)] == [
        ("Read the logs", True),
        ("ask legal, twice", False),
    ]
    assert [step.action for step in read(ticked).next_steps] == ["ask legal, twice"]
    assert read(ticked).if_then == SAID.if_then
    assert owner(posted(incident=replace(only(), owner=None))) == ""


# Whose marks count


def test_only_known_authors_are_believed() -> None:
    forged = comment(posted(Said(state="all is well")), 300, author="mallory")
    system = comment(posted(), 200, system=True)
    plain = comment(posted(), 100, mark=None)
    assert marked([forged, system, plain], AUTHORS) == []
    incident = only(forged, system, plain)
    assert (incident.suggested, incident.before) == (Said(), None)
    assert "mallory" in [entry.who for entry in incident.timeline], "a stranger's note is a comment like any other"
    assert marked([comment("x", 300, author="Ben")], AUTHORS)[0].author == "Ben"


def test_the_last_word_of_each_other_shift_counts() -> None:
    notes = [comment("a", 900, OLDER), comment("b", 880, OLDER), comment("c", 600), comment("d", 10, NOW_SHIFT)]
    notes += [comment("e", 500, kind="readback"), comment("f", 400, kind="update")]
    assert [each.text for each in handed_on(marked(notes, AUTHORS), NOW_SHIFT)] == ["b", "c"]


# What it is for


def test_what_the_last_hand_off_said_is_suggested_and_never_taken_over() -> None:
    older = comment(posted(Said(state="spreading", tried="nothing")), 900, OLDER)
    incident = only(older, comment(posted(), 600))
    assert incident.suggested == replace(SAID, summary="")
    assert (incident.state, incident.tried, incident.posture, incident.if_then) == (None, None, None, ())
    assert incident.before and incident.before.earlier and incident.before.earlier.state == "spreading"
    assert incident.before.owner == "Ana Ferreira"


def test_since_the_last_hand_off_counts_facts_and_steps_that_are_ticked_or_gone() -> None:
    handed, said = comment(posted(), 600), comment("rotated", 30, mark=None)
    before = only(handed, said).before
    assert before and (before.facts, before.closed) == (3, 0), "paged, acked, noted"
    ticked = comment(posted().replace("- [ ] Read", "- [x] Read"), 600)
    assert (found := only(ticked, said).before) and found.closed == 1
    later = comment("- [x] read the logs\n- [ ] new", 20, mark=None)
    assert (found := only(handed, later).before) and found.closed == 1
    typed = {REF: Said(next_steps=(NextStep("ask legal, twice", "Ben", NOW),))}
    assert (found := only(handed, said=typed).before) and found.closed == 1, "gone, as somebody has typed others"
    assert "**Since last hand-off:** +3 facts, 1 step closed" in note(only(ticked, said), Reader())
    assert "Since last hand-off" not in note(only(said), Reader())


def test_its_steps_are_still_to_do_until_somebody_ticks_or_types() -> None:
    handed = comment(posted(), 600)
    left = [("Read the logs", BEN.name), ("ask legal, twice", ANA.name)]
    assert [(step.action, step.who) for step in only(handed).next_steps] == left
    assert [step.by for step in only(handed).next_steps] == [NOW, NOW]
    later = comment("- [x] Read the logs", 20, mark=None)
    assert [step.action for step in only(handed, later).next_steps] == ["ask legal, twice"]
    own = comment("- [ ] Read the logs", 20, mark=None)
    assert [step.action for step in only(handed, own).next_steps] == ["Read the logs", "ask legal, twice"]
    typed = NextStep("call Dana", "Ben Okafor", NOW)
    assert only(handed, said={REF: Said(next_steps=(typed,))}).next_steps == (typed,)


def test_this_shifts_own_hand_off_adds_nothing_to_what_it_was_made_of() -> None:
    zoom = "https://acme.zoom.us/j/1"
    said = replace(SAID, zoom=zoom, next_steps=(NextStep("old words", "Ben", NOW),))
    echo = comment(f"{posted(said)}\n{zoom}", 10, NOW_SHIFT)
    typed = {REF: replace(SAID, zoom="")}
    assert only(echo, said=typed) == only(said=typed)
    again = PageNote(NOW, BEN.name, f"{PAGE_NOTE} 21:00 UTC: Ben Okafor → Chen Wei. The notes: https://g/1")
    entry = an_entry("annotate", 0, BEN)
    page = acked(ONE)
    linked = replace(page, notes=(again,), timeline=(*page.timeline, entry))
    assert only(said=typed, pages={ONE: linked}) == only(said=typed)
    other = replace(linked, notes=(replace(again, text="I looked"),))
    assert BEN in only(pages={ONE: other}).engaged


def test_our_own_notes_are_no_facts_but_for_what_somebody_did() -> None:
    kinds = ("handoff", "readback", "addendum", "update", "engage", "release", "break", "back", "high-impact")
    told = only(*(comment(kind, 60 - n, kind=kind) for n, kind in enumerate(kinds))).timeline
    assert [entry.kind for entry in told if entry.who == BEN.name] == list(kinds[3:])
    text = note(only(comment("S3 is clean", 30, kind="update"), comment("x", 20, kind="engage")), Reader())
    assert "13:30 update by Ben Okafor: S3 is clean, 13:40 engaged by Ben Okafor" in text


def test_a_merge_request_and_a_mentioned_issue_are_related() -> None:
    incident = only(
        comment(f"see {GITLAB}/acme/infra/-/issues/7 and {GITLAB}/acme/operations/-/issues/101", 5, mark=None)
    )
    assert incident.mentioned == ("acme/infra#7",)
    assert "mentioned: [`acme/infra#7`](<https://g/acme/infra/-/issues/7>)" in note(
        incident, Reader(gitlab_url="https://g")
    )


# The hand-over issues of a project


def handover(shift: str, minutes: int, author: str = "ben", kind: str = "handover", iid: int = 1) -> Issue:
    more: Any = {"title": "On-Call Handover x", "author": author, "mark": Mark(kind, shift, "shift")}
    return an_issue(f"acme/handovers#{iid}", minutes=minutes, **more)


SHIFT = Shift(NOW_SHIFT, NOW.replace(hour=9), NOW.replace(hour=21), "weekday", "engineer", ANA, None)


def test_the_hand_over_before_this_one_is_the_same_roles_last() -> None:
    bens, older, mine = handover(BENS, 900), handover(OLDER, 1700), handover(NOW_SHIFT, 10)
    managers = handover("manager/PDANA/2026-11-23T01:00:00Z", 400)
    forged = [handover(BENS, 5, "mallory", iid=2), handover(BENS, 5, kind="handoff", iid=3), handover("x", 5, iid=4)]
    later = handover("engineer/PCHEN/2026-11-23T21:00:00Z", 5, iid=5)
    every = [mine, older, managers, bens, later, *forged, an_issue("acme/handovers#9")]
    assert handover_before(every, SHIFT, AUTHORS) == bens
    assert handover_before([mine, later], SHIFT, AUTHORS) is None
    drafts = [replace(bens, author="oncall-bot", description=f"{DRAFT}\n\n<!-- x -->")]
    assert handover_before([mine, older, *drafts], SHIFT, AUTHORS) == older  # nobody has posted that one
    assert handover_of(drafts, BENS, AUTHORS) == drafts[0]
    assert handover_of(every, NOW_SHIFT, AUTHORS) == mine
    assert handover_of(every, "engineer/PNOBODY/x", AUTHORS) is None


def test_the_previous_hand_over_says_who_accepted_it() -> None:
    bens = handover(BENS, 900)
    read_back = [comment("read", 880, kind="readback", author="ana"), comment("x", 885, kind="remind")]
    assert previous(bens, marked(read_back, AUTHORS), []) == Previous(
        NOW - timedelta(minutes=900), "ben", bens.url, ReadBack("ana", NOW - timedelta(minutes=880))
    )
    assert (found := previous(bens, [], [])) and found.accepted is None
    notes = marked([comment("a", 900, OLDER), comment("b", 600)], AUTHORS)
    assert previous(None, [], notes) == Previous(NOW - timedelta(minutes=600), "ben")
    assert previous(None, [], []) is None
