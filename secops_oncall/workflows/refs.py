"""What the engineer named, checked before anything is asked of a service."""

from secops_oncall.domain import refs
from secops_oncall.domain.text import quoted
from secops_oncall.errors import UsageError


def page_ref(text: str) -> str:
    """The id or number that a PAGE names; UsageError where it names none."""
    found = refs.page(text)
    if found is None:
        raise UsageError(
            f"{quoted(text)} is no page: a page is an id, a number or a PagerDuty URL",
            "oncall pages",
        )
    return found


def issue_ref(text: str, gitlab_url: str, projects: tuple[str, ...]) -> str:
    """The `group/project#12` that an ISSUE names; UsageError where it names none on this GitLab."""
    found = refs.issue(text, gitlab_url, projects)
    if found is None:
        raise UsageError(
            f"{quoted(text)} is no issue of {gitlab_url}: write group/project#12 or its URL", "oncall issues"
        )
    return str(found)
