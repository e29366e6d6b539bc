"""A page put together from its log, its alerts and its notes."""

from dataclasses import replace
from datetime import timedelta

from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.pages import Alert, Owner, Page, PageNote, PendingAction, WholeIssue
from secops_oncall.domain.people import Person
from secops_oncall.domain.whole import linked_issue, whole, whole_issue
from tests.fakes import NOW, a_page, an_entry, an_issue, plain

ANA, BEN, CHEN = Person("PANA", "Ana"), Person("PBEN", "Ben"), Person("PCHEN", "Chen")
PAGE: Page = replace(
    plain(a_page("Q1ONE00001", "acknowledged")),
    acknowledged_by=(BEN,),
    assigned_to=(CHEN, BEN),
    owner=Owner(BEN.id, BEN.name, NOW),
    owner_source="acknowledgement",
    bridge="https://example.zoom.us/j/1",
    pending=(PendingAction("unacknowledge", NOW),),
)
LOG = (an_entry("acknowledge", 5, ANA), an_entry("trigger", 9), an_entry("responder_accept", 4, CHEN))


def alert(id: str, minutes: int | None, details: dict[str, str], *links: str, runbook: str | None = None) -> Alert:
    at = None if minutes is None else NOW - timedelta(minutes=minutes)
    return Alert(id, at, None, "", details, links, runbook)


def test_what_hangs_on_it_is_in_the_order_in_which_it_happened() -> None:
    notes = [PageNote(NOW, "Ana", "later"), PageNote(NOW - timedelta(minutes=1), "Ana", "first")]
    alerts = [
        alert("A2", 5, {"ip": "2"}, "https://b", "https://a"),
        alert("A1", 6, {}, "https://a", runbook="https://r"),
    ]
    detail = whole(PAGE, LOG, alerts, notes)
    assert [entry.kind for entry in detail.timeline] == ["trigger", "acknowledge", "responder_accept"]
    assert [note.text for note in detail.notes] == ["first", "later"]
    assert [one.id for one in detail.alerts] == ["A1", "A2"]
    assert (detail.details, detail.links, detail.runbook) == ({"ip": "2"}, ("https://a", "https://b"), "https://r")
    assert (detail.conference_url, detail.pending_actions) == (PAGE.bridge, PAGE.pending)
    assert detail.engaged == (ANA, CHEN, BEN)


def test_the_owner_is_who_acked_first_by_the_log_else_by_the_acknowledgements() -> None:
    logged, unread = whole(PAGE, LOG, (), ()), whole(PAGE, (), (), ())
    assert (logged.owner and logged.owner.id, logged.owner_source) == (ANA.id, "log")
    assert (unread.owner and unread.owner.id, unread.owner_source) == (BEN.id, "acknowledgement")
    nobodys = whole(replace(PAGE, owner=None, owner_source=None), (), (), ())
    assert (nobodys.owner, nobodys.owner_source) == (None, None)


def test_who_acts_is_the_owner_where_somebody_owns_it() -> None:
    known = replace(BEN, email="ben@example.com")
    unread = replace(PAGE, acknowledged_by=(known,))
    assert [whole(PAGE, LOG, (), ()).acting, whole(unread, (), (), ()).acting] == [ANA, known]
    assert whole(replace(PAGE, owner=None), (), (), ()).acting is None


def test_an_issue_whose_notes_are_not_read_yet_and_one_that_is_only_named() -> None:
    issue = an_issue("acme/operations#101", assignees=("ana",), labels=("incident",))
    shown = whole_issue(issue)
    assert (shown.ref, shown.state, shown.assignees, shown.labels, shown.notes) == (
        "acme/operations#101",
        "opened",
        ("ana",),
        ("incident",),
        None,
    )
    note = IssueNote(1, NOW, "ben", "said", internal=False, system=False)
    assert replace(shown, notes=(note,)).notes == (note,)
    for url in ("https://gitlab.example.com/git", "https://gitlab.example.com/git/"):
        assert linked_issue("acme/infra#7", url) == WholeIssue(
            "acme/infra#7", "https://gitlab.example.com/git/acme/infra/-/issues/7"
        )
