"""Posting a hand-off: every place exactly once, whatever is lost, down, forged or cut off on the way."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import FLIGHT
from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.marks import Mark, issue_key
from secops_oncall.domain.outcomes import Result
from secops_oncall.domain.posting import queued
from secops_oncall.domain.slack import Message
from secops_oncall.domain.thread_line import thread_in
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RejectedError
from secops_oncall.workflows.audience import reach
from secops_oncall.workflows.posting import rehearsed
from tests.fakes import COLLEAGUES, NOW, USER, a_page
from tests.workflows.posts import DOWN, SECOPS, SHIFT, SILENT, TOP, WORK, Scene, comment, documents, results, work

EVERYWHERE = Counter({"gitlab-note": 2, "gitlab": 1, "slack": 1, "pagerduty-note": 2, "slack-thread": 2})
READ_BACK = Mark("readback", SHIFT, issue_key(101))


def places(acted: Any, result: str) -> Counter[str]:
    return Counter(place for place, found, _ in results(acted) if found == result)


def read_back(scene: Scene, ref: str, author: str = "chen", *, minutes: float = 1) -> None:
    """That somebody reads back what stands on an issue."""
    note = IssueNote(900 + len(scene.gitlab.comments[ref]), NOW + timedelta(minutes=minutes), author, "…", True, False)
    scene.gitlab.comments[ref].append(replace(note, mark=READ_BACK))


def test_every_place_gets_it_once_and_the_next_run_finds_it_there() -> None:
    scene = Scene()
    first = scene.post()
    assert (places(first, "done"), first.exit_code) == (EVERYWHERE, 0)
    scene.once()
    writes = len(scene.gitlab.writes)
    again = scene.post()
    assert (places(again, "already"), again.exit_code) == (EVERYWHERE, 0)
    assert len(scene.gitlab.writes) == writes
    scene.once()


def test_the_outcomes_are_told_a_wave_at_a_time() -> None:
    scene = Scene()
    scene.post()
    assert [[one.place for one in wave] for wave in scene.told] == [
        ["gitlab-note", "gitlab-note", "gitlab"],
        ["slack", "pagerduty-note", "pagerduty-note"],
        ["slack-thread", "slack-thread"],
    ]


def test_a_note_is_internal_where_the_issue_is_not_confidential_and_that_is_verified() -> None:
    scene = Scene()
    scene.post()
    assert [[note.internal for note in scene.notes(iid)] for iid in (101, 102)] == [[True], [False]]
    leaky = Scene()
    leaky.gitlab.keeps_internal = False
    for _ in range(2):
        told = leaky.post()
        assert results(told)[0] == ("gitlab-note", "failed", "remote")
        assert "all who see the issue can read it" in told.outcomes[0].message
        assert "handoff.internal" in told.outcomes[0].next_step
    assert len(leaky.notes(101)) == 1


def test_the_hand_over_issue_is_confidential_assigned_to_both_and_names_slack_s_thread() -> None:
    scene = Scene()
    scene.post()
    made = scene.handover
    assert (made.confidential, made.assignees) == (True, ("chen", "ana"))  # a free server keeps the first
    assert thread_in(made.description) == Message(SECOPS, "1")
    scene.gitlab.kept[made.ref] = replace(made, confidential=False)
    told = scene.post()
    assert ("gitlab", "failed", "remote") in results(told)
    assert scene.handover.description == made.description  # nothing more is written where everybody reads it


def test_other_words_take_the_place_of_the_first_ones() -> None:
    scene = Scene()
    scene.post()
    before = scene.handover
    told = scene.post(scene.plan(scene.documents(state="the key lives")))
    assert places(told, "done") == Counter({"gitlab-note": 2, "gitlab": 1, "slack-thread": 2})
    assert all("changed in its place" in one.message for one in told.outcomes if one.result is Result.DONE)
    scene.once()
    assert all("the key lives" in scene.notes(iid)[0].text for iid in (101, 102))
    assert "the key lives" in scene.handover.description
    assert scene.handover.ref == before.ref
    assert scene.slack.posted[f"{SECOPS}/1"][0] == {
        f"oncall:handoff:{SHIFT}:{WORK}#101": "*About acme/operations#101*: the key lives"
    }


def test_another_incoming_engineer_gets_the_hand_over_issue() -> None:
    scene = Scene()
    scene.post()
    ben = COLLEAGUES[0]
    asked = scene.documents(state="to ben")
    assert asked.handover
    asked = replace(asked, handover=replace(asked.handover, assignees=("ana", "ben")))
    scene.post(scene.plan(asked, users={"ana": USER, "ben": ben}))
    assert scene.handover.assignees == ("ben", "ana")


# After a read-back.


def test_what_was_read_back_is_not_changed_and_later_words_are_an_addendum() -> None:
    scene = Scene()
    scene.post()
    ref = f"{WORK}#101"
    read_back(scene, ref)
    scene.now += timedelta(minutes=5)
    first = scene.notes(101)[0]
    told = scene.post(scene.plan(scene.documents(state="the key lives")))
    assert scene.notes(101)[0] == first
    added = scene.notes(101)[-1]
    assert (added.mark, added.internal) == (Mark("addendum", SHIFT, f"{issue_key(101)}/1"), True)
    assert ("has to be read back again" in added.text, "the key lives" in added.text) == (True, True)
    assert "asks for another read-back" in told.outcomes[0].message
    again = scene.post(scene.plan(scene.documents(state="the key lives")))
    assert (results(again)[0], len(scene.notes(101))) == (("gitlab-note", "already", ""), 3)
    scene.post(scene.plan(scene.documents(state="the key is dead again")))  # nobody has read the addendum yet
    assert (len(scene.notes(101)), "dead again" in scene.notes(101)[-1].text) == (3, True)


def test_an_addendum_that_was_read_back_is_followed_by_another() -> None:
    scene = Scene()
    scene.post()
    for number, (minutes, state) in enumerate([(2, "the key lives"), (4, "the key is dead again")], start=1):
        read_back(scene, f"{WORK}#101", minutes=minutes - 1)
        scene.now = NOW + timedelta(minutes=minutes)
        for _ in range(2):
            scene.post(scene.plan(scene.documents(state=state)))
        last = scene.notes(101)[-1]
        assert (last.mark, state in last.text) == (Mark("addendum", SHIFT, f"{issue_key(101)}/{number}"), True)
    assert len(scene.notes(101)) == 5


def test_an_addendum_is_named_once_on_the_hand_over_issue_and_is_in_slack_s_thread() -> None:
    scene = Scene()
    scene.post()
    filed, thread, ref = scene.handover.ref, f"{SECOPS}/1", f"{WORK}#101"
    below = scene.gitlab.comments.setdefault(filed, [])
    read_back(scene, ref)
    read_back(scene, filed)
    for number, (minutes, state) in enumerate([(2, "the key lives"), (4, "the key is dead again")], start=1):
        scene.now = NOW + timedelta(minutes=minutes)
        changed = scene.documents(state=state)
        only = replace(changed, comments=(changed.comments[0], scene.documents().comments[1]))
        told = {one.what: one.change for one in reach(scene.plan(only), Destinations()).audiences}
        assert told["comment on the hand-over issue"] == "an addendum", "said before it is sent"
        for _ in range(2):
            scene.post(scene.plan(only))
        added = [note for note in below if note.mark and note.mark.kind == "addendum"]
        assert [note.mark and note.mark.key for note in added] == [f"shift/{each + 1}" for each in range(number)]
        assert f"* Added to [`{ref}`](<{scene.gitlab.kept[ref].url}>): addendum {number}\n" in added[-1].text
        every = [
            text for blocks in scene.slack.posted[thread] for id, text in blocks.items() if f"{ref}/addendum" in id
        ]
        assert len(every) == number
        assert every[-1].endswith(f"has to be read back again\n*About {ref}*: {state}")
        read_back(scene, ref, minutes=minutes + 1)
        read_back(scene, filed, minutes=minutes + 1)
    assert len(scene.slack.posted[thread]) == 4, "two incidents, and twice more of one"


def test_new_facts_alone_are_no_addendum() -> None:
    scene = Scene()
    scene.post()
    read_back(scene, f"{WORK}#101")
    asked = scene.documents()
    longer = replace(asked.comments[0], text=asked.comments[0].text + "\n\nTime line: 12:05 update")
    told = scene.post(scene.plan(replace(asked, comments=(longer, asked.comments[1]))))
    assert (results(told)[0], len(scene.notes(101))) == (("gitlab-note", "already", ""), 2)
    assert told.outcomes[0].message == "chen has read it back"


@pytest.mark.parametrize("author", ["mallory", "ana"])
def test_nobody_but_a_colleague_reads_a_hand_off_back(author: str) -> None:
    scene = Scene()
    scene.post()
    read_back(scene, f"{WORK}#101", author)
    scene.post(scene.plan(scene.documents(state="the key lives")))
    assert "the key lives" in scene.notes(101)[0].text


def test_a_hand_over_issue_that_was_read_back_stays_as_it_is() -> None:
    scene = Scene()
    scene.post()
    before, top = scene.handover, dict(scene.slack.posted[SECOPS][0])
    scene.gitlab.comments[before.ref] = []
    read_back(scene, before.ref)
    asked = scene.documents(state="the key lives")
    assert asked.slack
    told = scene.post(scene.plan(replace(asked, slack=replace(asked.slack, lines=(*TOP, "more")))))
    assert scene.handover.description == before.description
    assert scene.slack.posted[SECOPS] == [top]
    assert [one.message for one in told.outcomes if one.place == "gitlab"] == ["chen has read it back"]
    assert len(scene.gitlab.comments[before.ref]) == 1  # in its own text nobody has typed anything new


# What is lost, and what is down.


class Cut(BaseException):
    """A kill: nothing after it is carried out."""


def cut(scene: Scene, at: int, *, after: bool) -> bool:
    """Post, killed at the write of that number: before it is carried out, or after; whether there was one."""
    count = 0

    def stopping(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*told: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count > at or (count == at and not after):
                raise Cut
            found = call(*told, **more)
            if count == at:
                raise Cut
            return found

        return wrapped

    kinds = ((scene.gitlab, ("add_note", "update_note", "create", "edit")), (scene.slack, ("post", "update")))
    for service, methods in (*kinds, (scene.pagerduty, ("note",))):
        for method in methods:
            setattr(service, method, stopping(getattr(service, method)))
    plan = scene.plan()
    try:
        scene.post(plan)
    except Cut:
        return True
    finally:
        for service, methods in (*kinds, (scene.pagerduty, ("note",))):
            for method in methods:
                delattr(service, method)
    return False


@pytest.mark.parametrize("after", [True, False], ids=["carried out", "not carried out"])
def test_killed_at_any_write_and_run_again_everything_is_there_once(after: bool) -> None:
    for at in range(1, 40):
        scene = Scene()
        if not cut(scene, at, after=after):
            break
        left = queued(scene.journal.events(), NOW)
        assert left  # and the status says so
        told = scene.post()
        assert (told.exit_code, {one.result for one in told.outcomes} <= {Result.DONE, Result.ALREADY}) == (0, True), at
        scene.once()
        assert queued(scene.journal.events(), NOW) == []
    assert at == 10  # two notes, the issue, a message, two notes on pages, two replies and the line: nine writes


@pytest.mark.parametrize("service", ["gitlab", "slack", "pagerduty"])
@pytest.mark.parametrize("method", ["add_note", "create", "edit", "post", "note"])
def test_an_answer_that_is_lost_is_looked_up(service: str, method: str) -> None:
    """It is carried out, and nobody hears of it."""
    scene = Scene()
    target = getattr(scene, service)
    if not hasattr(target, method) or (service, method) == ("pagerduty", "note"):
        return  # PagerDuty's client looks its notes up by itself
    carried_out = getattr(target, method)

    def lost(*told: Any, **more: Any) -> Any:
        carried_out(*told, **more)
        raise SILENT

    setattr(target, method, lost)
    told = scene.post()
    assert (places(told, "done"), told.exit_code) == (EVERYWHERE, 0)
    scene.once()


def test_a_message_whose_answer_is_lost_is_known_by_its_mark_however_slack_writes_it() -> None:
    scene = Scene()
    post = scene.slack.post

    def lost(channel: str, lines: dict[str, str], thread: Message | None = None) -> Message:
        post(channel, {marker: line.replace("Leaked", ":key: Leaked") for marker, line in lines.items()}, thread)
        raise SILENT

    scene.slack.post = lost  # type: ignore[method-assign, assignment]
    told = scene.post()
    assert (places(told, "done"), told.exit_code) == (EVERYWHERE, 0)


@pytest.mark.parametrize(
    ("method", "left"),
    [
        ("add_note", {"gitlab-note": 2}),
        ("create", {"gitlab": 1}),
        ("post", {"slack": 1}),
    ],
)
def test_what_never_arrived_is_unknown_and_sent_by_the_next_run_which_looks_first(
    method: str, left: dict[str, int]
) -> None:
    scene = Scene()
    scene.gitlab.failing[method] = scene.slack.failing[method] = SILENT
    told = scene.post()
    assert (places(told, "unknown"), told.exit_code) == (Counter(left), 7)
    assert Counter(one.place for one in queued(scene.journal.events(), NOW)) >= Counter(left)
    scene.gitlab.failing.clear()
    scene.slack.failing.clear()
    scene.now += timedelta(minutes=1)
    assert scene.post().exit_code == 0
    scene.once()
    assert scene.paused == []


def test_a_run_that_comes_at_once_waits_for_what_may_still_arrive() -> None:
    scene = Scene()
    post, sent = scene.slack.post, []

    def late(channel: str, lines: dict[str, str], thread: Message | None = None) -> Message:
        sent.append((channel, lines, thread))
        raise SILENT

    scene.slack.post = late  # type: ignore[method-assign, assignment]
    scene.post()
    scene.slack.post = post  # type: ignore[method-assign]
    scene.now += timedelta(seconds=4)
    plan = scene.plan()
    arrive = scene._pause

    def pause(seconds: float) -> None:
        arrive(seconds)
        post(*sent[0])

    scene._pause = pause  # type: ignore[method-assign]
    assert scene.post(plan).exit_code == 0
    assert scene.paused == [(FLIGHT - timedelta(seconds=4)).total_seconds()]
    scene.once()


def test_where_it_can_t_be_looked_up_it_is_unknown() -> None:
    scene = Scene()
    scene.slack.failing["post"] = SILENT
    plan = scene.plan()
    scene.slack.failing["find"] = scene.slack.failing["own"] = DOWN
    told = scene.post(plan)
    (top,) = (one for one in told.outcomes if one.place == "slack")
    assert (top.result, "to look it up failed" in top.message) == (Result.UNKNOWN, True)
    assert "looks first" in top.next_step


@pytest.mark.parametrize(
    ("service", "waits"),
    [
        ("gitlab", EVERYWHERE - Counter({"slack": 1, "slack-thread": 2})),
        ("slack", Counter({"slack": 1, "slack-thread": 2})),
        ("pagerduty", Counter({"pagerduty-note": 2})),
    ],
)
def test_a_service_that_is_down_gets_its_part_from_the_next_run(service: str, waits: Counter[str]) -> None:
    scene = Scene()
    lost = {service: DOWN}
    there: dict[str, Any] = {} if service != "slack" else {"slack": None}
    told = scene.post(scene.plan(lost=lost, **there))
    assert (places(told, "queued"), told.exit_code) == (waits, 7)
    assert places(told, "done") == EVERYWHERE - waits
    waiting = queued(scene.journal.events(), NOW)
    assert Counter(one.place for one in waiting) == waits
    assert all("oncall handoff post" in one.next_step for one in waiting)
    again = scene.post()
    assert again.exit_code == 0
    scene.once()
    assert queued(scene.journal.events(), NOW) == []


@pytest.mark.parametrize(
    ("method", "waits"), [("add_note", {"gitlab-note": 2}), ("create", {"gitlab": 1, "pagerduty-note": 2})]
)
def test_one_that_goes_down_meanwhile_is_queued_too(method: str, waits: dict[str, int]) -> None:
    scene = Scene()
    scene.gitlab.failing[method] = DOWN
    told = scene.post()
    assert (places(told, "queued"), told.exit_code) == (Counter(waits), 7)
    assert "the issues of the incidents" in "".join(scene.slack.posted[SECOPS][0].values()) or method == "add_note"
    scene.gitlab.failing.clear()
    assert scene.post().exit_code == 0
    scene.once()


def test_slack_s_thread_waits_for_its_message() -> None:
    scene = Scene()
    scene.slack.failing["post"] = DOWN
    told = scene.post()
    assert places(told, "queued") == Counter({"slack": 1, "slack-thread": 2})
    assert {one.message for one in told.outcomes if one.place == "slack-thread"} == {
        "it waits for the message that it belongs to"
    }
    assert thread_in(scene.handover.description) is None


@pytest.mark.parametrize(
    ("service", "error", "code"),
    [
        ("slack", NotFoundError("Slack has no channel '#secops'", "set handoff.slack_channel"), "not_found"),
        ("slack", AuthError("the Slack token may not do this (missing_scope: channels:history)", "give …"), "auth"),
        ("slack", RejectedError("#secops in Slack is archived", "…", answered=200, code="is_archived"), "remote"),
        ("gitlab", AuthError("the GitLab token may not write", "make one with the scope `api`"), "auth"),
    ],
)
def test_what_has_to_be_mended_first_has_failed(service: str, error: OncallError, code: str) -> None:
    scene = Scene()
    there: dict[str, Any] = {} if service != "slack" else {"slack": None}
    told = scene.post(scene.plan(lost={service: error}, **there))
    failed = [one for one in told.outcomes if one.result is Result.FAILED]
    assert {(one.code, one.message, one.hint) for one in failed} == {(code, error.message, error.hint)}
    assert told.exit_code == 7
    left = [one.result for one in queued(scene.journal.events(), NOW) if one.place.startswith(service)]
    assert set(left) == {Result.FAILED}


def test_a_journal_that_takes_nothing_is_no_reason_to_post_without_it() -> None:
    scene = Scene()
    plan = scene.plan()
    scene.journal.failing = ConfigError("the disk is full", "make room")
    with pytest.raises(ConfigError):
        scene.post(plan)
    assert (scene.gitlab.writes, scene.slack.posted, scene.pagerduty.writes) == ([], {}, [])


def test_the_parts_of_a_long_text_go_out_in_turn_and_none_after_one_that_did_not() -> None:
    scene = Scene(issues=[work(101)])
    asked = scene.documents()
    assert asked.slack
    (marker, _), text = asked.slack.details[0], "\n".join(["x" * 2_900] * 30)
    asked = replace(asked, slack=replace(asked.slack, details=((marker, text),)))
    post, count = scene.slack.post, 0

    def second_fails(channel: str, lines: dict[str, str], thread: Message | None = None) -> Message:
        nonlocal count
        count += thread is not None
        if count == 2:
            raise DOWN
        return post(channel, lines, thread)

    scene.slack.post = second_fails  # type: ignore[method-assign, assignment]
    told = scene.post(scene.plan(asked))
    assert [one.result.value for one in told.outcomes if one.place == "slack-thread"] == ["done", "queued", "queued"]
    assert (count, told.outcomes[-1].message) == (2, "it waits for the part before it")
    assert scene.post(scene.plan(asked)).exit_code == 0
    firsts = [next(iter(each)) for each in scene.slack.posted[f"{SECOPS}/1"]]
    assert firsts == [marker, f"{marker}:13", f"{marker}:25"]


# Others.


def test_anybody_else_s_mark_changes_nothing() -> None:
    scene = Scene()
    forged = IssueNote(1, NOW - timedelta(hours=1), "mallory", "forged", False, False, comment(work(101)).mark)
    scene.gitlab.comments[f"{WORK}#101"] = [forged]
    own = scene.pagerduty.details["Q101"]
    scene.pagerduty.details["Q101"] = own
    told = scene.post()
    assert places(told, "done") == EVERYWHERE
    assert (scene.notes(101)[0], len(scene.notes(101))) == (forged, 2)
    scene.once()


def test_a_page_without_an_issue_is_named_with_what_makes_one() -> None:
    scene = Scene()
    told = scene.post(scene.plan(homeless=[a_page("Q9", minutes=77)]))
    (missing,) = (one for one in told.outcomes if one.code == "missing-issue")
    assert (missing.place, missing.result, missing.number) == ("gitlab-note", Result.REFUSED, 4077)
    assert missing.next_step.startswith("oncall incident file 4077")
    assert told.exit_code == 7
    down = Scene()
    told = down.post(down.plan(homeless=[a_page("Q9")], lost={"gitlab": DOWN}))
    assert [one.result for one in told.outcomes if one.id == "Q9"] == [Result.QUEUED]  # it may well have one


def test_an_issue_that_became_confidential_meanwhile_is_not_told_of_in_slack() -> None:
    scene = Scene()
    plan = replace(scene.plan(), tells=(work(101), work(103)))
    scene.gitlab.kept[f"{WORK}#101"] = work(101, confidential=True)
    told = scene.post(plan)
    assert [one.code for one in told.outcomes if one.place.startswith("slack")] == ["confidential"] * 3
    assert (scene.slack.posted, told.exit_code) == ({}, 7)
    assert f"{WORK}#101" in told.outcomes[-1].message


def test_that_an_issue_was_moved_meanwhile_is_said() -> None:
    scene = Scene()
    scene.gitlab.kept[f"{WORK}#102"] = work(102, confidential=True, state="closed", moved=True)
    told = scene.post()
    assert [problem.message for problem in told.problems] == [
        f"{WORK}#102 was moved to another project meanwhile: nobody reads the comment there"
    ]
    assert (told.exit_code, scene.post().problems) == (5, [])


def test_an_issue_that_is_gone_meanwhile_is_said_so() -> None:
    scene = Scene()
    scene.gitlab.failing["add_note"] = NotFoundError(f"{WORK}#101: not found or no access", "oncall issues")
    told = scene.post()
    assert [(one.result, one.code) for one in told.outcomes[:2]] == [(Result.FAILED, "not_found")] * 2


def test_a_run_that_another_one_came_before_looks_again() -> None:
    scene = Scene()
    early = scene.plan()
    scene.post()
    told = scene.post(early)
    assert places(told, "already") == EVERYWHERE
    scene.once()


def test_only_the_places_that_are_configured_get_it() -> None:
    scene = Scene()
    asked = scene.documents(handover=None, slack=None)
    told = scene.post(scene.plan(replace(asked, pages=asked.pages[:1])))
    assert results(told) == [("gitlab-note", "done", "")] * 2  # and no note on a page that would lead nowhere


def test_without_a_hand_over_issue_a_page_s_note_leads_to_its_own() -> None:
    scene = Scene()
    asked = documents(work(101), handover=None, slack=None)
    behind = work(101)
    from secops_oncall.domain.pages import behind as issue_behind

    page = replace(asked.pages[0].page, issue=issue_behind(behind))
    asked = replace(asked, pages=(replace(asked.pages[0], page=page),))
    for result in ("done", "already"):
        told = scene.post(scene.plan(asked))
        assert ("pagerduty-note", result, "") in results(told)
    assert [behind.url in note.text for note in scene.pagerduty.details["Q101"].notes] == [True]


def test_a_rehearsal_sends_nothing() -> None:
    scene = Scene()
    told = rehearsed(scene.plan())
    assert Counter(one.place for one in told if one.result is Result.PLANNED) >= Counter({"gitlab-note": 2, "slack": 1})
    assert (scene.gitlab.writes, scene.slack.posted, scene.journal.written) == ([], {}, [])


def test_a_long_text_s_further_comments_go_onto_the_hand_over_issue() -> None:
    scene = Scene()
    asked = scene.documents()
    assert asked.handover
    more = (Mark("handover-part", SHIFT, "shift/2"), "and so on")
    asked = replace(asked, handover=replace(asked.handover, more=(more,)))
    for _ in range(2):
        assert scene.post(scene.plan(asked)).exit_code == 0
    (note,) = scene.gitlab.comments[scene.handover.ref]
    assert (note.text, note.mark) == ("and so on", more[0])


def test_what_the_journal_holds_of_it_is_no_title_and_reads_whatever_is_there() -> None:
    scene = Scene()
    scene.post()
    assert "About" not in str([event.data for event in scene.journal.written])
    odd = [Event(NOW, "posting", SHIFT, data={"run": "x", "places": [{"place": "slack", "result": ["?"]}, 7, {}]})]
    odd += [
        Event(NOW, "posted", SHIFT, data={"places": "?"}),
        Event(NOW, "posted", "", data={"run": 3, "places": None}),
    ]
    assert queued(odd, NOW) == []
