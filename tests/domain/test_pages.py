"""A page's owner, deadline, issue and place in a list."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from secops_oncall.domain.issues import Issue
from secops_oncall.domain.pages import (
    LogEntry,
    Owner,
    Page,
    PageDetail,
    PageNote,
    PendingAction,
    Status,
    issue_links,
    naming,
    owner_from_log,
    undone,
    urgent_first,
    with_issues,
)
from secops_oncall.domain.people import Person

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ANA, BEN = Person("PANA", "Ana"), Person("PBEN", "Ben")


def page(id: str, minutes: int = 0, status: Status = "triggered", urgency: str = "high") -> Page:
    return Page(id, 1, id, status, urgency, None, "EDR", NOW - timedelta(minutes=minutes), f"https://x/{id}")


def entry(minutes: int, kind: str, person: Person | None = None) -> LogEntry:
    return LogEntry(NOW + timedelta(minutes=minutes), kind, person.name if person else "EDR", "", person=person)


def issue(ref: str, description: str) -> Issue:
    project, _, iid = ref.partition("#")
    return Issue(
        ref,
        int(iid),
        project,
        "t",
        f"https://g/{ref}",
        "opened",
        (),
        (),
        "bot",
        NOW,
        NOW,
        True,
        description=description,
    )


def test_the_first_user_who_acked_owns_it_in_any_order_of_entries() -> None:
    log = [entry(9, "acknowledge", BEN), entry(0, "trigger"), entry(4, "acknowledge", ANA), entry(1, "acknowledge")]
    assert owner_from_log(log) == Owner("PANA", "Ana", NOW + timedelta(minutes=4))


def test_a_snooze_that_ends_keeps_the_owner_and_a_reopening_does_not() -> None:
    snoozed = [
        entry(0, "trigger"),
        entry(1, "acknowledge", ANA),
        entry(5, "unacknowledge"),
        entry(6, "acknowledge", BEN),
    ]
    assert owner_from_log(snoozed) == Owner("PANA", "Ana", NOW + timedelta(minutes=1))
    reopened = [*snoozed, entry(7, "resolve", BEN), entry(8, "trigger"), entry(9, "acknowledge", BEN)]
    assert owner_from_log(reopened) == Owner("PBEN", "Ben", NOW + timedelta(minutes=9))


def test_resolved_without_an_ack_has_no_owner() -> None:
    assert owner_from_log([entry(0, "trigger"), entry(1, "resolve")]) is None


LOOKED = NOW + timedelta(minutes=5)
TRIGGERED, RESOLVED, MINE = entry(0, "trigger"), entry(6, "resolve", BEN), entry(7, "acknowledge", ANA)


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ([TRIGGERED, RESOLVED, MINE], RESOLVED),
        ([MINE, RESOLVED, TRIGGERED], RESOLVED),
        ([TRIGGERED, RESOLVED, entry(6, "annotate", BEN), MINE, entry(8, "acknowledge", BEN)], RESOLVED),
        ([TRIGGERED, RESOLVED, entry(7, "trigger", ANA), MINE], RESOLVED),
        ([TRIGGERED, entry(6, "resolve"), MINE], entry(6, "resolve")),  # by the integration
        ([TRIGGERED, MINE], None),
        ([TRIGGERED, MINE, entry(8, "resolve", BEN)], None),  # after my ack: it is resolved
        ([TRIGGERED, entry(4, "resolve", BEN), MINE], None),  # before the look: it was open again by then
        ([TRIGGERED, RESOLVED, entry(6, "trigger", BEN), MINE], None),  # he opened it again himself
        ([TRIGGERED, RESOLVED, entry(6, "acknowledge", BEN), MINE], None),
        ([], None),
    ],
)
def test_an_ack_undoes_a_resolve_that_came_between_the_look_and_it(log: list[LogEntry], found: LogEntry | None) -> None:
    assert undone(log, "PANA", LOOKED) == found


def test_whether_an_ack_would_make_it_mine_and_when_pagerduty_takes_it_back() -> None:
    at, soon = PendingAction("unacknowledge", NOW + timedelta(hours=1)), PendingAction("unacknowledge", NOW)
    acked = replace(page("P1", status="acknowledged"), pending=(at, PendingAction("resolve", NOW), soon))
    assert (acked.is_free, acked.ack_ends) == (True, NOW)  # an integration's ack
    assert not replace(acked, acknowledged_by=(BEN,)).is_free
    assert (page("P1").is_free, page("P1", status="resolved").is_free) == (True, False)
    assert replace(acked, pending=()).ack_ends is None
    assert replace(acked, status="triggered").ack_ends is None


def test_most_urgent_then_newest_first_and_each_once() -> None:
    pages = [
        page("resolved", 0, "resolved"),
        page("acked", 1, "acknowledged"),
        page("low", 2, urgency="low"),
        page("old", 9),
        page("new", 3),
        page("old", 9),
    ]
    assert [each.id for each in urgent_first(pages)] == ["new", "old", "low", "acked", "resolved"]


def test_an_issue_is_found_by_the_page_that_its_description_names() -> None:
    storm = issue("g/p#1", "https://acme.pagerduty.com/incidents/Q1AAAAAA and Q1BBBBBB")
    first, second, third = with_issues([page("Q1AAAAAA"), page("Q1BBBBBB"), page("Q1CCCCCC")], [storm])
    assert first.issue and second.issue and first.issue.ref == second.issue.ref == "g/p#1"
    assert third.issue is None
    assert naming([storm], "Q1BBBBBB") == [storm]
    assert naming([storm], "Q1BBBBB") == []


def test_an_issue_is_found_by_its_url_in_details_links_or_notes() -> None:
    detail = PageDetail(
        **{**vars(page("Q1AAAAAA")), "links": ("https://g.example/a/b/-/issues/1",)},
        details={"ticket": "see https://g.example/a/b/-/issues/2."},
        notes=(PageNote(NOW, "Ana", "https://g.example/a/b/-/issues/1 https://evil.example/a/b/-/issues/9"),),
    )
    assert issue_links(detail, "https://g.example") == ["a/b#1", "a/b#2"]
