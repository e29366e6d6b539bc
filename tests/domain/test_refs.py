"""What a page and an issue may be called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain import refs
from secops_oncall.domain.refs import IssueRef

GITLAB = "https://gitlab.example/gitlab"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Q2LLOO4CZ1TYBR", "Q2LLOO4CZ1TYBR"),
        ("q2lloo4cz1tybr", "Q2LLOO4CZ1TYBR"),
        ("1234", "1234"),
        ("0012", "12"),
        ("https://acme.pagerduty.com/incidents/PT4KHLK", "PT4KHLK"),
        ("https://acme.eu.pagerduty.com/incidents/PT4KHLK/", "PT4KHLK"),
        ("https://evil.example/incidents/PT4KHLK", None),
        ("https://evilpagerduty.com/incidents/PT4KHLK", None),
        ("https://[x/incidents/PT4KHLK", None),
        ("https://acme.pagerduty.com/users/PT4KHLK", None),
        ("", None),
        ("no", None),
        ("PT4-KHLK", None),
        ("12345678901234567890", None),
    ],
)
def test_page(text: str, found: str | None) -> None:
    assert refs.page(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" https://Acme.PagerDuty.com/incidents/PT4KHLK ", "acme.pagerduty.com"),
        ("https://acme.eu.pagerduty.com:443/incidents/PT4KHLK", "acme.eu.pagerduty.com"),
        ("https://[x/incidents/PT4KHLK", ""),
        ("PT4KHLK", ""),
        ("", ""),
    ],
)
def test_host(text: str, found: str) -> None:
    assert refs.host(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("group/project#12", IssueRef("group/project", 12)),
        ("a/b/c.d-e#1", IssueRef("a/b/c.d-e", 1)),
        (f"{GITLAB}/group/project/-/issues/12", IssueRef("group/project", 12)),
        (f"{GITLAB}/group/project/-/work_items/12", IssueRef("group/project", 12)),
        (f"{GITLAB}/group/project/issues/12", IssueRef("group/project", 12)),
        (f"{GITLAB}/group/project/-/issues/12#note_5", IssueRef("group/project", 12)),
        ("https://gitlab.example/group/project/-/issues/12", None),
        ("https://other.example/gitlab/group/project/-/issues/12", None),
        ("12", None),
        ("project#12", None),
        ("group/project#", None),
    ],
)
def test_issue(text: str, found: IssueRef | None) -> None:
    assert refs.issue(text, GITLAB) == found


def test_a_bare_number_is_an_issue_where_there_is_one_project() -> None:
    assert refs.issue("12", GITLAB, ("group/project",)) == IssueRef("group/project", 12)
    assert refs.issue("12", GITLAB, ("group/one", "group/two")) is None


def test_what_a_text_names() -> None:
    text = f"See https://acme.pagerduty.com/incidents/PT4KHLK, and {GITLAB}/g/p/-/issues/7. Q1ABCDEF2 too. PAGERDUTY no"
    assert refs.pages_in(text) == {"PT4KHLK", "Q1ABCDEF2"}
    assert refs.issues_in(text, GITLAB) == [IssueRef("g/p", 7)]


@pytest.mark.parametrize("url", ["https://[x/incidents/PT4KHLK", "https://a\u2100b/incidents/PT4KHLK", "http://[::1"])
def test_what_only_looks_like_a_url_names_nothing(url: str) -> None:
    assert refs.issues_in(f"see {url}", GITLAB) == []
    assert refs.pages_in(f"see {url}") <= {"PT4KHLK"}


@given(st.text())
def test_any_text_can_be_looked_through(text: str) -> None:
    refs.pages_in(f"https://{text}")
    refs.issues_in(f"https://{text}", GITLAB)
    refs.page(text)
    refs.issue(text, GITLAB)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://acme.pagerduty.com/incidents/Q1", True),
        ("https://acme.eu.pagerduty.com/incidents/Q1", True),
        (f"{GITLAB}/g/p/-/issues/7", True),
        (GITLAB.replace("https", "http") + "/g/p/-/issues/7", False),
        ("https://gitlab.example.evil.example/gitlab/g/p/-/issues/7", False),
        ("https://evilpagerduty.com/incidents/Q1", False),
        ("https://pagerduty.com.evil.example/incidents/Q1", False),
        ("https://acme.pagerduty.com@evil.example/incidents/Q1", False),
        ("https://evil.example/?https://acme.pagerduty.com", False),
        ("https://evil.example\\.pagerduty.com/", False),
        ("https://acme.pagerduty.com/a b", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)//acme.pagerduty.com", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_what_may_be_opened(url: str, safe: bool) -> None:
    assert refs.is_safe(url, GITLAB) is safe


def test_an_issue_s_address_is_below_the_configured_gitlab() -> None:
    assert refs.issue_url("acme/x/y#12", "https://h.example/gitlab/") == "https://h.example/gitlab/acme/x/y/-/issues/12"


@pytest.mark.parametrize(
    ("note", "there"),
    [
        ("moved to acme/web#7", "acme/web#7"),
        ("moved to web#7", "acme/operations/web#7"),
        ("moved from acme/web#7", None),
        ("moved to acme/web#7, I think", None),
        ("closed", None),
    ],
)
def test_where_a_system_note_says_that_an_issue_went(note: str, there: str | None) -> None:
    assert refs.moved_to(note, "acme/operations/incidents") == there


@pytest.mark.parametrize(
    ("url", "fit"),
    [
        ("https://gitlab.example.com/a/b/-/issues/1?x=y;z#note_1", True),
        ("http://127.0.0.1:8484/pagerduty", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https:///no-host", False),
        ("https://ana@example.com/", False),
        ("https://example.com/\x1b]8;;", False),
        ("https://example.com/a b", False),
        ("https://example.com/\u202e", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_a_link_leads_to_the_web_and_nowhere_else(url: str, fit: bool) -> None:
    assert refs.is_web(url) is fit
