"""A page whole: put together from its log, its alerts and its notes, with the issue behind it."""

from collections.abc import Iterable
from dataclasses import fields, replace

from secops_oncall.domain.issues import Issue
from secops_oncall.domain.pages import Alert, LogEntry, Page, PageDetail, PageNote, WholeIssue, behind, owner_from_log
from secops_oncall.domain.people import Person
from secops_oncall.domain.refs import issue_url


def whole(page: Page, log: Iterable[LogEntry], alerts: Iterable[Alert], notes: Iterable[PageNote]) -> PageDetail:
    """A page whole: owner from its log, details of its first alert, links of all of them; each of them in any order.

    Where the log names no owner, because it could not be read, the owner is whoever stands first among those who
    ack it now, and `owner_source` says so.
    """
    timeline = tuple(sorted(log, key=lambda one: one.at))
    read = sorted(alerts, key=lambda one: one.at.timestamp() if one.at else 0.0)
    logged, engaged = owner_from_log(timeline), _engaged(page, timeline)
    owner = logged or page.owner
    return replace(
        bare(page),
        owner=owner,
        owner_source="log" if logged else page.owner_source,
        details=next((one.details for one in read if one.details), {}),
        alerts=tuple(read),
        notes=tuple(sorted(notes, key=lambda one: one.at)),
        timeline=timeline,
        acting=next((one for one in engaged if owner and one.id == owner.id), None),
        engaged=engaged,
        runbook=next((one.runbook for one in read if one.runbook), None),
        conference_url=page.bridge,
        pending_actions=page.pending,
        links=tuple(dict.fromkeys([*page.links, *(link for one in read for link in one.links)])),
    )


def bare(page: Page) -> PageDetail:
    """A page of which nothing more was read than lists tell."""
    return PageDetail(**{each.name: getattr(page, each.name) for each in fields(Page)})


def _engaged(page: Page, timeline: Iterable[LogEntry]) -> tuple[Person, ...]:
    """Who acked, answered a responder request, or has it assigned: each once, in that order."""
    acted = [one.person for one in timeline if one.kind == "acknowledge" or one.kind.startswith("respond")]
    every = [*(who for who in acted if who), *page.acknowledged_by, *page.assigned_to]
    people: dict[str, Person] = {}
    for who in every:
        people.setdefault(who.id, who)
    return tuple(people.values())


def whole_issue(issue: Issue) -> WholeIssue:
    """An issue as the one behind a page that is shown; its notes are not known yet."""
    known = behind(issue)
    return WholeIssue(**vars(known), assignees=issue.assignees, labels=issue.labels)


def linked_issue(ref: str, gitlab_url: str) -> WholeIssue:
    """The issue that a page links by `group/project#12`, of which nothing else is known yet."""
    return WholeIssue(ref, issue_url(ref, gitlab_url))
