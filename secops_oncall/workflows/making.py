"""Making a GitLab issue once: looked for by its marker where in doubt, and compared with what it was to be."""

from datetime import datetime

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue, NewIssue
from secops_oncall.domain.times import span
from secops_oncall.ports import GitLab
from secops_oncall.workflows.once import Found, Lost, once


def make(gitlab: GitLab, new: NewIssue, marker: str) -> Found[Issue] | Lost:
    """Make an issue; where no answer came it is looked for by its marker. Nothing is raised."""
    return once(lambda: gitlab.create(new, marker), lambda: gitlab.created(new.project, marker))


def under_way(begun: Event, now: datetime) -> str:
    """Why nothing is made now: another run has begun it, whose request may still be on its way."""
    return f"a run began to file it {span(now - begun.at)} ago and may be at it still"


def lack(new: NewIssue, issue: Issue) -> tuple[str, str] | None:
    """What GitLab did not keep of an issue as it was to be, and what mends it: it need not do as it was told."""
    if new.confidential and not issue.confidential:
        why = f"it is there, but GitLab did not keep it confidential: all who see {new.project} can read it"
        return why, f"oncall open {issue.ref}, and make it confidential there, now"
    if lost := ", ".join(label for label in new.labels if label not in issue.labels):
        why = f"it is there, but without the label {lost}"
        return why, f"oncall open {issue.ref}, and give it the label there"
    return None
