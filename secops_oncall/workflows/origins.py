"""Where notes come from: their pages and the issues behind these, as anything may name them that others read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from secops_oncall import threads
from secops_oncall.domain.events import Event, Note
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.domain.pages import Page, naming
from secops_oncall.domain.refs import issue_url
from secops_oncall.errors import NotFoundError, OncallError
from secops_oncall.ports import GitLab, PagerDuty
from secops_oncall.workflows.pages import page_issues
from secops_oncall.workflows.refs import page_ref, same_account

Links = Sequence[tuple[str, str]]  # names and URLs, empty where none is known; no titles, which may be confidential


@dataclass(frozen=True)
class Origins:
    """What each note is about, by its id, and what could not be asked."""

    links: Mapping[str, Links]
    problems: list[OncallError]


@dataclass(frozen=True)
class Named:
    """The page (a PAGE) and the issue (`group/project#12`) that were named beside the notes, for all of them."""

    page: str | None = None
    issue: str | None = None


@dataclass(frozen=True)
class Sources:
    """Where GitLab is, and where page-created issues lie in it."""

    gitlab_url: str
    issues: Sequence[IssueQuery] = ()


def origins(
    gitlab: GitLab,
    pagerduty: PagerDuty | None,
    sources: Sources,
    notes: Sequence[Note],
    named: Named,
    events: Iterable[Event],
) -> Origins:
    """The page of each note, unless one is named, the issue that is named, and those behind the page; one wave.

    Raises what a service answers of something that was named; what else can't be read is named by its id alone.
    """
    about = {note.id: page_ref(named.page) if named.page else note.page or "" for note in notes}
    ids = sorted({id for id in about.values() if id})
    listed = threads.start(lambda: page_issues(gitlab, sources.issues if ids else ()))
    first = threads.start(lambda: [(named.issue, gitlab.issue(named.issue).url)] if named.issue else [])
    answers = threads.each(lambda id: _page(pagerduty, id, named.page), ids)
    issues, problems = listed.result()
    behind = [(event.subject, str(event.data.get("issue"))) for event in events if event.kind == "own"]
    found: dict[str, Links] = {"": first.result()}
    for id, answer in zip(ids, answers, strict=True):
        page = answer.id if isinstance(answer, Page) else id
        own = [(ref, issue_url(ref, sources.gitlab_url)) for subject, ref in behind if subject == page]
        naming_it = [(issue.ref, issue.url) for issue in naming(issues, page)]
        link = (f"page {answer.number}", answer.url) if isinstance(answer, Page) else (f"page {id}", "")
        found[id] = [link, *_once([*first.result(), *own, *naming_it])]
    failed = [answer for answer in answers if isinstance(answer, OncallError)]
    return Origins({note: found[id] for note, id in about.items()}, [*problems, *failed])


def _page(pagerduty: PagerDuty | None, id: str, typed: str | None) -> Page | OncallError | None:
    """A page; None where it isn't there or nobody can be asked, and why where that is an outage."""
    if pagerduty is None:
        return None
    try:
        return same_account(typed or "", pagerduty.page(id))
    except NotFoundError:
        if typed:
            raise
        return None
    except OncallError as error:
        return error


def _once(links: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The links, each issue once: a path may be spelt in any case."""
    found: dict[str, tuple[str, str]] = {}
    for ref, url in links:
        found.setdefault(ref.casefold(), (ref, url))
    return list(found.values())
