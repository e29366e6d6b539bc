"""The proof of a pick: whoever was first holds the issue, whatever two requests at once have made of it."""

import time
from dataclasses import dataclass, replace

from secops_oncall.domain.backlog import first_begin
from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, LabelEvent
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import GitLab
from secops_oncall.workflows.writing import of_issue

AGAIN = 1.0  # seconds until a pick that somebody overwrote is looked at once more
RIVALS = 3  # how many may do so: each has one request, and hardly ever are there two


@dataclass(frozen=True)
class Proof:
    """Whether I hold an issue that I asked for, from its label events and a fresh look (gitlab.md, "Pick protocol").

    GitLab has no request that is carried out only where nobody has the issue: the last one overwrites the assignee, and
    whoever lost puts the winner back. `day` is the due date that I have set, `doubt` why nobody knows whether my
    request was carried out.
    """

    gitlab: GitLab
    doing: str
    issue: Issue
    me: GitLabUser
    day: str | None = None
    doubt: RemoteError | None = None

    def outcome(self) -> Outcome:
        """Mine, or lost to whoever was first; two waves, and five where a request behind mine has to be undone."""
        try:
            first = self._first()
            if first is None:
                return self._unproved(self.gitlab.issue(self.issue.ref))
            if first.user.id != self.me.id:
                return self.lost(first.user)
            seen = self.gitlab.issue(self.issue.ref)
            return self._won() if self._is_mine(seen) else self._insisted(seen)
        except OncallError as error:
            why = f"{self.doubt.message}; and" if self.doubt else "it was sent, but"
            return self._is(Result.UNKNOWN, "remote", f"{why} to look it up failed: {error.message}")

    def lost(self, winner: GitLabUser) -> Outcome:
        """Somebody was first: the assignee, which my request has overwritten, is put back."""
        if not winner.id:
            why = "a user who is gone got it first, and it can't be put back to them"
            return self._is(Result.REFUSED, "lost", why)
        said, late = f"{winner.username} got it first", ""
        if self.doubt and self.doubt.answered is None:
            late = "; your own request got no answer and may still arrive, so look again"
        try:
            seen = self.gitlab.edit(self.issue, IssueEdit(assignees=(winner.id,)))
        except OncallError as error:
            undone = f"{said}; it may stand as yours, and to put it back failed: {error.message}"
            again = f"oncall backlog pick {self.issue.ref}, which puts it back"
            return replace(self._is(Result.REFUSED, "lost", undone), hint=again)
        if winner.username not in seen.assignees:
            return self._is(Result.REFUSED, "lost", f"{said}, but GitLab says that it belongs to {_holder(seen)}{late}")
        return self._is(Result.REFUSED, "lost", f"{said}, and it is theirs{late}")

    def _first(self) -> LabelEvent | None:
        return first_begin(self.gitlab.label_events(self.issue.ref), self.doing, self.me.id)

    def _is_mine(self, seen: Issue) -> bool:
        return self.me.username in seen.assignees and self.day in (None, seen.due_date)

    def _won(self, more: str = "") -> Outcome:
        day = self.day or self.issue.due_date
        due = f", due {day}" if day else ""
        return self._is(Result.DONE, "", f"yours to completion{due}{more}")

    def _insisted(self, seen: Issue) -> Outcome:
        """I was first, and a request behind mine overwrote it: mine again, and a look when theirs must have ended."""
        rivals = ", ".join(name for name in seen.assignees if name != self.me.username)
        for _ in range(RIVALS):
            self.gitlab.edit(self.issue, IssueEdit(assignees=(self.me.id,), due_date=self.day))
            time.sleep(AGAIN)
            first = self._first()
            if first is not None and first.user.id != self.me.id:
                return self.lost(first.user)
            seen = self.gitlab.issue(self.issue.ref)
            if self._is_mine(seen):
                return self._won(f"; {rivals or 'somebody'} changed it meanwhile, and it was put right")
        why = f"you were first, but GitLab says that it belongs to {_holder(seen)}"
        return self._is(Result.FAILED, "remote", why)

    def _unproved(self, seen: Issue) -> Outcome:
        """No event says that anybody has begun it: my request was not carried out, or somebody has moved it back."""
        if self.doing in seen.labels:
            why = f"GitLab has no event that says who put the label {self.doing} on it"
            return self._is(Result.UNKNOWN, "remote", why)
        if self.doubt:
            return self._is(
                Result.UNKNOWN if self.doubt.answered is None else Result.FAILED, "remote", self.doubt.message
            )
        why = f"it was moved back at once; GitLab says that it belongs to {_holder(seen)}"
        return self._is(Result.FAILED, "remote", why)

    def _is(self, result: Result, code: str, message: str) -> Outcome:
        return of_issue(self.issue, result, code, message)


def _holder(issue: Issue) -> str:
    return ", ".join(issue.assignees) or "nobody"
