"""The Backlog: what can be picked from the board, and picking it, which means owning it to completion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Board, GitLabUser, Issue, IssueEdit, IssueQuery, smallest_first
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.text import quoted
from secops_oncall.errors import ConfigError, NotFoundError, OncallError, RemoteError
from secops_oncall.ports import GitLab, Journal, PageQuery, PagerDuty
from secops_oncall.workflows.outcomes import Acted, remember
from secops_oncall.workflows.writing import of_issue, writer

Choose = Callable[[Sequence[Issue]], Sequence[Issue]]


@dataclass(frozen=True)
class BoardName:
    """Which list of which board: `place` is a group or project, `doing` the label that a pick moves to."""

    place: str
    board: str
    backlog: str
    doing: str


@dataclass(frozen=True)
class Backlog:
    """What can be picked, how many of my pages want me first, and what could not be asked."""

    issues: list[Issue]
    active_pages: int
    problems: list[OncallError]


def board_name(board: str | None, backlog: str, doing: str) -> BoardName:
    """The board that `backlog.board` names; ConfigError where it is not set or not of its form."""
    place, name = (part.strip() for part in (board or "").partition(":")[::2])
    if not (place and name):
        what = "backlog.board is not set" if not board else f"backlog.board is {quoted(board)}"
        raise ConfigError(what, 'set it to "group/project:BOARD NAME" or "group:BOARD NAME"')
    return BoardName(place, name, backlog, doing)


def list_backlog(gitlab: GitLab, pagerduty: PagerDuty | None, name: BoardName) -> Backlog:
    """The open, unassigned issues of the board's Backlog list, smallest first; one wave with the board cached."""
    pages = threads.start(lambda: _active_pages(pagerduty))
    board = gitlab.board(name.place, name.board)
    issues = gitlab.issues(IssueQuery(board.place, board.kind, (*board.scope, _list_label(board, name))))
    free = smallest_first(issue for issue in issues if not issue.assignees)
    return Backlog(free, *pages.result())


def pick(
    gitlab: GitLab,
    journal: Journal,
    name: BoardName,
    ref: str | None,
    choose: Choose,
    now: datetime,
    *,
    dry_run: bool = False,
) -> Acted:
    """Make an issue of the Backlog mine: look again, then ONE request that assigns and moves it.

    Refused where it is closed, somebody's, or not in the list; AuthError for a bot's token; NotFoundError for a
    label that does not exist, since GitLab would create it (gitlab.md, "Writing issues").
    """
    me = threads.start(lambda: writer(gitlab, "pick"))
    board = gitlab.board(name.place, name.board)
    label = _list_label(board, name)
    if ref is None:
        waiting = gitlab.issues(IssueQuery(board.place, board.kind, (*board.scope, label), assignee="None"))
        ref = choose(smallest_first(waiting))[0].ref
    missing = threads.start(lambda: gitlab.missing_labels(ref.partition("#")[0], [name.doing]))
    issue, user = gitlab.issue(ref), me.result()
    if missing.result():
        raise NotFoundError(
            f"{issue.project} has no label {quoted(name.doing)}, and GitLab would create it", "set backlog.doing"
        )
    stopped = _why_not(issue, user, (*board.scope, label), name.doing)
    if stopped or dry_run:
        return Acted([stopped or of_issue(issue, Result.PLANNED, "dry_run", "not sent: this is a dry run")])
    others = [each for each in board.lists if each in issue.labels and each != name.doing]
    outcome = _send(gitlab, issue, user, name.doing, others)
    event = Event(now, "pick", issue.ref, "" if issue.confidential else issue.title, {"result": outcome.result})
    return Acted([outcome], remember(journal, [event]))


def _active_pages(pagerduty: PagerDuty | None) -> tuple[int, list[OncallError]]:
    if pagerduty is None:
        return 0, []
    try:
        return len(pagerduty.pages(PageQuery(("triggered",), users=(pagerduty.me().id,)))), []
    except OncallError as error:
        return 0, [error]


def _list_label(board: Board, name: BoardName) -> str:
    """The label of the list to pick from, by exact name, else by one that differs in case only."""
    alike = [each for each in board.lists if each.casefold() == name.backlog.casefold()]
    if not alike:
        raise NotFoundError(
            f"the board {quoted(board.name)} of {board.place} has no list {quoted(name.backlog)}",
            f"set backlog.list to one of: {', '.join(board.lists) or 'none, it has no label list'}",
        )
    return name.backlog if name.backlog in alike else alike[0]


def _send(gitlab: GitLab, issue: Issue, me: GitLabUser, doing: str, others: Sequence[str]) -> Outcome:
    """The one request, and what became of it; where no answer came, or only a 5xx, the issue itself is asked."""
    try:
        return _picked(gitlab.edit(issue, IssueEdit((me.id,), (doing,), tuple(others))), me, doing)
    except RemoteError as error:
        if error.answered is not None and error.answered < 500:
            raise
        why, otherwise = error.message, Result.UNKNOWN if error.answered is None else Result.FAILED
    try:
        found = _picked(gitlab.issue(issue.ref), me, doing)
    except OncallError as error:
        return of_issue(issue, Result.UNKNOWN, "remote", f"{why}; and to look it up failed: {error.message}")
    return found if found.result is Result.DONE else of_issue(issue, otherwise, "remote", why)


def _why_not(issue: Issue, me: GitLabUser, backlog: Sequence[str], doing: str) -> Outcome | None:
    """The outcome of an issue that is not to be picked, None for one that is; `backlog` are the list's labels."""
    if issue.state != "opened":
        return of_issue(issue, Result.REFUSED, "closed", "it is closed")
    if issue.assignees == (me.username,) and doing in issue.labels:
        return of_issue(issue, Result.ALREADY, "mine", "yours already")
    if issue.assignees not in ((), (me.username,)):
        return of_issue(issue, Result.REFUSED, "assigned", f"it belongs to {', '.join(issue.assignees)}")
    if not set(backlog) <= set(issue.labels):
        return of_issue(issue, Result.REFUSED, "not_in_list", f"it is not in the list {backlog[-1]} of the board")
    return None


def _picked(issue: Issue, me: GitLabUser, doing: str) -> Outcome:
    """What GitLab's own answer says of the pick."""
    if me.username not in issue.assignees:
        holder = ", ".join(issue.assignees) or "nobody"
        return of_issue(issue, Result.FAILED, "remote", f"GitLab answered that it belongs to {holder}")
    if doing not in issue.labels:
        return of_issue(issue, Result.FAILED, "remote", f"GitLab answered without the label {doing}")
    return of_issue(issue, Result.DONE, "", "yours to completion, the following week included")
