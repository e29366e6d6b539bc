"""Picking an issue of the Backlog: looked at again, ONE request, and the proof that nobody else was first."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from secops_oncall import threads
from secops_oncall.domain.backlog import SENT, BoardList, due, first_begin, first_to_pick, overwrote, picks
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import GitLabUser, Issue
from secops_oncall.domain.outcomes import DRY_RUN, Outcome, Result
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.text import clean, plural, quoted, shorten
from secops_oncall.domain.times import span
from secops_oncall.errors import NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.backlog import Backlog, Desk, list_backlog
from secops_oncall.workflows.outcomes import Acted, remember
from secops_oncall.workflows.proving import Proof
from secops_oncall.workflows.writing import of_issue, writer

Choose = Callable[[Backlog], Issue]


@dataclass(frozen=True)
class Wish:
    """Which issue is wanted: the one named; else with `following` the first that fits, or one that is chosen."""

    ref: str | None = None
    following: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Picked(Acted):
    """What became of it, and what nobody should miss."""

    warnings: list[str] = field(default_factory=list)


def pick(desk: Desk, wish: Wish, choose: Choose, now: datetime) -> Picked:
    """Make an issue of the Backlog mine, to completion; four waves, also where a colleague was faster.

    Refused where it is closed, somebody's, begun already or not in the list. Raises AuthError for a bot's token,
    NotFoundError for a label that does not exist, since GitLab would create it (gitlab.md, "Writing issues"), and
    UsageError where nothing can be chosen.
    """
    me = threads.start(lambda: writer(desk.gitlab, "pick"))
    board_list = desk.board_list()
    ref = wish.ref or (_next(list_backlog(desk, now)) if wish.following else choose(list_backlog(desk, now))).ref
    shift = threads.start(lambda: desk.shift(now))
    missing = threads.start(lambda: desk.gitlab.missing_labels(ref.rpartition("#")[0], [board_list.doing]))
    issue, user = desk.gitlab.issue(ref), me.result()
    _check_label(missing.result(), issue, board_list)
    day, warnings = _due(desk, shift, now)
    stopped = _why_not(issue, user, board_list)
    if stopped and stopped.result is Result.ALREADY and not wish.dry_run:
        return _finished(desk, board_list, issue, user, stopped, now)
    if stopped or wish.dry_run:
        return Picked([stopped or of_issue(issue, Result.PLANNED, "dry_run", DRY_RUN)])
    return replace(_send(desk, board_list, issue, user, day, now), warnings=[] if issue.due_date else warnings)


def _why_not(issue: Issue, me: GitLabUser, board_list: BoardList) -> Outcome | None:
    """The outcome of an issue that is not to be picked, None for one that is."""
    if issue.state != "opened":
        return of_issue(issue, Result.REFUSED, "closed", "it is closed")
    if me.username in issue.assignees and board_list.doing in issue.labels:
        return of_issue(issue, Result.ALREADY, "mine", "yours already")
    if issue.assignees not in ((), (me.username,)):
        return of_issue(issue, Result.REFUSED, "assigned", f"it belongs to {', '.join(issue.assignees)}")
    if board_list.doing in issue.labels:
        return of_issue(issue, Result.REFUSED, "in_progress", f"it is in {board_list.doing} already, and nobody's")
    if not board_list.offers(issue, me.username):
        where = f"the list {board_list.name} of the board {board_list.board.name}"
        return of_issue(issue, Result.REFUSED, "not_in_list", f"it is not in {where}")
    return None


def _next(found: Backlog) -> Issue:
    """The first issue that fits; UsageError while a page of mine is active, and where there is none."""
    for problem in found.problems:
        raise problem
    if found.pages:
        page = found.pages[0]
        more = f" and {plural(len(found.pages) - 1, 'more page')} come" if found.pages[1:] else " comes"
        title = shorten(clean(page.title), 60)
        raise UsageError(f"page {page.number} {title}{more} first", f"oncall show {page.number}")
    item = first_to_pick(found.issues)
    if item is None and found.issues and found.left is not None:
        what = f"none of {plural(len(found.issues), 'issue')} fits the {span(found.left)} left of your shift"
        raise UsageError(what, "oncall backlog pick ISSUE")
    if item is None:
        raise UsageError(f"the list {found.board_list.name} holds nothing that can be picked", "oncall backlog")
    return item


def _check_label(missing: list[str], issue: Issue, board_list: BoardList) -> None:
    for label in missing:
        raise NotFoundError(
            f"{issue.project} has no label {quoted(label)}, and GitLab would create it",
            f"set backlog.doing; the board's lists are {', '.join(board_list.board.lists) or 'none'}",
        )


def _due(desk: Desk, asked: "Future[Shift | None]", now: datetime) -> tuple[date, list[str]]:
    """When the pick falls due, and a warning where my shift could not be asked for."""
    try:
        return due(asked.result(), now, desk.zone), []
    except OncallError as error:
        why = f"when your shift ends is not known, so the due date counts from today: {error.message}"
        return due(None, now, desk.zone), [why]


def _send(desk: Desk, board_list: BoardList, issue: Issue, me: GitLabUser, day: date, now: datetime) -> Picked:
    """The one request and its proof; what is begun is in the journal before it, and how it ended behind it."""
    change, doubt = board_list.taken(issue, me, day), None
    problems = _keep(desk, issue, SENT, change.due_date, now)
    try:
        desk.gitlab.edit(issue, change)
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            _keep(desk, issue, Result.FAILED, None, now)
            raise
        doubt = error
    outcome = Proof(desk.gitlab, board_list.doing, issue, me, change.due_date, doubt).outcome()
    return Picked([outcome], problems or _keep(desk, issue, outcome.result, change.due_date, now))


def _finished(
    desk: Desk, board_list: BoardList, issue: Issue, me: GitLabUser, already: Outcome, now: datetime
) -> Picked:
    """What has come of an issue that is mine: put back where a pick of it was cut off behind a colleague's."""
    begun = picks(desk.journal.events()).get(issue.ref)
    if begun is None or begun.result == Result.DONE:
        return Picked([already])
    written = threads.start(lambda: desk.gitlab.notes(issue.ref))
    first = first_begin(desk.gitlab.label_events(issue.ref), board_list.doing, me.id)
    rival = None if first is None or first.user.id == me.id else first
    if rival is None or not (begun.was_cut_off and overwrote(rival, written.result(), me.username)):
        return Picked([already], _keep(desk, issue, Result.DONE, begun.due, now))
    lost = Proof(desk.gitlab, board_list.doing, issue, me).lost(rival.user)
    return Picked([lost], _keep(desk, issue, lost.result, None, now))


def _keep(desk: Desk, issue: Issue, result: str, day: str | None, now: datetime) -> list[OncallError]:
    """Remember a pick, without the title of what is confidential."""
    title, told = "" if issue.confidential else issue.title, {"due": day} if day else {}
    return remember(desk.journal, [Event(now, "pick", issue.ref, title, {"result": result, **told})])
