"""Where notes come from: pages and issues by number, reference and URL, never by a title."""

from typing import Any

import pytest

from secops_oncall.domain.events import Event, Note
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.errors import NotFoundError, RemoteError, UsageError
from secops_oncall.workflows.origins import Named, Origins, Sources, origins
from tests.fakes import NOW, FakeGitLab, FakePagerDuty, a_page, an_issue

LEAK = a_page("Q1LEAKEDKEY0005", number=4112, title="Leaked key: a secret of ours")
PAGE = ("page 4112", "https://acme.pagerduty.com/incidents/Q1LEAKEDKEY0005")
BEHIND = an_issue(
    "acme/operations#101", f"Filed for {LEAK.id}", confidential=True, title="Leaked key: a secret of ours"
)
OTHER = an_issue("acme/web#3", title="Something")
BASE = "https://gitlab.example.com"
SOURCES = Sources(BASE, [IssueQuery("acme/operations", "project")])


def a_note(page: str | None = LEAK.id) -> Note:
    return Note("n1", NOW, "risk", "words", page, None, None)


def found(
    note: Note, named: Named | None = None, *events: Event, gitlab: FakeGitLab | None = None, pagerduty: Any = None
) -> Origins:
    lab = gitlab or FakeGitLab([BEHIND, OTHER])
    return origins(lab, pagerduty or FakePagerDuty([LEAK]), SOURCES, [note], named or Named(), events)


def test_a_page_and_the_issue_that_names_it() -> None:
    told = found(a_note())
    assert told.links == {"n1": [PAGE, ("acme/operations#101", BEHIND.url)]}
    assert "secret" not in repr(told.links)


def test_a_page_whose_number_alone_is_known() -> None:
    assert found(a_note("4112")).links["n1"] == [PAGE, ("acme/operations#101", BEHIND.url)]


def test_an_issue_that_is_known_from_owning_the_page_each_once() -> None:
    own = Event(NOW, "own", LEAK.id, data={"issue": "Acme/Operations#101"})
    closed = Event(NOW, "own", LEAK.id, data={"issue": "acme/operations#90"})
    assert found(a_note(), None, own, closed).links["n1"] == [
        PAGE,
        ("Acme/Operations#101", f"{BASE}/Acme/Operations/-/issues/101"),
        ("acme/operations#90", f"{BASE}/acme/operations/-/issues/90"),
    ]


def test_what_is_named_goes_first() -> None:
    assert found(a_note(None), Named(issue="acme/web#3")).links["n1"] == [("acme/web#3", OTHER.url)]
    both = found(a_note(None), Named("4112", "acme/web#3")).links["n1"]
    assert both == [PAGE, ("acme/web#3", OTHER.url), ("acme/operations#101", BEHIND.url)]


def test_a_note_about_nothing_asks_for_nothing() -> None:
    gitlab = FakeGitLab()
    gitlab.failing["issues"] = RemoteError("down", "")
    assert found(a_note(None), gitlab=gitlab).links == {"n1": []}


def test_a_page_that_is_gone_is_named_by_its_id() -> None:
    assert found(a_note("Q1GONE00000001")) == Origins({"n1": [("page Q1GONE00000001", "")]}, [])


def test_without_pagerduty_a_page_is_named_by_its_id() -> None:
    told = origins(FakeGitLab([BEHIND]), None, SOURCES, [a_note()], Named(), [])
    assert told.links["n1"] == [(f"page {LEAK.id}", ""), ("acme/operations#101", BEHIND.url)]


def test_an_outage_costs_the_link_and_is_told() -> None:
    pagerduty, gitlab, down = FakePagerDuty([LEAK]), FakeGitLab(), RemoteError("down", "")
    pagerduty.failing["page"] = gitlab.failing["issues"] = down
    assert found(a_note(), gitlab=gitlab, pagerduty=pagerduty) == Origins(
        {"n1": [(f"page {LEAK.id}", "")]}, [down, down]
    )


@pytest.mark.parametrize(
    ("named", "error"),
    [
        (Named(page="Q1GONE00000001"), NotFoundError),
        (Named(page="https://other.pagerduty.com/incidents/Q1LEAKEDKEY0005"), NotFoundError),
        (Named(page="no page at all"), UsageError),
        (Named(issue="acme/web#99"), NotFoundError),
    ],
)
def test_what_was_named_has_to_be_there(named: Named, error: type[Exception]) -> None:
    with pytest.raises(error):
        found(a_note(), named)
