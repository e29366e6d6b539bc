"""The proof of a pick: whatever comes in between, whoever was first holds the issue, and nobody is told otherwise."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, LabelEvent
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.errors import AuthError, RemoteError
from secops_oncall.workflows import proving
from secops_oncall.workflows.proving import Proof
from tests.fakes import COLLEAGUES, NOW, USER, FakeGitLab
from tests.workflows.desks import BOARD, DOING, REF, SILENT, waiting

BEN, CHEN = COLLEAGUES
DUE = "2026-12-06"


class Raced(FakeGitLab):
    """A GitLab in which something happens before the first calls of a method: one thing before each of them."""

    def __init__(self, **before: list[Callable[["Raced"], None]]) -> None:
        super().__init__([waiting()], boards=[BOARD])
        self.before = before

    def issue(self, ref: str) -> Issue:
        self._next("issue")
        return super().issue(ref)

    def label_events(self, ref: str) -> list[LabelEvent]:
        self._next("events")
        return super().label_events(ref)

    def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
        self._next("edit")
        return super().edit(issue, edit)

    def take(self, user: GitLabUser, day: str = DUE) -> None:
        """Somebody's pick, as it is carried out."""
        me, self._me = self._me, user
        FakeGitLab.edit(self, self.kept[REF], IssueEdit((user.id,), (DOING,), ("Backlog",), day))
        self._me = me
        self.writes.pop()

    @property
    def sent(self) -> list[IssueEdit]:
        return [write[2] for write in self.writes]

    def _next(self, call: str) -> None:
        if self.before.get(call):
            self.before[call].pop(0)(self)


def nothing(gitlab: Raced) -> None:
    pass


def by_ben(gitlab: Raced) -> None:
    gitlab.take(BEN)


def back(gitlab: Raced) -> None:
    FakeGitLab.edit(gitlab, gitlab.kept[REF], IssueEdit((), ("Backlog",), (DOING,)))
    gitlab.writes.pop()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "AGAIN", 0.0)


def proved(gitlab: Raced, doubt: RemoteError | None = None) -> Outcome:
    return Proof(gitlab, DOING, gitlab.kept[REF], USER, DUE, doubt).outcome()


def told(outcome: Outcome) -> tuple[str, str]:
    return outcome.result.value, outcome.code


def mine(**before: list[Callable[[Raced], None]]) -> Raced:
    gitlab = Raced(**before)
    gitlab.take(USER)
    return gitlab


def test_whoever_is_first_and_still_holds_it_sends_nothing_more() -> None:
    gitlab = mine()
    assert told(proved(gitlab)) == ("done", "")
    assert gitlab.sent == []


@pytest.mark.parametrize("before", [{"events": [by_ben]}, {"issue": [by_ben]}], ids=["at once", "later"])
def test_whoever_is_first_and_was_overwritten_insists(before: dict[str, list[Callable[[Raced], None]]]) -> None:
    gitlab = mine(**before)
    outcome = proved(gitlab)
    assert told(outcome) == ("done", "")
    assert "ben changed it meanwhile, and it was put right" in outcome.message
    assert (gitlab.sent, gitlab.kept[REF].assignees) == ([IssueEdit((11,), due_date=DUE)], ("ana",))


def test_a_due_date_that_another_overwrote_is_put_right() -> None:
    def both(gitlab: Raced) -> None:
        gitlab.take(BEN, "2026-12-13")
        gitlab.kept[REF] = replace(gitlab.kept[REF], assignees=("ana",))

    gitlab = mine(issue=[both])
    outcome = proved(gitlab)
    assert told(outcome) == ("done", "")
    assert "somebody changed it meanwhile" in outcome.message
    assert gitlab.kept[REF].due_date == DUE


def test_whoever_insists_in_vain_is_told_so() -> None:
    gitlab = mine(issue=[by_ben] * 4)
    outcome = proved(gitlab)
    assert told(outcome) == ("failed", "remote")
    assert outcome.message == "you were first, but GitLab says that it belongs to ben"
    assert len(gitlab.sent) == 3


def test_of_three_the_first_insists_twice() -> None:
    gitlab = mine(issue=[by_ben, lambda raced: raced.take(CHEN)])
    assert told(proved(gitlab)) == ("done", "")
    assert (len(gitlab.sent), gitlab.kept[REF].assignees) == (2, ("ana",))


