"""Making a GitLab issue once: looked for by its marker where in doubt, and compared with what it was to be."""

from dataclasses import dataclass

from secops_oncall.domain.issues import Issue, NewIssue
from secops_oncall.domain.outcomes import Result
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import GitLab


@dataclass(frozen=True)
class Made:
    """What came of it: the issue, or how that ended and why; `error` is what was raised."""

    issue: Issue | None
    result: Result = Result.DONE
    error: OncallError | None = None
    why: str = ""


def make(gitlab: GitLab, new: NewIssue, marker: str) -> Made:
    """Make an issue; where no answer came, or only a 5xx, it is looked for, never sent again. Nothing is raised."""
    try:
        return Made(gitlab.create(new, marker))
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return Made(None, Result.FAILED, error, error.message)
        doubt = error
    try:
        found = gitlab.created(new.project, marker)
    except OncallError as error:
        return Made(None, Result.UNKNOWN, doubt, f"{doubt.message}; and to look it up failed: {error.message}")
    if found:
        return Made(found)
    return Made(None, Result.UNKNOWN if doubt.answered is None else Result.FAILED, doubt, doubt.message)


def lack(new: NewIssue, issue: Issue) -> tuple[str, str] | None:
    """What GitLab did not keep of an issue as it was to be, and what mends it: it need not do as it was told."""
    if new.confidential and not issue.confidential:
        why = f"it is there, but GitLab did not keep it confidential: all who see {new.project} can read it"
        return why, f"oncall open {issue.ref}, and make it confidential there, now"
    if lost := ", ".join(label for label in new.labels if label not in issue.labels):
        why = f"it is there, but without the label {lost}"
        return why, f"oncall open {issue.ref}, and give it the label there"
    return None
