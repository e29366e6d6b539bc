"""What the engineer typed, checked before anything is asked of a service."""

from typing import TYPE_CHECKING, Literal

from secops_oncall.domain import refs
from secops_oncall.domain.text import clean, clean_lines, quoted, shorten
from secops_oncall.errors import NotFoundError, RemoteError, UsageError

if TYPE_CHECKING:
    from secops_oncall.domain.pages import Page


def words(text: str, what: str, hint: str) -> str:
    """A text of one or more lines, safe for others to read; UsageError, saying `what` is empty, for nothing at all."""
    found = clean_lines(text).strip()
    if not found:
        raise UsageError(f"{what} is empty", hint)
    return found


def page_ref(text: str) -> str:
    """The id or number that a PAGE names; UsageError where it names none."""
    found = refs.page(text)
    if found is None:
        raise UsageError(
            f"{quoted(text)} is no page: a page is an id, a number or a PagerDuty URL",
            "oncall pages",
        )
    return found


def same_account(typed: str, page: "Page") -> "Page":
    """The page that was read for what was typed; NotFoundError where that is a URL of another account.

    PagerDuty is asked by the id alone, so only the page's own URL tells whose it is.
    """
    there, here = refs.host(typed), refs.host(page.url)
    if there and here and there != here:
        account = shorten(clean(there), 80)
        raise NotFoundError(f"page {refs.page(typed)} is of another account: {account}", "oncall pages")
    return page


def issue_ref(text: str, gitlab_url: str, projects: tuple[str, ...]) -> str:
    """The `group/project#12` that an ISSUE names; UsageError where it names none on this GitLab."""
    found = refs.issue(text, gitlab_url, projects)
    if found is None:
        raise UsageError(
            f"{quoted(text)} is no issue of {gitlab_url}: write group/project#12 or its URL", "oncall issues"
        )
    return str(found)


def page_or_issue(text: str, gitlab_url: str, projects: tuple[str, ...]) -> tuple[Literal["page", "issue"], str]:
    """What a PAGE or an ISSUE names, and which of them it is: a bare number is a page. UsageError for neither."""
    page, issue = refs.page(text), refs.issue(text, gitlab_url, projects)
    if page is None and issue is None:
        raise UsageError(f"{quoted(text)} is neither a page nor an issue of {gitlab_url}", "oncall open 4117")
    return ("page", page) if page else ("issue", str(issue))


def web_url(url: str, gitlab_url: str) -> str:
    """A URL that may be opened; RemoteError for any other: what a service answers may come from anywhere."""
    if not refs.is_safe(url, gitlab_url):
        what = f"{quoted(url)} is on neither PagerDuty's nor GitLab's host, so it is not opened"
        raise RemoteError(what, "check `gitlab.url`")
    return url
