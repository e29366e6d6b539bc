"""The end of a pick: closed or given back, with a comment that is there once, however often it is run."""

from dataclasses import replace
from typing import Any

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue, IssueEdit, IssueNote, LabelEvent
from secops_oncall.domain.outcomes import Result, next_steps
from secops_oncall.errors import AuthError, ConfigError, ExitCode, NotFoundError, RemoteError, UsageError
from secops_oncall.workflows.backlog import BoardName
from secops_oncall.workflows.finishing import End, done, drop
from secops_oncall.workflows.outcomes import Acted
from tests.fakes import COLLEAGUES, NOW, USER, FakeGitLab, FakeJournal, an_issue
from tests.workflows.desks import BOARD, DOING, NAME, REF, SILENT, Unanswered, desk, held, lab, waiting

BEN = COLLEAGUES[0]
DUE = "2026-12-06"


def begun(gitlab: FakeGitLab, user: Any = USER) -> FakeGitLab:
    """The label events of a pick."""
    gitlab.label_log = [
        (REF, LabelEvent(71, NOW, user, "add", DOING)),
        (REF, LabelEvent(72, NOW, user, "remove", "Backlog")),
    ]
    return gitlab


def closed(gitlab: FakeGitLab, text: str | None = None, journal: FakeJournal | None = None, **more: Any) -> Acted:
    return done(desk(gitlab, journal=journal), End(REF, text, **more), NOW)


def given(
    gitlab: FakeGitLab, why: str = "no vault", journal: FakeJournal | None = None, name: BoardName = NAME, **more: Any
) -> Acted:
    return drop(desk(gitlab, journal=journal, name=name), End(REF, why, **more), NOW)


def told(acted: Acted) -> list[tuple[str, str, str]]:
    return [(one.place, one.result.value, one.code) for one in acted.outcomes]


def said(gitlab: FakeGitLab) -> list[tuple[str, ...]]:
    return [write[2] for write in gitlab.writes if write[0] == "add_note"]


def sent(gitlab: FakeGitLab) -> list[IssueEdit]:
    return [write[2] for write in gitlab.writes if write[0] == "edit"]


DONE = [("gitlab-note", "done", ""), ("gitlab", "done", "")]


def test_done_comments_and_then_closes() -> None:
    gitlab, journal = begun(lab(held())), FakeJournal()
    acted = closed(gitlab, "in the handbook", journal)
    assert (told(acted), acted.exit_code) == (DONE, ExitCode.OK)
    assert [write[0] for write in gitlab.writes] == ["add_note", "edit"]
    assert gitlab.writes[0][2:] == (("in the handbook",), ("<!-- oncall:done 1/71 -->",))
    assert (gitlab.kept[REF].state, sent(gitlab)) == ("closed", [IssueEdit(close=True)])
    event = journal.written[-1]
    assert (event.kind, event.subject, event.text, event.data) == ("done", REF, f"About {REF}", {"result": Result.DONE})


def test_without_a_comment_it_is_only_closed() -> None:
    gitlab = begun(lab(held()))
    assert told(closed(gitlab)) == DONE[1:]
    assert said(gitlab) == []


def test_run_again_nothing_is_said_or_sent_twice() -> None:
    gitlab = begun(lab(held()))
    closed(gitlab, "in the handbook")
    before = list(gitlab.writes)
    assert told(closed(gitlab, "in the handbook")) == [
        ("gitlab-note", "already", "commented"),
        ("gitlab", "already", "closed"),
    ]
    assert gitlab.writes == before


@pytest.mark.parametrize("end", [closed, given])
def test_while_a_comment_may_still_arrive_none_is_sent_and_the_issue_is_left(end: Any) -> None:
    gitlab, journal = begun(lab(held())), FakeJournal()
    gitlab.failing = {"add_note": SILENT}
    first = end(gitlab, "in the handbook", journal)
    gitlab.failing = {}
    acted = end(gitlab, "in the handbook", journal)
    left = ("gitlab", "refused", "comment")
    assert (told(first), told(acted)) == (
        [("gitlab-note", "unknown", "remote"), left],
        [("gitlab-note", "unknown", "in_flight"), left],
    )
    assert acted.outcomes[1].message == "left as it is, since the comment may not be there"
    assert next_steps(acted.outcomes) == ["the same command again, in half a minute: it looks first"]
    assert (len(said(gitlab)), sent(gitlab)) == (1, [])


