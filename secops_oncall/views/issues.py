"""GitLab issues: those with the on-call label."""

from collections.abc import Sequence
from datetime import datetime

from secops_oncall.domain.issues import Issue
from secops_oncall.domain.text import shorten
from secops_oncall.streams import Streams
from secops_oncall.views.screen import age
from secops_oncall.views.table import Column, Field, Listing, Output, named, print_list

FIELDS: tuple[Field[Issue], ...] = (
    *named("ref", "state", "change", "updated_at", "title", "labels", "assignees", "author"),
    *named("confidential", "url", "created_at", "due_date", "weight", "time_estimate", "reviewed_at", "page"),
)


def print_issues(
    streams: Streams,
    issues: Sequence[Issue],
    output: Output | None,
    now: datetime,
    limit: int | None = None,
    empty: str = "No open issues.",
) -> None:
    """Print sorted issues with the age of their last activity; `empty` is said where there are none."""
    print_list(streams, Listing(lambda issue: issue.ref, FIELDS, _issue_columns(now), empty), issues, output, limit)


def _issue_columns(now: datetime) -> tuple[Column[Issue], ...]:
    return (
        Column("issue", lambda issue: issue.ref, _weight, url=lambda issue: issue.url),
        Column("change", lambda issue: issue.change or "", _weight),
        Column("idle", lambda issue: age(now - issue.updated_at), lambda _: "dim", drop=1),
        Column("assignee", lambda issue: ", ".join(issue.assignees), lambda _: "dim", least=8, drop=2),
        Column("page", lambda issue: issue.page or "", lambda _: "dim", drop=4),
        Column("labels", labels_of, lambda _: "dim", least=12, drop=3),
        Column("title", title_of, _weight, least=28),
    )


def title_of(issue: Issue) -> str:
    """Its title, marked where not everybody may know it."""
    return f"confidential: {issue.title}" if issue.confidential else issue.title


def labels_of(issue: Issue) -> str:
    """Its labels, as many as a table has room for."""
    return shorten(", ".join(issue.labels), 30)


def _weight(issue: Issue) -> str:
    return "bold" if issue.change in ("new", "changed") else ""
