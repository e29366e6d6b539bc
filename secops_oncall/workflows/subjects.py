"""Which incident a PAGE or an ISSUE means, without reading all of the shift's work: for what is kept about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.open_work import is_work, named_pages
from secops_oncall.domain.pages import Page, issue_links, naming
from secops_oncall.domain.whole import whole
from secops_oncall.errors import NotFoundError, OncallError, UsageError
from secops_oncall.ports import GitLab, Journal, PagerDuty
from secops_oncall.workflows.pages import page_issues
from secops_oncall.workflows.refs import page_or_issue, same_account


@dataclass(frozen=True)
class Subject:
    """An incident by its key (its issue's ref, else its page's id), as far as it could be looked up.

    `pages` are the ids of its pages that are known, `page` the one that was named; `warnings` say what is not known.
    """

    key: str
    title: str = ""
    pages: tuple[str, ...] = ()
    page: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which something may have been said of it."""
        return (*self.pages, self.key)


@dataclass(frozen=True)
class Services:
    """Whom to ask, each raising AuthError where there is no token, and where issues lie."""

    pagerduty: Callable[[], PagerDuty]
    gitlab: Callable[[], GitLab]
    gitlab_url: str
    sources: Sequence[IssueQuery] = ()
    projects: tuple[str, ...] = ()


def subject(services: Services, journal: Journal, text: str) -> Subject:
    """The incident that a PAGE (any number is one) or an ISSUE means; one wave, up to three where no issue names it.

    In an outage it is what was typed, a page's number as the journal knows it. Raises UsageError for what is neither
    and for a page behind several incidents, NotFoundError for what isn't there, and what PagerDuty raises where
    nobody knows the number.
    """
    kind, ref = page_or_issue(text, services.gitlab_url, services.projects)
    if kind == "page":
        return _of_page(services, journal.events("focus"), text, ref)
    try:
        return _of_issue(services.gitlab().issue(ref))
    except NotFoundError:
        raise
    except OncallError as error:
        return Subject(ref, warnings=(f"{error.message}: {ref} is taken as it was typed",))


def _of_issue(issue: Issue, page: str | None = None) -> Subject:
    warnings: list[str] = []
    if issue.state == "closed":
        warnings.append(f"{issue.ref} is closed: the hand-off has it only while a page of it is open")
    elif not page and not is_work(issue):
        warnings.append(f"{issue.ref} names no page: the hand-off has it only if a page names it")
    pages = dict.fromkeys([*([page] if page else []), *named_pages(issue)])
    return Subject(issue.ref, issue.title, tuple(pages), page, tuple(warnings))


def _of_page(services: Services, seen: Sequence[Event], text: str, ref: str) -> Subject:
    gitlab = _lab(services)
    listed = threads.start(lambda: _issues(gitlab, services.sources))
    try:
        page = same_account(text, services.pagerduty().page(ref))
    except NotFoundError:
        raise
    except OncallError as error:
        known = _remembered(seen, ref, error)
        found = _behind(naming(listed.result(), known.key), known)
        return replace(found, warnings=(f"{error.message}: page {ref} is taken as it was typed", *found.warnings))
    issues = naming(listed.result(), page.id)
    found = _behind(issues or _linked(services, page), Subject(page.id, page.title, (page.id,), page.id))
    if page.status == "resolved" and found.key == page.id:
        lack = f"page {page.number} is resolved, and no open issue names it: the hand-off has no words about it"
        return replace(found, warnings=(lack,))
    return found


def _remembered(seen: Sequence[Event], ref: str, error: OncallError) -> Subject:
    """A page as the journal knows it; raises the error that kept it from being asked for where only that helps."""
    known = {name: each for each in seen for name in (each.subject, str(each.data.get("number"))) if each.subject}
    if ref in known:
        return Subject(known[ref].subject, known[ref].text, (known[ref].subject,), known[ref].subject)
    if ref.isdecimal():
        error.hint = f"name page {ref} by its id, or its issue: the journal does not know its number"
        raise error
    return Subject(ref, "", (ref,), ref)


def _behind(issues: Sequence[Issue], page: Subject) -> Subject:
    """The incident that a page belongs to: itself, where no issue is behind it."""
    found = [issue for issue in issues if issue.state == "opened"]
    if len(found) > 1:
        listed = ", ".join(issue.ref for issue in found)
        raise UsageError(f"page {page.key} is behind {len(found)} incidents: {listed}", "name one of these issues")
    return _of_issue(found[0], page.key) if found else page


def _lab(services: Services) -> GitLab | None:
    """GitLab, where issues are looked for; built before any thread runs: two at once can't load what the SDKs share."""
    try:
        return services.gitlab() if services.sources else None
    except OncallError:
        return None


def _issues(gitlab: GitLab | None, sources: Sequence[IssueQuery]) -> list[Issue]:
    """The open page-created issues, as far as they can be read: a page's words are its issue's, too, in any case."""
    try:
        return page_issues(gitlab, sources)[0] if gitlab else []
    except OncallError:
        return []


def _linked(services: Services, page: Page) -> list[Issue]:
    """The issues that a page's alerts, links and notes name, as far as they can be read."""
    try:
        pagerduty = services.pagerduty()
        alerts = threads.start(lambda: pagerduty.alerts(page.id))
        notes = pagerduty.notes(page.id)
        refs = issue_links(whole(page, (), alerts.result(), notes), services.gitlab_url)
        found = threads.each(services.gitlab().issue, refs)
    except OncallError:
        return []
    return list({issue.ref: issue for issue in found}.values())
