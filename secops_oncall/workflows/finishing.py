"""The end of a pick: done, which closes the issue, or given back; with a comment that is written once."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.backlog import BoardList, begun, date_of_pick, last_begin, picks, was_given_back
from secops_oncall.domain.comments import Comment
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, IssueNote, LabelEvent
from secops_oncall.domain.markdown import typed
from secops_oncall.domain.outcomes import DRY_RUN, THERE, Outcome, Result
from secops_oncall.domain.text import quoted
from secops_oncall.errors import NotFoundError, UsageError
from secops_oncall.ports import GitLab
from secops_oncall.workflows.backlog import Desk
from secops_oncall.workflows.commenting import say
from secops_oncall.workflows.once import Found
from secops_oncall.workflows.outcomes import Acted, remember
from secops_oncall.workflows.writing import AGAIN, edit_once, of_issue, writer


@dataclass(frozen=True)
class End:
    """How a pick is to end: `text` is what the engineer says to it, None nothing; `known` may be mentioned in it."""

    ref: str
    text: str | None = None
    known: Collection[str] = ()
    dry_run: bool = False


def done(desk: Desk, end: End, now: datetime) -> Acted:
    """Close an issue of mine, with a comment first where there is one; run again it does what is missing.

    Refused where it is somebody else's or nobody's, or no pick. Where the comment can't be written it stays open.
    """
    _check(end, "--comment", 'oncall backlog done ISSUE --comment "what came of it", or without it')
    held = _Held.look(desk, end, "closing")
    closed = held.issue.state != "opened"
    refused = None if closed and held.is_mine else held.why_not()
    if refused and closed and end.text is None:
        why = f"closed already, and {refused.message}"
        refused = replace(refused, result=Result.ALREADY, code="closed", message=why)
    if refused:
        return Acted([refused])
    already = of_issue(held.issue, Result.ALREADY, "closed", "") if closed else None
    return held.end("done", end.text, already, IssueEdit(close=True), _still_open, now)


def drop(desk: Desk, end: End, now: datetime) -> Acted:
    """Give an issue of mine back to the list, saying why; run again it does what is missing.

    Others who have it keep it; a due date that the pick had set goes, whichever machine picked it. Refused where it is
    closed, or not mine.
    """
    _check(end, "--why", 'oncall backlog drop ISSUE --why "what the next one should know"')
    held = _Held.look(desk, end, "giving back", back=True)
    if held.issue.state != "opened":
        return Acted([of_issue(held.issue, Result.REFUSED, "closed", "it is closed")])
    back = not held.is_mine and was_given_back(held.events, held.board_list, held.me.id)
    refused = None if back else held.why_not()
    if refused:
        return Acted([refused])
    already = of_issue(held.issue, Result.ALREADY, "given_back", f"back in {held.board_list.name}") if back else None
    change = held.board_list.given_back(held.issue, held.me, held.own_date)
    return held.end("drop", f"Given back: {end.text}", already, change, held.still_here, now)


def _check(end: End, option: str, hint: str) -> None:
    if end.text is not None and not typed(end.text).strip():
        raise UsageError(f"{option} is empty", hint)


def _still_open(seen: Issue) -> str:
    return "" if seen.state == "closed" else "it is still open"


@dataclass(frozen=True)
class _Held:
    """An issue as it was looked at, and everything that its end depends on."""

    desk: Desk
    board_list: BoardList
    asked: End
    issue: Issue
    events: Sequence[LabelEvent]
    me: GitLabUser
    notes: Sequence[IssueNote] = ()  # only where it goes back

    @classmethod
    def look(cls, desk: Desk, end: End, deed: str, *, back: bool = False) -> "_Held":
        """One wave; raises what GitLab raises, and where it goes `back` NotFoundError for a label that isn't there."""
        me = threads.start(lambda: writer(desk.gitlab, deed))
        board_list = desk.board_list()
        labels = [board_list.label] if back and board_list.label else []
        missing = threads.start(lambda: desk.gitlab.missing_labels(end.ref.rpartition("#")[0], labels))
        events = threads.start(lambda: desk.gitlab.label_events(end.ref))
        notes = threads.start(lambda: desk.gitlab.notes(end.ref) if back else [])
        issue, user = desk.gitlab.issue(end.ref), me.result()
        for label in missing.result():
            raise NotFoundError(f"{issue.project} has no label {quoted(label)}", "set backlog.list")
        return cls(desk, board_list, end, issue, events.result(), user, notes.result())

    @property
    def is_mine(self) -> bool:
        return self.me.username in self.issue.assignees

    @property
    def own_date(self) -> str | None:
        """The due date that the pick had set: as this machine's journal has it, else as GitLab tells."""
        pick = picks(self.desk.journal.events()).get(self.issue.ref)
        told = date_of_pick(self.issue, self.events, self.notes, self.board_list.doing, self.me)
        return pick.due if pick and pick.due else told

    def why_not(self) -> Outcome | None:
        """The outcome of an issue that isn't mine to end, None for one that is."""
        if not self.is_mine:
            holder = ", ".join(self.issue.assignees)
            code, why = ("assigned", f"it belongs to {holder}") if holder else ("unassigned", "nobody has picked it")
            return of_issue(self.issue, Result.REFUSED, code, why)
        pick = picks(self.desk.journal.events()).get(self.issue.ref)
        moved = begun(self.board_list.board, self.board_list.doing, self.issue)
        if moved or self.board_list.holds(self.issue) or (pick and pick.counts):
            return None
        where = f"the board {self.board_list.board.name}"
        return of_issue(self.issue, Result.REFUSED, "not_in_list", f"it is yours, but no work of {where}")

    def still_here(self, seen: Issue) -> str:
        """What GitLab's answer lacks of an issue given back, nothing where it is back."""
        if self.me.username in seen.assignees:
            return "it is still assigned to you"
        if self.board_list.doing in seen.labels:
            return f"it still has the label {self.board_list.doing}"
        return "" if self.board_list.holds(seen) else f"it is not in {self.board_list.name}"

    def end(
        self,
        kind: str,
        text: str | None,
        already: Outcome | None,
        change: IssueEdit,
        lacks: Callable[[Issue], str],
        now: datetime,
    ) -> Acted:
        """The comment, and behind it the change (unless it is there `already`): what became of each."""
        key = f"{self.issue.id}/{last_begin(self.events, self.board_list.doing)}"
        comments = [] if text is None else [self._comment(Comment(text, self.asked.known, kind, key), now)]
        if self.asked.dry_run:
            planned = already or of_issue(self.issue, Result.PLANNED, "dry_run", DRY_RUN)
            return Acted([*comments, planned])
        if all(comment.result in THERE for comment in comments):
            outcome = already or _changed(self.desk.gitlab, self.issue, change, lacks)
        else:
            outcome = already or _left(self.issue, comments)
        title = "" if self.issue.confidential else self.issue.title
        event = Event(now, kind, self.issue.ref, title, {"result": outcome.result})
        return Acted([*comments, outcome], remember(self.desk.journal, [event]))

    def _comment(self, said: Comment, now: datetime) -> Outcome:
        desk, dry_run = self.desk, self.asked.dry_run
        return say(desk.gitlab, desk.journal, self.issue, said, now, clock=desk.clock, dry_run=dry_run)


def _left(issue: Issue, comments: Sequence[Outcome]) -> Outcome:
    """The outcome of an issue whose comment is not there, or may not be: then that one says when to look again."""
    unknown = any(comment.result is Result.UNKNOWN for comment in comments)
    why = f"left as it is, since the comment {'may not be' if unknown else 'is not'} there"
    left = of_issue(issue, Result.REFUSED, "comment", why)
    return left if unknown else replace(left, hint=f"{AGAIN}, for what is missing")


def _changed(gitlab: GitLab, issue: Issue, change: IssueEdit, lacks: Callable[[Issue], str]) -> Outcome:
    """ONE request, and what became of it; nothing is raised."""

    def told(now: Found[Issue]) -> Outcome:
        missing, why = lacks(now.value), f"{now.why};" if now.why else "GitLab answered, but"
        if missing:
            return of_issue(issue, now.otherwise, "remote", f"{why} {missing}")
        return of_issue(issue, Result.DONE, "", "")

    return edit_once(gitlab, issue, change, told)
