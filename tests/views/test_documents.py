"""What a hand-off puts into every place: whole, quiet, too long, and with every text in it as hostile as can be."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secops_oncall.domain.documents import COMMENT, DESCRIPTION, NAMED, WHERE, Destinations, Documents
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.handoff import Background, Handoff
from secops_oncall.domain.issues import LinkedIssue
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.open_work import HANDOVER
from secops_oncall.domain.people import Person
from secops_oncall.domain.posted import read
from secops_oncall.domain.previous import Before, Previous, ReadBack
from secops_oncall.domain.received import named_in
from secops_oncall.domain.said import Said
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.slack import BLOCK
from secops_oncall.domain.traces import NextStep
from secops_oncall.views.documents import documents
from secops_oncall.views.handoff_slack import printed
from secops_oncall.views.handover import title
from tests.fakes import NOW, a_page, an_issue
from tests.gitlab_rules import acts
from tests.slack_rules import acts_in_slack
from tests.views.test_handoff import (
    ANA,
    BEN,
    CHEN,
    HOSTILE,
    REF,
    SHIFT,
    SIX,
    START,
    a_shift,
    composed,
    hostile_shift,
    outside_code,
)

HERE = Path(__file__).parent
PEOPLE = (ANA, replace(BEN, email="ben@example.com"), replace(CHEN, email="chen@example.com"))
HANDLES = Handles(
    {person.email or "": person.name.split()[0].lower() for person in PEOPLE},
    {person.email or "": f"U0{person.name.split()[0].upper()}" for person in PEOPLE},
)
EVERYWHERE = Destinations("acme/handovers", "#secops", handles=HANDLES)
CONFIDING = replace(EVERYWHERE, in_slack="six-fields", private=True)
STEP = NextStep("tell legal what was read", "Ben Okafor", NOW + timedelta(hours=3))


def handed() -> Handoff:
    """The shift of the printed hand-off, with people whom the table maps, and what the shift before said."""
    told = replace(a_shift(), incoming=PEOPLE[2], people=PEOPLE, manager=Person("PDANA04", "Dana Cohen"))
    unacked, leak = told.incidents
    said = replace(
        leak.said, tried="S3: nothing was read\n\n```\naws s3 ls\n```", confidence="high", next_steps=(STEP,)
    )
    leak = replace(
        leak,
        said=said,
        tried=said.tried,
        confidence=said.confidence,
        next_steps=(STEP, *leak.next_steps),
        before=Before(START, Said(), "@ana", facts=3, closed=1),
    )
    previous = Previous(START, "ben", "https://gitlab.example.com/h/-/issues/1", ReadBack("ana", START))
    return replace(told, incidents=(unacked, leak), previous=previous)


def sent(handoff: Handoff | None = None, destinations: Destinations = EVERYWHERE, why: str = "") -> Documents:
    return documents(handoff or handed(), destinations, why)


def slack(found: Documents) -> str:
    """The whole of what Slack gets."""
    assert found.slack
    return "\n".join([*found.slack.lines, *(text for _, text in found.slack.details)])


# Whole documents


def test_the_comment_on_an_issue() -> None:
    (comment,) = sent().comments
    assert comment.text + "\n" == (HERE / "comment.md").read_text("utf-8")
    assert (comment.issue.ref, comment.mark) == (REF, Mark("handoff", SHIFT.id, "issue-101"))
    said = read(comment.text)
    assert (said.tried, said.posture, said.next_steps[0]) == (
        "S3: nothing was read\n\n```\naws s3 ls\n```",
        "watch",
        replace(STEP, who="ben"),
    )


def test_the_hand_over_issue() -> None:
    handover = sent().handover
    assert handover
    assert handover.text + "\n" == (HERE / "handover.md").read_text("utf-8")
    assert (handover.project, handover.assignees, handover.more) == ("acme/handovers", ("ana", "chen"), ())
    assert handover.title == "On-Call Handover 2026-11-23 09:00/21:00 UTC (Weekday 12 h)"
    assert (handover.mark.kind, handover.mark.shift) == ("handover", SHIFT.id)


def test_what_slack_gets() -> None:
    found = sent(destinations=CONFIDING).slack
    assert found and slack(sent(destinations=CONFIDING)) + "\n" == (HERE / "slack.txt").read_text("utf-8")
    assert (found.channel, found.marker) == ("#secops", f"oncall:handoff:{SHIFT.id}")
    assert [id for id, _ in found.details] == [f"oncall:handoff:{SHIFT.id}:Q1CANARYTOKEN01", f"{found.marker}:{REF}"]
    assert len(found.lines) <= 12


def test_pagerdutys_note_says_nothing_but_who_and_where() -> None:
    notes = sent().pages
    assert [note.page.id for note in notes] == ["Q1CANARYTOKEN01", "Q1LEAKEDKEY0005"]
    assert {note.text for note in notes} == {
        f"On-call hand-off 2026-11-23 21:00 UTC: Ana Ferreira → Chen Wei. The notes: {WHERE}"
    }


def test_a_storm_is_one_note_on_its_earliest_open_page() -> None:
    pages = [a_page(f"Q1STORM{n:05}", "resolved" if n == 9 else "triggered", minutes=n + 1) for n in range(10)]
    issue = an_issue(REF, " ".join(page.id for page in pages))
    assert [note.page.id for note in sent(composed(pages, [issue])).pages] == ["Q1STORM00008"]


def test_the_same_hand_off_makes_the_same_documents() -> None:
    assert sent() == sent()
    later = replace(handed(), incidents=tuple(replace(one, stale=True, silent=True) for one in handed().incidents))
    assert sent(later) == sent(), "that nothing is new is no news"


@pytest.mark.parametrize(
    ("shift", "told"),
    [
        (SHIFT, "2026-11-23 09:00/21:00 UTC (Weekday 12 h)"),
        (
            replace(SHIFT, end=START + timedelta(hours=48), kind="weekend"),
            "2026-11-23 09:00/2026-11-25 09:00 UTC (Weekend 48 h)",
        ),
        (replace(SHIFT, end=None), "2026-11-23 09:00/open UTC (Weekday)"),
        (replace(SHIFT, end=START + timedelta(hours=7.5)), "2026-11-23 09:00/16:30 UTC (Weekday 7.5 h)"),
    ],
)
def test_the_title_of_a_hand_over_issue(shift: Shift, told: str) -> None:
    assert title(shift) == HANDOVER + told


def test_a_quiet_shift_is_two_lines_everywhere() -> None:
    found = sent(composed(background=Background([an_issue("acme/engineering#41", title="Tune it")])))
    assert (found.comments, found.pages) == ((), ())
    assert found.handover and found.slack
    assert len(found.handover.text.split("\n")) == len(found.slack.lines) == 2
    assert found.slack.details == ()
    assert "Quiet" in found.handover.text and "Quiet" in found.slack.lines[1]


def test_nobody_incoming_is_one_word_in_what_is_bold() -> None:
    found = sent(replace(handed(), incoming=None))
    assert found.handover and found.handover.text.startswith("**@ana → [nobody]**: weekday shift")
    assert named_in(found.handover.text) == "" == named_in(found.comments[0].text)


def test_what_is_not_configured_gets_nothing() -> None:
    found = sent(destinations=Destinations())
    assert (found.handover, found.slack, len(found.comments)) == (None, None, 1)


def test_the_reason_for_posting_it_as_it_is_stands_in_every_document() -> None:
    found = sent(why="the manager asked: @all\n/close")
    assert found.handover and found.slack
    assert (
        "**Posted although it is incomplete** (E1, E3, E4, E7): the manager asked: @\u2060all" in found.comments[0].text
    )
    assert "**Posted although it is incomplete** (E1, E3, E4, E7)" in found.handover.text
    assert any(line.startswith("*Posted although it is incomplete:* the manager") for line in found.slack.lines)
    assert len(found.slack.lines) <= 12


# Who may read what


def test_comments_are_internal_where_the_issue_is_not_confidential() -> None:
    def comment(confidential: bool, **more: Any) -> Any:
        told = handed()
        leak = replace(told.incidents[1], issue=replace(told.incidents[1].issue, confidential=confidential))  # type: ignore[type-var]
        return sent(replace(told, incidents=(leak,)), replace(EVERYWHERE, **more)).comments[0]

    assert (comment(False).internal, comment(True).internal) == (True, False)
    assert comment(False, internal=False).internal is False
    words = "Rotated in the console"
    assert words in comment(False).text and words in comment(True, internal=False).text
    assert words not in comment(False, internal=False).text, "nobody's words but those that were typed for it"
    assert "S3: nothing was read" in comment(False, internal=False).text


def test_of_a_confidential_issue_slack_gets_the_reference_and_a_neutral_word() -> None:
    for destinations in (
        EVERYWHERE,
        replace(EVERYWHERE, in_slack="six-fields"),
        replace(EVERYWHERE, private=True),
    ):
        told = slack(sent(destinations=destinations))
        assert f"a confidential incident · <https://gitlab.example.com/acme/operations/-/issues/101|{REF}>" in told
        for secret in ("Leaked key", "no use seen", "S3", "Rotate", "zoom.us", "legal"):
            assert secret not in told, secret
    assert "no use seen" in slack(sent(destinations=CONFIDING))


def test_what_may_be_confidential_is_taken_for_it() -> None:
    """An incident whose issue nobody could read."""
    page = a_page("Q1PAGE00001", title="Payroll was read")
    lost = composed([page], background=Background(unread=[]))
    assert "Payroll was read" in slack(sent(lost))
    for told in (
        replace(lost, unread=frozenset({"GitLab"})),
        replace(lost, incidents=tuple(replace(one, veiled=True) for one in lost.incidents)),
    ):
        assert "Payroll was read" not in slack(sent(told))
        assert "a confidential incident · <https://acme.pagerduty.com/incidents/Q1PAGE00001|page 4060>" in slack(
            sent(told)
        )


def test_a_confidential_issue_is_a_reference_in_every_less_private_place() -> None:
    told = handed()
    secret = LinkedIssue(
        "acme/x#9", "Payroll was read", "https://gitlab.example.com/acme/x/-/issues/9", "opened", True, ()
    )
    leak = told.incidents[1]
    public = replace(leak, issue=replace(leak.issue, confidential=False), related=(secret,))  # type: ignore[type-var]
    closed = an_issue("acme/x#8", title="Payroll is closed", state="closed", confidential=True)
    found = sent(replace(told, incidents=(public,), closed=(closed,)))
    assert "acme/x#9" in found.comments[0].text
    assert "acme/x#9" in slack(found) and "acme/x#8" in slack(found)
    for text in (found.comments[0].text, slack(found)):
        assert "Payroll" not in text
    found = sent(replace(told, incidents=(replace(leak, related=(secret,)),)), CONFIDING)
    assert "Payroll was read" in found.comments[0].text
    assert "Payroll was read" in slack(found)


def test_a_step_that_was_found_in_an_issue_mentions_nobody() -> None:
    """Anybody may have written it; what was typed for the hand-off mentions who is in the table."""
    found = sent(destinations=CONFIDING)
    assert "tell legal what was read, @ben, by" in found.comments[0].text
    assert "Rotate the deploy key, Ben Okafor, by" in found.comments[0].text
    assert "tell legal what was read, <@U0BEN>, by" in slack(found)
    assert "Rotate the deploy key, Ben Okafor, by" in slack(found)


# Too long


def test_a_note_that_is_too_long_goes_on_in_further_comments() -> None:
    words = "\n".join(f"line {number} of what was tried" for number in range(60_000))
    told = handed()
    leak = replace(told.incidents[1], tried=words, said=replace(told.incidents[1].said, tried=words))
    found = sent(replace(told, incidents=(leak,))).comments
    assert len(found) == 2
    assert all(len(comment.text) + len(str(comment.mark)) < COMMENT for comment in found)
    assert [str(comment.mark.kind) for comment in found] == ["handoff", "handoff-part"]
    assert len({str(comment.mark) for comment in found}) == 2
    told_there = re.findall(r"line (\d+) of", "".join(comment.text for comment in found))
    assert list(map(int, told_there)) == list(range(60_000))
    assert "part 1 of 2" in found[0].text


def test_a_hand_over_that_is_too_long_goes_on_in_comments() -> None:
    pages = [a_page(f"Q1PAGE{number:05}", number=number, title="x" * 600) for number in range(700)]
    found = sent(composed(pages)).handover
    assert found and found.more
    assert len(found.text) < DESCRIPTION
    assert all(len(text) < COMMENT for _, text in found.more)
    whole = "".join([found.text, *(text for _, text in found.more)])
    assert all(f"/incidents/{page.id}>" in whole for page in pages)


def test_one_endless_line_is_parted_and_acts_on_nothing() -> None:
    words = "@all " + "`x` /close " * 200_000
    told = handed()
    leak = replace(told.incidents[1], said=replace(told.incidents[1].said, summary=words))
    found = sent(replace(told, incidents=(leak,)), Destinations()).comments
    assert len(found) > 2
    for comment in found:
        assert len(comment.text) < COMMENT
        assert [line for line in comment.text.split("\n") if acts(outside_code(line))] == []


def test_slack_names_as_many_as_anybody_reads_and_counts_the_rest() -> None:
    pages = [a_page(f"Q1PAGE{number:05}", number=number, title="&" * 600) for number in range(40)]
    found = sent(composed(pages)).slack
    assert found and len(found.details) == 40
    (line,) = [line for line in found.lines if line.startswith("*Open (40):*")]
    named = line.count("owner")
    assert 0 < named <= NAMED
    assert line.endswith(f"and {40 - named} more")
    assert all(len(line) <= BLOCK for line in found.lines)


def test_the_short_form_as_it_is_shown() -> None:
    shown = printed(handed(), EVERYWHERE)
    assert shown.endswith("*Full hand-off:* the hand-over issue. Accept with `oncall handoff accept`\n")
    posted = replace(handed(), handover=an_issue("acme/handovers#7"))
    url = "<https://gitlab.example.com/acme/handovers/-/issues/7|acme/handovers#7>"
    assert f"*Full hand-off:* {url}. Accept" in printed(posted, EVERYWHERE)
    assert "*Full hand-off:* in the issues of the incidents." in printed(handed(), replace(EVERYWHERE, project=None))
    assert printed(handed(), EVERYWHERE, thread=True).startswith("*`Canary opened")


# Hostile text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE, st.booleans(), st.booleans())
def test_no_text_from_elsewhere_acts_anywhere(text: str, internal: bool, confiding: bool) -> None:
    where = replace(CONFIDING if confiding else EVERYWHERE, internal=internal)
    found = sent(hostile_shift(text), where, why=text)
    assert found.handover and found.slack
    for document in (*(comment.text for comment in found.comments), found.handover.text):
        lines = document.split("\n")
        assert [line for line in lines if line.startswith("/")] == []
        assert [line for line in map(outside_code, lines) if acts(line) or "<!-- oncall:" in line] == []
    for comment in found.comments:
        for heading in SIX:
            assert sum(line.startswith(heading) for line in comment.text.split("\n")) == 1
    assert acts_in_slack(slack(found), ()) == []
    assert len(found.slack.lines) <= 12
    assert not any("\n" in line or len(line) > BLOCK for line in found.slack.lines)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE)
def test_the_shape_of_the_documents_does_not_depend_on_any_text(text: str) -> None:
    def shape(told: str) -> list[int]:
        found = sent(hostile_shift(told), CONFIDING)
        assert found.handover and found.slack
        heads = [line for line in found.handover.text.split("\n") if line.startswith("#")]
        return [len(heads), len(found.slack.lines), len(found.slack.details), len(found.comments), len(found.pages)]

    assert shape(text) == shape("calm")
