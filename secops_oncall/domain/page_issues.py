"""The issue that a page gets: a title, and what PagerDuty tells, in which nothing from outside can act."""

from collections.abc import Iterable, Sequence

from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import TITLE, NewIssue
from secops_oncall.domain.markdown import inline, link, typed
from secops_oncall.domain.pages import PageDetail
from secops_oncall.domain.people import Person
from secops_oncall.domain.refs import pages_in
from secops_oncall.domain.text import clean, shorten
from secops_oncall.domain.times import stamp

DETAILS = 20  # of an alert: the page has the rest
_LONG = 500  # characters of one of them


def draft(
    page: PageDetail, project: str, labels: Sequence[str], assignees: Sequence[int], handles: Handles
) -> NewIssue:
    """The confidential issue of a page; its description names the page's URL, by which the two are matched."""
    title = shorten(typed(clean(page.title)), TITLE) or f"Page {page.number}"  # GitLab looks for mentions there, too
    facts = [*_facts(page, handles), *_details(page)]
    description = "\n".join(["### Page", "", *(f"* **{label}:** {value}" for label, value in facts)])
    return NewIssue(project, title, description, tuple(labels), confidential=True, assignees=tuple(assignees))


def _facts(page: PageDetail, handles: Handles) -> Iterable[tuple[str, str]]:
    yield "Page", link(str(page.number), page.url)
    yield "Service", inline(page.service) or "not known"
    yield "Urgency", inline(", ".join(filter(None, [page.urgency, page.priority])))
    yield "Began", stamp(page.created_at)
    owner = page.owner
    if owner:
        person = next((one for one in page.engaged if one.id == owner.id), Person(owner.id, owner.name))
        yield "Owner", f"{handles.mention(person)}, acked {stamp(owner.acked_at)}"
    else:
        yield "Owner", "nobody: no user has acked it"
    if page.runbook:
        yield "Runbook", inline(page.runbook)


def _details(page: PageDetail) -> Iterable[tuple[str, str]]:
    """The first alert's details but for what names other pages: this issue would be taken for theirs, too."""
    for name, value in list(page.details.items())[:DETAILS]:
        if pages_in(f"{name} {value}") <= {page.id}:
            yield inline(shorten(name, 100)), inline(shorten(value, _LONG))
