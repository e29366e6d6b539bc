"""The Backlog: what can be picked from the board, what comes first, and what I own of it."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeVar

from secops_oncall import threads
from secops_oncall.domain.backlog import (
    OPEN,
    BoardList,
    Offered,
    begun,
    by_due_date,
    comes_first,
    first_to_pick,
    list_named,
    offered,
    picks,
    time_left,
)
from secops_oncall.domain.changeovers import RULES, ShiftRules
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue, IssueQuery, smallest_first
from secops_oncall.domain.pages import Page, urgent_first
from secops_oncall.domain.people import Role, RoleName, zone_of
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.text import quoted
from secops_oncall.errors import ConfigError, NotFoundError, OncallError
from secops_oncall.ports import GitLab, Journal, PagerDuty
from secops_oncall.workflows import this_shift
from secops_oncall.workflows.outcomes import distinct
from secops_oncall.workflows.pages import ours
from secops_oncall.workflows.writing import owner

T = TypeVar("T")


@dataclass(frozen=True)
class BoardName:
    """Which list of which board: `place` is a group or project, `doing` the label that a pick moves to."""

    place: str
    board: str
    backlog: str
    doing: str


@dataclass(frozen=True)
class Desk:
    """Whom a command about the Backlog asks; without PagerDuty neither my pages nor my shift are known."""

    gitlab: GitLab
    pagerduty: PagerDuty | None
    journal: Journal
    name: BoardName
    roles: Mapping[Role, RoleName]
    rules: ShiftRules = RULES
    clock: Callable[[], datetime] | None = None  # when a comment is sent, where that is not when the command began

    @property
    def zone(self) -> tzinfo:
        """My time zone as PagerDuty has it, UTC where nobody knows."""
        try:
            return (zone_of(self.pagerduty.me().time_zone) if self.pagerduty else None) or UTC
        except OncallError:
            return UTC

    def board_list(self) -> BoardList:
        """The list to pick from; NotFoundError, with the lists there are, where the board has none of that name."""
        board = self.gitlab.board(self.name.place, self.name.board)
        found = list_named(board, self.name.backlog, self.name.doing)
        if found is None:
            raise NotFoundError(
                f"the board {quoted(board.name)} of {board.place} has no list {quoted(self.name.backlog)}",
                f"set backlog.list to one of: {', '.join((*board.lists, OPEN))} (what is in none of them)",
            )
        return found

    def shift(self, now: datetime) -> Shift | None:
        """My shift now or the one that ended just now; raises what PagerDuty raises."""
        if self.pagerduty is None:
            return None
        return this_shift.find(self.pagerduty, self.journal, self.roles, now, self.rules)


@dataclass(frozen=True)
class Backlog:
    """What can be picked, smallest first, and the `pages` of mine that come first, most urgent first.

    `left` is the time left of my shift; `problems` are what could not be asked.
    """

    board_list: BoardList
    issues: list[Offered]
    pages: list[Page] = field(default_factory=list)
    shift: Shift | None = None
    left: timedelta | None = None
    problems: list[OncallError] = field(default_factory=list)

    @property
    def suggested(self) -> Offered | None:
        """The issue to pick next; none while a page of mine is active, or where that isn't known."""
        return None if self.pages or self.problems else first_to_pick(self.issues)


def board_name(board: str | None, backlog: str, doing: str) -> BoardName:
    """The board that `backlog.board` names; ConfigError where it is not set, or a setting is not of its form."""
    place, name = (part.strip() for part in (board or "").partition(":")[::2])
    if not (place and name):
        what = "backlog.board is not set" if not board else f"backlog.board is {quoted(board)}"
        raise ConfigError(what, 'set it to "group/project:BOARD NAME" or "group:BOARD NAME"')
    if backlog.casefold() == doing.casefold():
        raise ConfigError(f"backlog.list and backlog.doing are both {quoted(doing)}", "set one of them to another list")
    return BoardName(place, name, backlog, doing)


def list_backlog(desk: Desk, now: datetime) -> Backlog:
    """What can be picked from the board's list, smallest first, and what comes before it; one wave, the board cached.

    Raises what GitLab raises; where PagerDuty can't be asked its part is missing, and said so.
    """
    pages = threads.start(lambda: _active(desk, now))
    shift = threads.start(lambda: desk.shift(now))
    me, board_list = desk.gitlab.me().username, desk.board_list()
    listed = threads.each(desk.gitlab.issues, board_list.queries(me))
    found = [issue for some in listed for issue in some if board_list.offers(issue, me)]
    problems: list[OncallError] = []
    active, turn = _answer(pages, problems), _answer(shift, problems)
    left = time_left(turn, now)
    issues = [offered(issue, left) for issue in smallest_first(found)]
    return Backlog(board_list, issues, active or [], turn, left, distinct(problems))


def list_mine(desk: Desk) -> list[Issue]:
    """What I own from the Backlog, as `mine` has it; AuthError for a bot's token."""
    owner(desk.gitlab)
    return mine(desk.gitlab, desk.journal.events(), desk.name)


def mine(gitlab: GitLab, events: Iterable[Event], name: BoardName) -> list[Issue]:
    """What I own from the Backlog, from whichever shift and machine, what falls due first first; one wave.

    GitLab tells: an open issue of the board that is assigned to me, with the label of a pick, of a later list, or of
    the list that is picked from, where somebody gave it to me. The journal's `events` add what I picked and what is
    still assigned to me, wherever it was moved.
    """
    picked = {ref for ref, pick in picks(events).items() if pick.counts}
    me, board = gitlab.me().username, gitlab.board(name.place, name.board)
    held = gitlab.issues(IssueQuery(board.place, board.kind, assignee=me, described=False))
    waiting = list_named(board, name.backlog, name.doing)

    def is_work(issue: Issue) -> bool:
        given = waiting is not None and waiting.label is not None and waiting.holds(issue)
        return given or begun(board, name.doing, issue) or issue.ref in picked

    return by_due_date(issue for issue in held if is_work(issue))


def _active(desk: Desk, now: datetime) -> list[Page]:
    """The pages of mine that come first."""
    if desk.pagerduty is None:
        return []
    me = desk.pagerduty.me()
    return urgent_first(page for page in ours(desk.pagerduty) if comes_first(page, me.id, now))


def _answer(asked: Future[T], problems: list[OncallError]) -> T | None:
    """What was asked for; None where it failed, which is added to the problems."""
    try:
        return asked.result()
    except OncallError as error:
        problems.append(error)
        return None
