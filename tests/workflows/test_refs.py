"""What the engineer named, or two lines that say how to name it."""

import pytest

from secops_oncall.errors import ExitCode, NotFoundError, UsageError
from secops_oncall.workflows.refs import issue_ref, page_ref, same_account
from tests.fakes import a_page

GITLAB = "https://gitlab.example.com"


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("4117", "4117"),
        ("q1canarytoken01", "Q1CANARYTOKEN01"),
        ("https://acme.pagerduty.com/incidents/Q1CANARYTOKEN01", "Q1CANARYTOKEN01"),
    ],
)
def test_a_page(text: str, ref: str) -> None:
    assert page_ref(text) == ref


@pytest.mark.parametrize(
    "text",
    ["", "-", "#4117", "4117 4116", "acme/tools#1", "https://[bad", "https://evil.example/incidents/Q1CANARYTOKEN01"],
)
def test_what_is_no_page_is_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(UsageError, match="is no page") as caught:
        page_ref(text)
    assert (caught.value.exit_code, caught.value.hint) == (ExitCode.USAGE, "oncall pages")


def test_what_was_typed_is_repeated_safe_and_short() -> None:
    with pytest.raises(UsageError) as caught:
        page_ref("\x1b]0;owned\x07no page" + "x" * 5000)
    assert "\x1b" not in caught.value.message
    assert caught.value.message.startswith("'no page")
    assert len(caught.value.message) < 150


@pytest.mark.parametrize("typed", ["4117", "QCANARY", "https://ACME.pagerduty.com/incidents/QCANARY", ""])
def test_a_page_of_this_account(typed: str) -> None:
    page = a_page("QCANARY")  # on acme.pagerduty.com
    assert same_account(typed, page) is page


def test_a_url_of_another_account_names_no_page_of_this_one() -> None:
    with pytest.raises(NotFoundError) as caught:
        same_account("https://other.pagerduty.com/incidents/QCANARY", a_page("QCANARY"))
    assert caught.value.message == "page QCANARY is of another account: other.pagerduty.com"
    assert caught.value.hint == "oncall pages"


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("acme/tools#12", "acme/tools#12"),
        (f"{GITLAB}/acme/tools/-/issues/12", "acme/tools#12"),
        (f"{GITLAB}/acme/tools/-/work_items/12#note_7", "acme/tools#12"),
        ("12", "acme/tools#12"),
    ],
)
def test_an_issue(text: str, ref: str) -> None:
    assert issue_ref(text, GITLAB, ("acme/tools",)) == ref


@pytest.mark.parametrize(
    ("text", "projects"),
    [
        ("12", ()),
        ("12", ("acme/tools", "acme/web")),
        ("tools#12", ("acme/tools",)),
        ("https://gitlab.com/acme/tools/-/issues/12", ("acme/tools",)),
        (f"{GITLAB}/acme/tools/-/merge_requests/12", ("acme/tools",)),
        ("", ("acme/tools",)),
    ],
)
def test_what_is_no_issue_is_refused_and_says_of_which_gitlab(text: str, projects: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=GITLAB) as caught:
        issue_ref(text, GITLAB, projects)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "group/project#12" in caught.value.message
