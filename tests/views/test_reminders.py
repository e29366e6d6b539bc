"""What the automation writes, word for word, and with everything in it as hostile as can be."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secops_oncall.domain.documents import WHERE, Destinations
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.reminders import DRAFT, Due, due, is_draft
from secops_oncall.views.reminders import NAMED, draft, notices, remarks
from tests.domain.test_reminders import ANA, BEN, CHEN, turn
from tests.fakes import NOW, an_issue
from tests.gitlab_rules import acts
from tests.slack_rules import acts_in_slack
from tests.views.test_handoff import HOSTILE, outside_code

ROLES: dict[Role, RoleName] = {"engineer": RoleName("Responder", 1)}
HANDLES = Handles({"ana@example.com": "ana", "chen@example.com": "chen"}, {"ana@example.com": "U0ANA"})
WHERE_TO = Destinations("acme/on-call", "#secops", handles=HANDLES)
USUAL = (turn(ANA, -12, 0), turn(CHEN, 0, 12))
GAP = (turn(ANA, -12, 0), turn(CHEN, 6, 12))
TWICE = (turn(BEN, -36, -24), turn(CHEN, -24, -12), turn(ANA, -12, 0), turn(ANA, 0, 12), turn(CHEN, 12, 24))


def one(minutes: float, *entries: OnCall) -> Due:
    (found,) = due(entries or USUAL, ROLES, NOW + timedelta(minutes=minutes))
    return found


def said(what: Due, *, written: bool = False) -> list[tuple[str | None, str]]:
    return [(notice.place, notice.text) for notice in notices(what, WHERE_TO, written=written)]


def test_the_draft_names_both_engineers_and_every_open_issue_by_its_reference() -> None:
    work = [an_issue(f"acme/operations#{iid}", title="A leaked key") for iid in (101, 102)]
    made = draft(one(-30), work, WHERE_TO)
    assert made.title == "On-Call Handover 2026-11-23 02:00/14:00 UTC (Weekday 12 h)"
    assert (made.project, made.assignees) == ("acme/on-call", ("ana", "chen"))
    assert made.mark == Mark("handover", "engineer/PANA/2026-11-23T02:00:00Z", "shift")
    assert made.text.split("\n\n")[:4] == [
        DRAFT,
        "**@ana → @chen**: weekday shift as engineer, 2026-11-23 02:00 UTC to 2026-11-23 14:00 UTC (22:00 +08)",
        "## Open issues (2)",
        "* [`acme/operations#101`](<https://gitlab.example.com/acme/operations/-/issues/101>)\n"
        "* [`acme/operations#102`](<https://gitlab.example.com/acme/operations/-/issues/102>)",
    ]
    assert is_draft(an_issue("acme/on-call#1", f"{made.text}\n\n{made.mark}"))
    assert "leaked" not in made.text


def test_of_very_many_issues_the_rest_is_counted() -> None:
    made = draft(one(-30), [an_issue(f"acme/operations#{iid}") for iid in range(1, NAMED + 4)], WHERE_TO)
    assert f"## Open issues ({NAMED + 3})" in made.text
    assert "\n* and 3 more\n" in made.text


def test_the_same_facts_make_the_same_draft_at_any_time() -> None:
    assert draft(one(-60), [], WHERE_TO) == draft(one(-1), [], WHERE_TO)
    assert "## Open issues (0)\n\n* None." in draft(one(-30), [], WHERE_TO).text


def test_a_shift_that_ends_is_told_to_both_in_their_own_time() -> None:
    (ana, to_ana), (chen, to_chen) = said(one(-30))
    assert (ana, chen) == ("U0ANA", "#secops")
    assert to_ana == (
        "*Your shift ends at 2026-11-23 14:00 UTC (22:00 +08).* Write the hand-off with `oncall handoff edit`, "
        "check it with `oncall handoff lint`, post it with `oncall handoff post`. Hand-over issue: {url}. "
        "Chen takes over"
    )
    assert to_chen == (
        "Chen: *Your shift begins at 2026-11-23 14:00 UTC (22:00 +08).* Ana hands over to you. Hand-over issue: {url}. "
        "Accept with `oncall handoff accept`"
    )


def test_what_is_posted_is_not_to_be_written_once_more() -> None:
    (_, to_ana), (_, to_chen) = said(one(-30), written=True)
    assert to_ana == (
        "*Your shift ends at 2026-11-23 14:00 UTC (22:00 +08).* Your hand-off is posted, and you stay acting until it "
        "is read back. Hand-over issue: {url}. Chen takes over"
    )
    assert to_chen == said(one(-30))[1][1]


@pytest.mark.parametrize(
    ("written", "ana", "chen"),
    [
        (True, "You stay acting until it is read back. {issue}", "{issue}. Accept with `oncall handoff accept`"),
        (False, "It isn't posted yet (`oncall handoff post`). {issue}", "{issue}. It isn't posted yet: ask Ana for it"),
    ],
)
def test_a_hand_off_that_waits_is_told_to_both(written: bool, ana: str, chen: str) -> None:
    (_, to_ana), (_, to_chen) = said(one(15), written=written)
    assert to_ana.startswith("*Nobody has accepted the hand-off of your shift, which ended at 2026-11-23 14:00 UTC")
    assert to_chen.startswith("Chen: *You have not accepted the hand-off of Ana, whose shift ended at 2026-11-23 14:00")
    ends = [text.replace("{issue}", "Hand-over issue: {url}") for text in (ana, chen)]
    assert (to_ana.endswith(ends[0]), to_chen.endswith(ends[1])) == (True, True)


def test_a_gap_is_said_everywhere() -> None:
    what = one(-30, *GAP)
    (_, to_ana), (_, to_chen) = said(what)
    assert to_ana.endswith("Nobody is on call until 2026-11-23 20:00 UTC (2026-11-24 04:00 +08), then Chen")
    assert "*Your shift begins at 2026-11-23 20:00 UTC" in to_chen
    assert "**Gap: nobody is on call until 2026-11-23 20:00 UTC" in draft(what, [], WHERE_TO).text
    assert remarks(what) == [
        f"{what.shift.id}: a gap: nobody is on call from 2026-11-23 14:00 UTC to 2026-11-23 20:00 UTC"
    ]
    assert remarks(one(-30)) == []


def test_one_person_twice_is_said_everywhere() -> None:
    what = one(-30, *TWICE)
    ((_, to_ana),) = said(what)
    assert to_ana.endswith("so that nobody takes over: `oncall handoff post --to USER` names somebody")
    assert "**@ana → [nobody]**" in draft(what, [], WHERE_TO).text
    assert "**Ana is on call after it, too:**" in draft(what, [], WHERE_TO).text
    assert [remark.partition(": ")[2].split(", ")[0] for remark in remarks(what)] == [
        "PANA is on call after 2026-11-23 14:00 UTC"
    ]


def test_whom_the_hand_off_names_is_told_instead() -> None:
    for entries in ((), GAP, TWICE):
        what = one(-30, *entries).handed_to(BEN)
        (_, to_ana), (_, to_ben) = said(what, written=True)
        assert to_ana.endswith(". Ben takes over")
        assert to_ben.startswith("Ben: *You take over at 2026-11-23 14:00 UTC")
        assert not any("so that nobody takes over" in remark for remark in remarks(what))


def test_that_nobody_is_known_to_come_is_said() -> None:
    what = one(-30, turn(ANA, -12, 0))
    assert said(what)[0][1].endswith(
        "Nobody is known to be on call after it: `oncall handoff post --to USER` names somebody"
    )
    assert "nobody is known to be on call after 2026-11-23 14:00 UTC" in remarks(what)[0]


def test_remarks_have_references_alone() -> None:
    told = "".join(text for entries in (GAP, TWICE, USUAL[:1]) for text in remarks(one(-30, *entries)))
    assert not re.search("Ana|Chen|example", told)


@given(name=HOSTILE, minutes=st.sampled_from([-30, 15]))
@settings(max_examples=40, deadline=None)
def test_names_from_outside_act_nowhere(name: str, minutes: float) -> None:
    ana, chen = (Person(f"P{n}", name, f"{n}@elsewhere.example") for n in (1, 2))
    what = one(minutes, replace(USUAL[0], person=ana), replace(USUAL[1], person=chen))
    lines = draft(what, [], WHERE_TO).text.split("\n")
    assert [line for line in lines if acts(outside_code(line))] == []
    for _, told in said(what):
        assert acts_in_slack(told.replace(WHERE, ""), []) == []
        assert "\n" not in told
