"""Before a hand-off is posted: what is read, what keeps it back, and whom it will reach."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.audience import Audience
from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.incidents import Problem
from secops_oncall.domain.issues import IssueNote, NewIssue
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.slack import Channel
from secops_oncall.errors import AuthError, NotFoundError, OncallError
from secops_oncall.workflows.audience import reach
from secops_oncall.workflows.handoff import Wanted
from secops_oncall.workflows.placing import Plan
from secops_oncall.workflows.planning import Gathered, Services, blocking, gather, overrule, planned
from secops_oncall.workflows.standing import InSlack
from tests.fakes import NOW, FakeGitLab, FakeJournal, FakePagerDuty, FakeSlack
from tests.workflows.posts import DOWN, SECOPS, SHIFT, Scene, comment, documents, work
from tests.workflows.test_handoff import SETTINGS as PLAIN
from tests.workflows.test_handoff import TURNS, acked

SETTINGS = replace(PLAIN, destinations=Destinations("acme/on-call", "#secops"), people={"ben": "ben@example.com"})
HANDLES = Handles({"ana@example.com": "ana", "chen@example.com": "chen"}, {"chen@example.com": "U0CHEN"})


def gathered(gitlab: FakeGitLab | None = None, slack: FakeSlack | None = None, **more: Any) -> Gathered:
    return gather(services(gitlab, slack), more.pop("journal", FakeJournal()), SETTINGS, NOW, **more)


def services(gitlab: FakeGitLab | None = None, slack: FakeSlack | None = None) -> Services:
    there = slack or FakeSlack()
    there.ids.setdefault("#secops", SECOPS)
    lab = FakeGitLab() if gitlab is None else gitlab
    return Services(FakePagerDuty([acked("Q1")], turns=TURNS), lab, lambda: there)


def test_what_stands_in_slack_is_read_beside_the_facts() -> None:
    slack = FakeSlack()
    slack.ids["#secops"] = SECOPS
    shift = gathered().composed.handoff.shift.id
    slack.post(SECOPS, {f"oncall:handoff:{shift}": "top"})
    found = gathered(slack=slack)
    assert found.slack and found.slack.message(f"oncall:handoff:{shift}")
    assert (found.lost, found.destinations.channel) == ({}, "#secops")
    assert gathered(slack=slack, wanted=Wanted(shift="2026-11-23T10:00Z")).slack is not None


@pytest.mark.parametrize("error", [DOWN, AuthError("no token", "export …"), NotFoundError("no channel", "…")])
def test_a_channel_that_can_t_be_looked_at_is_lost_and_nothing_else(error: OncallError) -> None:
    slack = FakeSlack()
    slack.failing["channel"] = error
    found = gathered(slack=slack)
    assert (found.slack, list(found.lost), found.destinations.private) == (None, ["slack"], False)
    assert (type(found.lost["slack"]), found.lost["slack"].message) == (type(error), error.message)


def test_a_service_that_is_down_keeps_nothing_back_and_a_token_that_is_missing_does() -> None:
    for error, codes in ((DOWN, set()), (AuthError("GitLab rejects the token", "export …"), {"E2"})):
        lab = FakeGitLab()
        lab.failing = dict.fromkeys(("issues", "me", "notes", "issue"), error)
        found = gathered(lab)
        assert found.lost == {"gitlab": error}
        assert {problem.code for problem in found.composed.handoff.problems if problem.code == "E2"} == {"E2"}
        assert {problem.code for problem in blocking(found.composed)} & {"E2"} == codes


def test_errors_keep_it_back_and_warnings_don_t() -> None:
    found = gathered().composed
    codes = {problem.code for problem in blocking(found)}
    assert "E1" in codes and not {code for code in codes if code.startswith("W")}


def test_how_often_it_went_out_in_spite_of_errors_is_counted_by_shifts() -> None:
    journal, problem = FakeJournal(), Problem("E1", "error", "x", None, "", "")
    assert overrule(journal, "s1", [problem], "late", NOW - timedelta(days=31)) == 1
    assert overrule(journal, "s2", [problem, problem], "late", NOW) == 1
    assert overrule(journal, "s2", [problem], "late, again", NOW) == 1
    assert overrule(journal, "s3", [problem], "late", NOW) == 2
    assert [(event.text, event.data) for event in journal.written][1] == ("late", {"codes": ["E1"]})


def test_the_notes_of_an_issue_that_the_facts_have_not_read_are_read_before_anything_is_written_there() -> None:
    closed = work(7, state="closed")
    lab = FakeGitLab([closed])
    asked = documents(closed, handover=None, slack=None, pages=())
    there = IssueNote(1, NOW, "ana", asked.comments[0].text, True, False, comment(closed).mark)
    lab.comments[closed.ref] = [there]
    plan = planned(services(lab), gathered(lab), asked)
    assert [place.planned.result for place in plan.first() if place.planned.ref] == [Result.ALREADY]
    lab.failing["notes"] = DOWN
    plan = planned(services(lab), replace(gathered(), lost={}), asked)
    assert [place.planned.result for place in plan.first() if place.planned.ref] == [Result.QUEUED]


def test_a_hand_over_issue_that_got_another_title_is_found_after_an_earlier_run() -> None:
    scene = Scene()
    scene.post()
    renamed = replace(scene.handover, title="Monday")
    scene.gitlab.kept[renamed.ref] = renamed
    asked = scene.documents()
    found = gathered(scene.gitlab)
    assert planned(services(scene.gitlab), found, asked).standing.handover is None
    plan = planned(services(scene.gitlab), replace(found, known=frozenset(("run",))), asked)
    assert plan.standing.handover == renamed


def test_somebody_else_s_hand_over_issue_of_my_shift_is_not_mine() -> None:
    lab = FakeGitLab()
    shift = gathered().composed.handoff.shift.id
    for author, found in (("ben", False), ("ana", True)):
        title, mark = "On-Call Handover x", f"<!-- oncall:handover {shift} shift -->"
        made = lab.create(NewIssue("acme/on-call", title, "text", confidential=True), mark)
        lab.kept[made.ref] = replace(made, author=author)
        assert (gathered(lab).composed.handoff.handover is not None) is found, author


def test_an_incident_that_gets_an_issue_keeps_its_message_in_the_thread() -> None:
    scene = Scene(issues=[work(101)])
    root = scene.slack.post(SECOPS, {f"oncall:handoff:{SHIFT}": "top"})
    scene.slack.post(SECOPS, {f"oncall:handoff:{SHIFT}:Q101": "before"}, root)
    plan = replace(scene.plan(), pages={work(101).ref: ["Q101"]})
    scene.post(plan)
    (reply,) = scene.slack.posted[f"{SECOPS}/1"]
    assert list(reply) == [f"oncall:handoff:{SHIFT}:{work(101).ref}"]


# Who will see what


def told(plan: Plan, destinations: Destinations | None = None) -> dict[str, Audience]:
    found = reach(plan, destinations or Destinations("acme/on-call", "#secops", handles=HANDLES))
    return {each.what.split(" on ")[0].split(" in ")[0]: each for each in found.audiences}


def test_every_place_is_told_with_its_readers_and_what_is_done() -> None:
    scene = Scene()
    plan = scene.plan()
    there = InSlack(Channel(SECOPS, "secops", True, True, False), NOW)
    plan = replace(plan, standing=replace(plan.standing, slack=there))
    found = reach(plan, Destinations("acme/on-call", "#secops", handles=HANDLES))
    assert [(each.readers, each.change) for each in found.audiences] == [
        ("internal: the project's members", "new"),
        ("whoever may see the confidential issue", "new"),
        ("confidential: the project's members; assigned to ana and chen", "new"),
        ("private channel: its members; of confidential issues the reference only", "new"),
        ("the same; nobody else is told", "2 new"),
        ("whoever may see the page; a link only", "2 new"),
    ]
    assert (found.users, found.people) == (("ana", "chen"), 2)
    scene.post()
    assert {each.change for each in told(scene.plan()).values()} == {"there already", "2 there already"}


def test_a_public_channel_a_public_note_and_what_can_t_be_looked_at_are_said() -> None:
    scene = Scene(issues=[work(iid) for iid in range(101, 111)])
    asked = scene.documents()
    asked = replace(asked, comments=tuple(replace(each, internal=False) for each in asked.comments))
    plan = scene.plan(asked)
    assert plan.standing.slack
    everybody = replace(plan.standing.slack, channel=Channel(SECOPS, "secops", False, True, False))
    shown = told(replace(plan, standing=replace(plan.standing, slack=everybody)))
    assert shown["message"].readers.startswith("public channel: the whole workspace")
    assert shown["comment"].readers == "whoever may see the issue"
    assert shown["comment"].what.startswith("comment on acme/operations#101, #102, #103")
    assert shown["comment"].what.endswith("#108 and 2 more")
    shown = told(scene.plan(lost={"slack": DOWN}, slack=None))
    assert (shown["message"].readers[:33], shown["message"].change) == (
        "the channel could not be looked a",
        "not now: it answers 503",
    )