def test_picked_anew_it_is_another_end() -> None:
    gitlab = begun(lab(held()))
    closed(gitlab, "done")
    gitlab.kept[REF] = replace(gitlab.kept[REF], state="opened")
    gitlab.label_log.append((REF, LabelEvent(90, NOW, USER, "add", DOING)))
    assert told(closed(gitlab, "done, really")) == DONE
    assert len(said(gitlab)) == 2


def test_a_comment_acts_on_nobody_but_those_who_are_known() -> None:
    gitlab = begun(lab(held()))
    closed(gitlab, "/close\n@all and @ben", known={"ben"})
    ((text,),) = said(gitlab)
    assert "@ben" in text
    assert "@all" not in text
    assert not text.startswith("/")


def test_a_comment_that_could_not_be_written_leaves_it_open_and_the_next_run_does_both() -> None:
    gitlab, journal = begun(lab(held())), FakeJournal()
    gitlab.failing = {"add_note": AuthError("the GitLab token may not do this", "ask for a role")}
    acted = closed(gitlab, "in the handbook", journal)
    assert told(acted) == [("gitlab-note", "failed", "auth"), ("gitlab", "refused", "comment")]
    assert (gitlab.kept[REF].state, acted.exit_code) == ("opened", ExitCode.PARTIAL)
    assert journal.written[-1].data == {"result": Result.REFUSED}
    gitlab.failing = {"marked": SILENT}
    assert told(closed(gitlab, "in the handbook"))[0][:2] == ("gitlab-note", "failed")
    gitlab.failing = {}
    assert told(closed(gitlab, "in the handbook")) == DONE


def test_a_close_that_failed_leaves_the_comment_and_the_next_run_does_the_rest() -> None:
    gitlab = begun(lab(held()))
    gitlab.failing = {"edit": AuthError("the GitLab token may not do this", "ask for a role")}
    assert told(closed(gitlab, "done"))[1] == ("gitlab", "failed", "auth")
    gitlab.failing = {}
    assert told(closed(gitlab, "done")) == [("gitlab-note", "already", "commented"), ("gitlab", "done", "")]


@pytest.mark.parametrize(
    ("arrives", "answered", "result"),
    [(True, None, "done"), (True, 502, "done"), (False, None, "unknown"), (False, 502, "failed")],
)
def test_a_change_without_an_answer_is_looked_up(arrives: bool, answered: int | None, result: str) -> None:
    for end in (closed, given):
        gitlab = Unanswered([held()], boards=[BOARD])
        begun(gitlab)
        gitlab.arrives, gitlab.error = arrives, RemoteError("GitLab: nothing", "try again", answered=answered)
        assert end(gitlab, "done").outcomes[-1].result.value == result
        assert len(sent(gitlab)) == arrives


def test_one_that_can_not_be_looked_up_is_unknown() -> None:
    class Gone(Unanswered):
        def issue(self, ref: str) -> Issue:
            if self.writes:
                raise RemoteError("GitLab can't be reached", "check the network")
            return super().issue(ref)

    (outcome,) = closed(Gone([held()], boards=[BOARD])).outcomes
    assert outcome.result is Result.UNKNOWN
    assert "time-out); and to look it up failed: GitLab can't be reached" in outcome.message