def test_whoever_is_second_puts_the_first_back_and_names_them() -> None:
    gitlab = Raced()
    gitlab.take(BEN)
    gitlab.take(USER)
    outcome = proved(gitlab)
    assert (told(outcome), outcome.message) == (("refused", "lost"), "ben got it first, and it is theirs")
    assert (gitlab.sent, gitlab.kept[REF].assignees) == ([IssueEdit((12,))], ("ben",))


def both_events(first: GitLabUser, second: GitLabUser) -> Raced:
    """Both requests were on their way at once, and each has left an event."""
    gitlab = Raced()
    gitlab.take(second)
    gitlab.label_log = [
        (REF, LabelEvent(number, NOW, user, "add", DOING)) for number, user in ((4, first), (5, second))
    ]
    return gitlab


def test_of_two_events_the_earlier_one_counts() -> None:
    lost, won = both_events(BEN, USER), both_events(USER, BEN)
    assert (told(proved(lost)), lost.kept[REF].assignees) == (("refused", "lost"), ("ben",))
    assert (told(proved(won)), won.kept[REF].assignees) == (("done", ""), ("ana",))


def test_an_earlier_event_that_shows_late_still_counts() -> None:
    def late(gitlab: Raced) -> None:
        gitlab.label_log = [(REF, LabelEvent(0, NOW, BEN, "add", DOING)), *gitlab.label_log]

    gitlab = mine(issue=[by_ben], events=[nothing, late])
    assert told(proved(gitlab)) == ("refused", "lost")
    assert (gitlab.sent, gitlab.kept[REF].assignees) == ([IssueEdit((11,), due_date=DUE), IssueEdit((12,))], ("ben",))


def test_what_could_not_be_put_back_is_said_and_how_to_try_again() -> None:
    def fails(gitlab: Raced) -> None:
        raise AuthError("the GitLab token may not do this", "ask for a role")

    gitlab = Raced(edit=[fails])
    gitlab.take(BEN)
    gitlab.take(USER)
    outcome = proved(gitlab)
    assert told(outcome) == ("refused", "lost")
    assert "ben got it first; it may stand as yours, and to put it back failed: the GitLab token" in outcome.message
    assert outcome.hint == f"oncall backlog pick {REF}, which puts it back"


def test_that_gitlab_did_not_put_it_back_is_said() -> None:
    gitlab = Raced()
    gitlab.take(BEN)
    gitlab.take(USER)
    gitlab.users[BEN.id] = CHEN
    assert proved(gitlab).message == "ben got it first, but GitLab says that it belongs to chen"


def test_to_a_user_who_is_gone_nothing_is_put_back() -> None:
    gitlab = Raced()
    gitlab.take(GitLabUser(12, "", ""))
    gitlab.label_log = [(REF, replace(event, user=GitLabUser(0, "", ""))) for _, event in gitlab.label_log]
    gitlab.take(USER)
    assert (told(proved(gitlab)), gitlab.sent) == (("refused", "lost"), [])


def test_what_was_moved_back_at_once_is_nobodys() -> None:
    gitlab = mine(events=[back])
    outcome = proved(gitlab)
    assert told(outcome) == ("failed", "remote")
    assert "it was moved back at once" in outcome.message


def test_what_no_event_proves_is_unknown() -> None:
    gitlab = mine()
    gitlab.label_log = []
    outcome = proved(gitlab)
    assert told(outcome) == ("unknown", "remote")
    assert "no event" in outcome.message


@pytest.mark.parametrize("method", ["label_events", "issue"])
def test_what_can_not_be_looked_up_is_unknown(method: str) -> None:
    gitlab = mine()
    gitlab.failing = {method: RemoteError("GitLab can't be reached", "check the network")}
    assert "it was sent, but to look it up failed: GitLab can't be reached" in proved(gitlab).message
    outcome = proved(gitlab, SILENT)
    assert told(outcome) == ("unknown", "remote")
    assert "time-out); and to look it up failed" in outcome.message


def test_whoever_got_no_answer_and_lost_is_told_that_it_may_still_arrive() -> None:
    gitlab = Raced()
    gitlab.take(BEN)
    outcome = proved(gitlab, SILENT)
    assert told(outcome) == ("refused", "lost")
    assert "may still arrive" in outcome.message
    assert "may still arrive" not in proved(gitlab, RemoteError("GitLab: it answers 502", "", answered=502)).message
