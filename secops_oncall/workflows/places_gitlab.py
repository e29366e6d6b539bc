"""The places of a hand-off in GitLab: a comment on an issue, and the shift's hand-over issue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from secops_oncall.domain.documents import Handover
from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, IssueNote, NewIssue
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.outcomes import NOTE, Outcome, Result
from secops_oncall.domain.posting import Spot, Step, same
from secops_oncall.domain.slack import Message
from secops_oncall.domain.thread_line import described, text_in, thread_in
from secops_oncall.ports import GitLab
from secops_oncall.workflows.places import Sent

HANDOVER = "gitlab"
LINE = "thread"  # the key of the hand-over issue's line that says where Slack has it
PUBLIC = "it is there, but all who see the issue can read it"


@dataclass(frozen=True)
class NoteOnIssue:
    """A comment: `there` is mine that is to be changed; `why` is said where nothing is sent."""

    gitlab: Callable[[], GitLab]
    issue: Issue
    mark: Mark
    text: str
    internal: bool
    step: Step = Step.NEW
    there: IssueNote | None = None
    why: str = ""

    @property
    def spot(self) -> Spot:
        return Spot(NOTE, f"{self.mark.kind} {self.mark.key}")

    @property
    def planned(self) -> Outcome:
        issue, result = self.issue, Result.ALREADY if self.step is Step.KEEP else Result.QUEUED
        told = Outcome(str(issue.id), result, ref=issue.ref, place=NOTE, url=issue.url, message=self.why)
        return self._checked(told, self.there.internal) if self.there and self.step is Step.KEEP else told

    def send(self) -> Sent:
        if self.there and self.step is Step.CHANGE:
            note = self.gitlab().update_note(self.issue.ref, self.there.id, self.text, str(self.mark))
        else:
            note = self.gitlab().add_note(self.issue.ref, self.text, [str(self.mark)], internal=self.internal)
        return self._done(note)

    def look(self) -> Sent | None:
        note = self.gitlab().marked(self.issue.ref, [str(self.mark)]).get(str(self.mark))
        return self._done(note) if note and same(note.text, self.text) else None

    def _done(self, note: IssueNote) -> Sent:
        words = {Step.CHANGE: "changed in its place", Step.ADD: "an addendum, which asks for another read-back"}
        told = ", ".join(filter(None, (words.get(self.step, ""), "internal" if note.internal else "")))
        done = replace(self.planned, result=Result.DONE, message=told, url=f"{self.issue.url}#note_{note.id}")
        return Sent(self._checked(done, note.internal))

    def _checked(self, told: Outcome, internal: bool) -> Outcome:
        """A note that was to be internal and isn't: mails have gone out by now, and nothing can be taken back."""
        if internal or not self.internal:
            return told
        hint = f"oncall open {self.issue.ref}, and delete it there, or set handoff.internal to false"
        return replace(told, result=Result.FAILED, code="remote", message=PUBLIC, hint=hint)


@dataclass(frozen=True)
class HandoverIssue:
    """The shift's hand-over issue: `there` is mine or the automation's, `thread` where Slack has it, with its `url`.

    `users` are its assignees, the incoming engineer first. `key` is LINE where only that line is to be added.
    """

    gitlab: Callable[[], GitLab]
    document: Handover
    users: Sequence[GitLabUser] = ()
    step: Step = Step.NEW
    there: Issue | None = None
    thread: Message | None = None
    url: str = ""
    why: str = ""
    key: str = "issue"

    @property
    def spot(self) -> Spot:
        return Spot(HANDOVER, self.key)

    @property
    def planned(self) -> Outcome:
        result = Result.ALREADY if self.step is Step.KEEP else Result.QUEUED
        return self._told(self.there, result, self.why)

    def send(self) -> Sent:
        text, mark = described(self.document.text, self.thread, self.url), str(self.document.mark)
        if self.there:
            edit = IssueEdit(self._assignees(self.there), description=f"{text}\n\n{mark}")
            return self.shown(self.gitlab().edit(self.there, edit))
        ids = tuple(user.id for user in self.users)
        new = NewIssue(self.document.project, self.document.title, text, confidential=True, assignees=ids)
        return self.shown(self.gitlab().create(new, mark))

    def look(self) -> Sent | None:
        if self.there:
            found: Issue | None = self.gitlab().issue(self.there.ref)
        else:
            found = self.gitlab().created(self.document.project, str(self.document.mark))
        as_sent = found and same(text_in(found.description), self.document.text) and self._names(found)
        return self.shown(found) if found and as_sent else None

    def _names(self, issue: Issue) -> bool:
        """Whether it names the thread."""
        return self.thread is None or thread_in(issue.description) == self.thread

    def _assignees(self, issue: Issue) -> tuple[int, ...] | None:
        """Whom an issue is to be assigned to; None where the incoming engineer has it: a free server keeps but one."""
        if not self.users or self.users[0].username in issue.assignees:
            return None
        return tuple(user.id for user in self.users)

    def shown(self, issue: Issue) -> Sent:
        """The issue as GitLab has it: done, if it is confidential."""
        changed = "changed in its place" if self.step is Step.CHANGE else ""
        told = self._told(issue, Result.DONE, ", ".join(filter(None, (changed, self._whose(issue)))))
        if not issue.confidential:
            why = f"it is there, but not confidential: all who see {issue.project} can read it"
            hint = f"oncall open {issue.ref}, and make it confidential there, now"
            told = replace(told, result=Result.FAILED, code="remote", message=why, hint=hint)
        return Sent(told, issue)

    def _whose(self, issue: Issue) -> str:
        who = " and ".join(issue.assignees)
        closed = ", closed" if issue.state == "closed" else ""
        return f"confidential{closed}, assigned to {who or 'nobody'}"

    def _told(self, issue: Issue | None, result: Result, message: str) -> Outcome:
        id, ref, url = (str(issue.id), issue.ref, issue.url) if issue else (self.document.project, None, None)
        title = "" if self.key == LINE else self.document.title
        told = ", ".join(filter(None, ("where Slack has it" if self.key == LINE else "", message)))
        return Outcome(id, result, ref=ref, place=HANDOVER, title=title, url=url, message=told)