@pytest.mark.parametrize(
    ("issue", "code", "words"),
    [
        (held(assignees=("ben",)), "assigned", "it belongs to ben"),
        (waiting(), "unassigned", "nobody has picked it"),
        (an_issue(REF, assignees=("ana",)), "not_in_list", "it is yours, but no work of the board On-call"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_mine_or_no_work_of_the_board_is_refused(issue: Issue, code: str, words: str) -> None:
    for end in (closed, given):
        gitlab, journal = lab(issue), FakeJournal()
        acted = end(gitlab, "done", journal)
        assert (told(acted), acted.exit_code) == ([("gitlab", "refused", code)], ExitCode.PARTIAL)
        assert words in acted.outcomes[0].message
        assert (gitlab.writes, journal.written) == ([], [])


def test_what_the_journal_knows_as_picked_is_mine_wherever_it_was_moved() -> None:
    journal = FakeJournal(Event(NOW, "pick", REF, data={"result": "done"}))
    assert told(closed(lab(an_issue(REF, assignees=("ana",))), journal=journal)) == DONE[1:]
    lost = FakeJournal(Event(NOW, "pick", REF, data={"result": "refused"}))
    assert told(closed(lab(an_issue(REF, assignees=("ana",))), journal=lost)) == [("gitlab", "refused", "not_in_list")]


def test_anothers_that_is_closed_is_closed_already_and_no_comment_of_mine_is_lost_on_it() -> None:
    gitlab = lab(held(state="closed", assignees=("ben",)))
    acted = closed(gitlab)
    assert (told(acted), acted.exit_code) == ([("gitlab", "already", "closed")], ExitCode.OK)
    assert told(closed(gitlab, "done")) == [("gitlab", "refused", "assigned")]
    assert gitlab.writes == []


def test_given_back_it_is_free_again_and_says_why() -> None:
    gitlab, journal = begun(lab(held(REF, "edr", "Review"))), FakeJournal()
    acted = given(gitlab, "no access to the vault", journal)
    assert (told(acted), acted.exit_code) == (DONE, ExitCode.OK)
    after = gitlab.kept[REF]
    assert (after.assignees, set(after.labels), after.state) == ((), {"edr", "Backlog"}, "opened")
    assert gitlab.writes[0][2:] == (("Given back: no access to the vault",), ("<!-- oncall:drop 1/71 -->",))
    assert [event.kind for event in journal.written] == ["comment", "comment", "drop"]
    assert (journal.written[0].text, journal.written[-1].data) == (said(gitlab)[0][0], {"result": Result.DONE})


def test_given_back_to_gitlab_s_own_open_list_it_has_no_list_s_label() -> None:
    gitlab = begun(lab(held(REF, "edr")))
    assert told(given(gitlab, name=replace(NAME, backlog="Open"))) == DONE
    assert gitlab.kept[REF].labels == ("edr",)


def test_others_who_have_it_keep_it() -> None:
    gitlab = begun(lab(held(assignees=("ana", "ben"))))
    given(gitlab)
    assert gitlab.kept[REF].assignees == ("ben",)


@pytest.mark.parametrize(("set_by_pick", "left"), [(DUE, None), ("2026-11-29", DUE), (None, DUE)])
def test_a_due_date_that_the_pick_had_set_goes_with_it(set_by_pick: str | None, left: str | None) -> None:
    known = {"due": set_by_pick} if set_by_pick else {}
    journal = FakeJournal(Event(NOW, "pick", REF, data={"result": "done", **known}))
    gitlab = begun(lab(held(due_date=DUE)))
    given(gitlab, journal=journal)
    assert gitlab.kept[REF].due_date == left


@pytest.mark.parametrize(("who", "left"), [("ana", None), ("ben", DUE)])
def test_so_does_one_that_was_set_from_another_machine(who: str, left: str | None) -> None:
    gitlab = begun(lab(held(due_date=DUE)))
    gitlab.comments[REF] = [IssueNote(1, NOW, who, "changed due date to December 6, 2026", False, system=True)]
    given(gitlab)
    assert gitlab.kept[REF].due_date == left


def test_given_back_again_only_what_is_missing_is_done() -> None:
    gitlab = begun(lab(held()))
    given(gitlab)
    before = list(gitlab.writes)
    assert told(given(gitlab)) == [("gitlab-note", "already", "commented"), ("gitlab", "already", "given_back")]
    assert gitlab.writes == before
    gitlab.signed.clear()
    assert told(given(gitlab)) == [("gitlab-note", "done", ""), ("gitlab", "already", "given_back")]


def test_what_a_colleague_picked_since_is_theirs() -> None:
    gitlab = begun(lab(held()))
    given(gitlab)
    gitlab.kept[REF] = held(assignees=("ben",))
    gitlab.label_log.append((REF, LabelEvent(90, NOW, BEN, "add", DOING)))
    assert told(given(gitlab)) == [("gitlab", "refused", "assigned")]


def test_what_is_closed_is_not_given_back() -> None:
    assert told(given(lab(held(state="closed")))) == [("gitlab", "refused", "closed")]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"assignees": ("ana",)}, "GitLab answered, but it is still assigned to you"),
        ({"labels": (DOING, "Backlog")}, "it still has the label In Progress"),
        ({"labels": ()}, "it is not in Backlog"),
    ],
    ids=str,
)
def test_the_answer_decides_whether_it_is_given_back(answer: dict[str, Any], words: str) -> None:
    class Answering(FakeGitLab):
        def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
            return replace(super().edit(issue, edit), **answer)

    gitlab = Answering([held()], boards=[BOARD])
    acted = given(gitlab)
    assert told(acted)[1] == ("gitlab", "failed", "remote")
    assert words in acted.outcomes[1].message


