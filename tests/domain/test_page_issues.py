"""The issue that a page gets: it names the page, and nothing in it from elsewhere acts or names another one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import TITLE
from secops_oncall.domain.page_issues import DETAILS, draft
from secops_oncall.domain.pages import Owner
from secops_oncall.domain.people import Person
from secops_oncall.domain.refs import pages_in
from tests.domain.test_draft import TEXTS
from tests.fakes import NOW, a_page
from tests.gitlab_rules import MENTION, QUICK_ACTION

ONE, TWO = "Q1ONE00001", "Q1TWO00002"
ANA = Person("PANA001", "Ana Ferreira", "ana@example.com")
HANDLES = Handles({"ana@example.com": "ana"})
PAGE = a_page(ONE, "acknowledged", minutes=60, number=4112, priority="P2", title="Leaked key")
PAGE = replace(PAGE, owner=Owner(ANA.id, ANA.name, NOW), engaged=(ANA,))


def test_the_issue_as_people_read_it() -> None:
    page = replace(PAGE, details={"ip": "192.0.2.7", "user": "j.doe"}, runbook="https://example.com/runbook")
    new = draft(page, "acme/operations", ("incident",), (11,), HANDLES)
    assert (new.project, new.title, new.labels, new.confidential, new.assignees) == (
        "acme/operations",
        "Leaked key",
        ("incident",),
        True,
        (11,),
    )
    assert new.description.splitlines() == [
        "### Page",
        "",
        f"* **Page:** [4112](<https://acme.pagerduty.com/incidents/{ONE}>)",
        "* **Service:** EDR",
        "* **Urgency:** high, P2",
        "* **Began:** 2026-11-23 13:00 UTC",
        "* **Owner:** @ana, acked 2026-11-23 14:00 UTC",
        "* **Runbook:** `https://example.com/runbook`",
        "* **ip:** 192.0.2.7",
        "* **user:** j.doe",
    ]


def test_a_page_that_nobody_owns_and_without_a_title() -> None:
    new = draft(replace(PAGE, owner=None, title="\u200b", service=""), "p", (), (), HANDLES)
    assert new.title == "Page 4112"
    assert "* **Owner:** nobody: no user has acked it" in new.description
    assert "* **Service:** not known" in new.description


@given(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_nothing_from_elsewhere_acts(text: str, details: dict[str, str]) -> None:
    hostile = {f"/close {text}": f"{text}\n/close\n@all ![x](y)", **details}
    new = draft(replace(PAGE, title=f"{text} @all", service=text, details=hostile), "p", (), (), HANDLES)
    assert not QUICK_ACTION.search(new.description)
    assert not MENTION.search(new.title) and len(new.title) <= TITLE
    assert pages_in(new.description) == {ONE}


def test_details_that_name_another_page_stay_with_the_page() -> None:
    details = {"see": f"https://acme.pagerduty.com/incidents/{TWO}", "this": ONE, TWO: "key"}
    new = draft(replace(PAGE, details=details), "p", (), (), HANDLES)
    assert pages_in(new.description) == {ONE}
    assert f"* **this:** {ONE}" in new.description


def test_of_many_details_there_are_some() -> None:
    many = {f"field {n}": "x" * 9_000 for n in range(100)}
    assert draft(replace(PAGE, details=many), "p", (), (), HANDLES).description.count("* **field") == DETAILS
    assert len(draft(replace(PAGE, details=many), "p", (), (), HANDLES).description) < 15_000
