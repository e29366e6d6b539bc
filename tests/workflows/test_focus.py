"""The page in focus: whose it is, and that it ends with its shift or its work."""

from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.pages import PageDetail, WholeIssue
from secops_oncall.errors import ConfigError, RemoteError, UsageError
from secops_oncall.workflows.focus import after_show, focus_on, focused, in_focus, is_over
from tests.fakes import NOW, FakeJournal, a_page, an_issue

ONE, TWO = "Q1ONE00001", "Q1TWO00002"
HOUR = timedelta(hours=1)
DOWN = RemoteError("GitLab does not answer", "try again")


def an(state: str | None) -> WholeIssue:
    return WholeIssue("acme/operations#101", "https://gitlab.example.com/acme/operations/-/issues/101", state=state)


def looked_at(journal: FakeJournal, page: PageDetail, *problems: RemoteError) -> bool:
    ended, unkept = after_show(journal, page, problems, NOW + HOUR)
    assert unkept == []
    return ended


def test_it_is_the_page_that_was_put_there_last_and_ends() -> None:
    journal = FakeJournal(focus_on(a_page(ONE, number=4117, title="Canary token opened"), NOW))
    found = in_focus(journal, NOW + HOUR)
    assert (found.id, found.number, found.title) == (ONE, 4117, "Canary token opened")
    journal.append(focus_on(a_page(TWO), NOW + HOUR), Event(NOW + 2 * HOUR, "ack", ONE))
    assert in_focus(journal, NOW + 2 * HOUR).id == TWO
    with pytest.raises(UsageError, match="none is in focus"):
        in_focus(journal, NOW + 13 * HOUR)


def test_without_one_the_error_says_what_to_type() -> None:
    with pytest.raises(UsageError, match="none is in focus") as caught:
        in_focus(FakeJournal(), NOW)
    assert caught.value.hint == "oncall show PAGE"


def test_it_ends_with_the_shift_that_the_journal_knows() -> None:
    times = {"start": (NOW - HOUR).isoformat(), "end": (NOW + HOUR).isoformat()}
    journal = FakeJournal(focus_on(a_page(ONE), NOW), Event(NOW, "shift", "engineer/1", data=times))
    assert focused(journal, NOW + timedelta(minutes=59))
    assert focused(journal, NOW + HOUR) is None


@pytest.mark.parametrize(
    ("page", "closed"),
    [
        ({"status": "triggered"}, False),
        ({"status": "acknowledged", "issue": an("closed")}, False),
        ({"status": "resolved", "issue": an("opened")}, False),
        ({"status": "resolved", "issue": an(None)}, False),
        ({"status": "resolved", "issue_candidates": (an("closed"), an("closed"))}, False),
        ({"status": "resolved", "issue": an("closed")}, True),
        ({"status": "resolved"}, True),
    ],
)
def test_a_look_puts_a_page_in_focus_unless_its_work_is_closed(page: dict[str, Any], closed: bool) -> None:
    of_another = FakeJournal(focus_on(a_page(TWO), NOW))
    assert not looked_at(of_another, a_page(ONE, **page))
    assert in_focus(of_another, NOW + HOUR).id == (TWO if closed else ONE)
    of_its_own = FakeJournal(focus_on(a_page(ONE), NOW))
    assert looked_at(of_its_own, a_page(ONE, **page)) is closed
    assert (focused(of_its_own, NOW + HOUR) is None) is closed


def test_what_could_not_be_read_closes_nothing() -> None:
    journal = FakeJournal()
    assert not looked_at(journal, a_page(ONE, "resolved"), DOWN)
    assert in_focus(journal, NOW + HOUR).id == ONE


def test_a_journal_that_can_not_be_used_is_told_and_hides_no_page() -> None:
    class Broken(FakeJournal):
        def events(self, *_: Any, **__: Any) -> list[Event]:
            raise ConfigError("the journal is damaged", "set it aside")

    broken, full = Broken(), FakeJournal()
    full.failing = ConfigError("the disk is full", "make room")
    for journal in (broken, full):
        _, unkept = after_show(journal, a_page(ONE, "resolved" if journal is broken else "triggered"), [], NOW)
        assert len(unkept) == 1


RESOLVED = Event(NOW, "resolve", ONE, data={"result": "done"})


@pytest.mark.parametrize(
    ("events", "over"),
    [
        ([RESOLVED], True),
        ([], False),
        ([Event(NOW, "resolve", ONE, data={"result": "failed"})], False),
        ([Event(NOW, "resolve", TWO, data={"result": "done"})], False),
        ([RESOLVED, Event(NOW + HOUR / 2, "ack", ONE, data={"result": "done"})], False),
        ([RESOLVED, Event(NOW + HOUR / 2, "ack", ONE, data={"result": "refused"})], True),
    ],
)
def test_lists_tell_that_its_work_is_closed_where_oncall_has_resolved_it(events: list[Event], over: bool) -> None:
    known = [focus_on(a_page(ONE), NOW), *events]
    other = an_issue("acme/operations#1", f"https://acme.pagerduty.com/incidents/{TWO}")
    its_own = an_issue("acme/operations#2", f"https://acme.pagerduty.com/incidents/{ONE}")
    assert is_over(known, NOW + HOUR, [a_page(TWO)], [other]) is over
    assert not is_over(known, NOW + HOUR, [a_page(ONE)], [other]), "it is open again"
    assert not is_over(known, NOW + HOUR, [], [other, its_own]), "the work goes on"
    assert not is_over(known, NOW + 12 * HOUR, [], []), "none is in focus any more"