def test_and_whether_it_is_closed() -> None:
    class Answering(FakeGitLab):
        def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
            return replace(super().edit(issue, edit), state="opened")

    acted = closed(Answering([held()], boards=[BOARD]))
    assert acted.outcomes[0].message == "GitLab answered, but it is still open"
    assert acted.exit_code is ExitCode.REMOTE


def test_a_dry_run_sends_and_keeps_nothing() -> None:
    for end in (closed, given):
        gitlab, journal = begun(lab(held())), FakeJournal()
        acted = end(gitlab, "done", journal, dry_run=True)
        assert (told(acted), acted.exit_code) == (
            [("gitlab-note", "planned", "dry_run"), ("gitlab", "planned", "dry_run")],
            ExitCode.OK,
        )
        assert (gitlab.writes, journal.written) == ([], [])


@pytest.mark.parametrize("text", ["", "  \n", "\x1b[2J\u200b"])
def test_a_comment_of_nothing_is_refused_before_anything_is_asked(text: str) -> None:
    for end, option in ((closed, "--comment"), (given, "--why")):
        gitlab = lab(held())
        gitlab.failing = {"issue": SILENT}
        with pytest.raises(UsageError, match=f"{option} is empty") as refused:
            end(gitlab, text)
        assert option in refused.value.hint


def test_a_list_whose_label_does_not_exist_is_never_created() -> None:
    gitlab = lab(held(), labels={DOING})
    with pytest.raises(NotFoundError, match="has no label 'Backlog'"):
        given(gitlab)
    assert told(closed(gitlab)) == DONE[1:]  # closing needs no list


def test_a_bot_ends_nothing() -> None:
    gitlab = lab(held(), me=replace(USER, bot=True))
    for end in (closed, given):
        with pytest.raises(AuthError, match="bot"):
            end(gitlab, "done")
    assert gitlab.writes == []


def test_what_is_confidential_leaves_no_title_in_the_journal_and_a_full_disk_hides_nothing() -> None:
    journal = FakeJournal()
    closed(lab(held(confidential=True)), journal=journal)
    assert [event.text for event in journal.written] == [""]
    journal.failing = ConfigError("the disk is full", "make room")
    acted = closed(lab(held()), journal=journal)
    assert (told(acted), acted.problems) == (DONE[1:], [journal.failing])


def test_a_comment_of_a_colleague_counts_for_nothing() -> None:
    gitlab = begun(lab(held()))
    gitlab.comments[REF] = [IssueNote(1, NOW, "ben", "<!-- oncall:done 1/71 -->", False, False)]
    assert told(closed(gitlab, "done")) == DONE
