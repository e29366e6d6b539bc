"""The Backlog: what can be picked and fits the time left, when a pick falls due, and who was the first to pick."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta, tzinfo

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Board, GitLabUser, Issue, IssueEdit, IssueNote, IssueQuery, LabelEvent
from secops_oncall.domain.pages import Page
from secops_oncall.domain.shifts import Shift

OPEN = "Open"  # GitLab's own first list: what stands in none of the board's others
SENT = "sent"  # the result of a pick that was begun, and of which the journal knows no end
_SOME_MILESTONE = ("Any", "Started", "Upcoming")  # rules that a board may have in a milestone's stead
_WEEK = timedelta(days=7)
_RACE = timedelta(minutes=5)  # no two picks that compete are further apart: a command gives up after 30 s
_COMMAND = timedelta(seconds=30)  # so long one command writes to an issue


@dataclass(frozen=True)
class Offered(Issue):
    """An issue that can be picked; `fits` is None where it has no time estimate, or the time left isn't known."""

    fits: bool | None = None


@dataclass(frozen=True)
class BoardList:
    """The list of a board that is picked from: a label's, or with None GitLab's own Open list.

    `doing` is the label that a pick moves to.
    """

    board: Board
    label: str | None
    doing: str

    @property
    def name(self) -> str:
        """What it is called on the board."""
        return self.label or OPEN

    @property
    def hidden(self) -> tuple[str, ...]:
        """The kinds of the board's lists whose issues can't be told from those in this one (gitlab.md, "Boards").

        An assignee's list is none of them: only what nobody has is picked.
        """
        kinds = () if self.label else self.board.others
        return tuple(dict.fromkeys(kind for kind in kinds if kind != "assignee"))

    def queries(self, me: str) -> list[IssueQuery]:
        """What GitLab is asked for what a user can pick: what nobody has, and of a label's list what they were given.

        In the Open list any issue of theirs may stand. REST knows no "issues in a list" (gitlab.md, "Boards").
        """
        without = (self.doing,) if self.label else (*self.board.lists, self.doing)
        labels = (*self.board.scope, self.label) if self.label else self.board.scope
        whose = [self.board.assignee] if self.board.assignee else ["None", *([me] if self.label else [])]
        return [replace(within(self.board, one), labels=labels, without=tuple(dict.fromkeys(without))) for one in whose]

    def holds(self, issue: Issue) -> bool:
        """Whether an issue stands in the list, open or closed."""
        there = set(issue.labels)
        listed = self.label in there if self.label else there.isdisjoint(self.board.lists)
        return listed and in_scope(self.board, issue)

    def offers(self, issue: Issue, me: str) -> bool:
        """Whether a user may pick an issue: it is open, in the list and not begun, and nobody else's."""
        free = issue.assignees in ((), (me,)) and self.doing not in issue.labels
        shown = self.holds(issue) and self.board.assignee in (None, *issue.assignees)
        return issue.state == "opened" and free and shown

    def taken(self, issue: Issue, me: GitLabUser, due: date) -> IssueEdit:
        """The one change that a pick is: it leaves every other list of the board, and gets a date where it has none."""
        day = None if issue.due_date else due.isoformat()
        return IssueEdit((me.id,), (self.doing,), self._lists_but(self.doing), day)

    def given_back(self, issue: Issue, me: GitLabUser, own_date: str | None) -> IssueEdit:
        """The one change that gives it back: others keep it, and the due date goes if the pick had set it."""
        others = [id for id, name in zip(issue.assignee_ids, issue.assignees, strict=True) if name != me.username]
        day = "" if own_date and own_date == issue.due_date else None
        back = (self.label,) if self.label else ()
        return IssueEdit(tuple(others), back, (*self._lists_but(self.label, self.doing), self.doing), day)

    def _lists_but(self, *labels: str | None) -> tuple[str, ...]:
        """The other lists' labels, whether it has them or not: it may have been moved since it was looked at."""
        return tuple(each for each in self.board.lists if each not in labels)


def list_named(board: Board, name: str, doing: str) -> BoardList | None:
    """The list of that name, else of one that differs in case only, else GitLab's own Open list if that is its name."""
    alike = [each for each in board.lists if each.casefold() == name.casefold()]
    if alike:
        return BoardList(board, name if name in alike else alike[0], doing)
    return BoardList(board, None, doing) if name.casefold() == OPEN.casefold() else None


def within(board: Board, assignee: str) -> IssueQuery:
    """The open issues of somebody's, or of nobody's (`None`), in the place and the scope of a board."""
    return IssueQuery(
        board.place,
        board.kind,
        board.scope,
        assignee=assignee,
        milestone=board.milestone,
        weight=board.weight,
        described=False,
    )


def in_scope(board: Board, issue: Issue) -> bool:
    """Whether an issue has what every issue of the board has."""
    return set(board.scope) <= set(issue.labels) and _has_milestone(board, issue) and _has_weight(board, issue)


def _has_milestone(board: Board, issue: Issue) -> bool:
    """Whether an issue has the milestone of a board; which ones are `Started` or `Upcoming` only GitLab knows."""
    if board.milestone in _SOME_MILESTONE:
        return issue.milestone is not None
    return board.milestone is None or (issue.milestone or "None") == board.milestone


def _has_weight(board: Board, issue: Issue) -> bool:
    """Whether an issue has the weight of a board; a negative one stands for none."""
    return board.weight is None or (issue.weight is None if board.weight < 0 else issue.weight == board.weight)


def begun(board: Board, doing: str, issue: Issue) -> bool:
    """Whether an issue of the board was picked: it has the label of a pick, or of a list that comes later."""
    later = board.lists[board.lists.index(doing) :] if doing in board.lists else (doing,)
    return in_scope(board, issue) and not set(later).isdisjoint(issue.labels)


def offered(issue: Issue, left: timedelta | None) -> Offered:
    """An issue, and whether its time estimate fits into the time that is left of my shift."""
    known = issue.time_estimate is not None and left is not None
    fits = timedelta(seconds=issue.time_estimate or 0) <= (left or timedelta(0)) if known else None
    return Offered(**{each.name: getattr(issue, each.name) for each in fields(Issue)}, fits=fits)


def time_left(shift: Shift | None, now: datetime) -> timedelta | None:
    """What is left of a shift, nothing of one that is over; None without a shift, or where it has no end."""
    return max(shift.end - now, timedelta(0)) if shift and shift.end else None


def first_to_pick(sorted_items: Iterable[Offered]) -> Offered | None:
    """The first that fits; where none is known to, the first of which it isn't known. Never one that doesn't fit."""
    every = list(sorted_items)
    return next((item for wanted in (True, None) for item in every if item.fits is wanted), None)


def due(shift: Shift | None, now: datetime, zone: tzinfo) -> date:
    """When a pick falls due: the Sunday that ends the week after the one in which my shift ends, on my own calendar.

    A week begins on Monday, and a shift until midnight ends on the day before. Without an end it counts from now.
    """
    last = shift.end - timedelta(microseconds=1) if shift and shift.end else now
    day = last.astimezone(zone).date()
    return day + timedelta(days=6 - day.weekday()) + _WEEK


def is_overdue(issue: Issue, today: date) -> bool:
    """Whether the day on which an issue fell due is over."""
    return issue.due_date is not None and issue.due_date < today.isoformat()


def by_due_date(issues: Iterable[Issue]) -> list[Issue]:
    """What falls due first comes first, what never does last; then the oldest."""
    return sorted(issues, key=lambda issue: (issue.due_date is None, issue.due_date or "", issue.created_at))


def comes_first(page: Page, me: str, now: datetime) -> bool:
    """Whether a page of mine is active: open, assigned to me or acked by me, and not at rest."""
    mine = page.status != "resolved" and (page.is_mine(me) or page.acked_by(me))
    return mine and (page.snoozed_until is None or page.snoozed_until <= now)


def first_begin(events: Iterable[LabelEvent], doing: str, me: int) -> LabelEvent | None:
    """The event that says who was first to pick an issue (gitlab.md, "Pick protocol"); None: nobody has, or it is off.

    It is the earliest that put the label of a pick on since it was taken off last: a label is put on once, so that the
    slower of two leaves no event, unless both were on their way. What stands there from long before an event of mine
    is no rival's: GitLab has lost how that label came off.
    """
    since: list[LabelEvent] = []
    for event in _in_order(events, {doing}):
        since = [*since, event] if event.action == "add" else []
    mine = next((event for event in since if event.user.id == me), None)
    return next((event for event in since if mine is None or mine.at - event.at < _RACE), None)


def last_begin(events: Iterable[LabelEvent], doing: str) -> int:
    """The id of the event that put the label of a pick on last, and 0 where there is none: what a pick is told by."""
    return max((event.id for event in events if (event.label, event.action) == (doing, "add")), default=0)


def was_given_back(events: Iterable[LabelEvent], board_list: BoardList, me: int) -> bool:
    """Whether the last move of an issue on the board was mine, off what is being done."""
    moves = _in_order(events, {*board_list.board.lists, board_list.doing})
    if not moves or moves[-1].user.id != me:
        return False
    return moves[-1].action == "remove" or moves[-1].label == board_list.label


def overwrote(first: LabelEvent, notes: Iterable[IssueNote], me: str) -> bool:
    """Whether a user changed an issue together with whoever began it first, so that they may stand in their way.

    Told by the notes that GitLab itself writes of a change, and on its clock alone: nobody knows how wrong mine was.
    What a user changed long before or after is no race: the issue was given to them.
    """
    return any(note.system and note.author == me and abs(note.at - first.at) < _RACE for note in notes)


def date_of_pick(
    issue: Issue, events: Iterable[LabelEvent], notes: Iterable[IssueNote], doing: str, me: GitLabUser
) -> str | None:
    """The due date that a pick of mine gave an issue, from whichever machine, by GitLab's own notes.

    None where it has none, had it before the pick, or got another one since.
    """
    begins = [event for event in _in_order(events, {doing}) if event.action == "add"]
    dated = max(
        (note for note in notes if note.system and "due date" in note.text), key=lambda each: each.id, default=None
    )
    if not (begins and dated) or begins[-1].user.id != me.id or dated.author != me.username:
        return None
    return issue.due_date if timedelta(0) <= dated.at - begins[-1].at < _COMMAND else None


def _in_order(events: Iterable[LabelEvent], labels: Set[str]) -> list[LabelEvent]:
    return sorted((event for event in events if event.label in labels), key=lambda each: each.id)


@dataclass(frozen=True)
class Pick:
    """A pick of mine as the journal has it: how it ended (`sent`: not known), and the due date that it set."""

    result: str
    due: str | None

    @property
    def counts(self) -> bool:
        """Whether the issue may have become mine by it."""
        return self.result in ("done", "unknown")

    @property
    def was_cut_off(self) -> bool:
        """Whether it isn't known to be the first: it may stand in another's way."""
        return self.result in (SENT, "unknown", "refused")


def picks(events: Iterable[Event]) -> dict[str, Pick]:
    """My picks by the issue's ref, but for those that I was done with or gave back since."""
    found: dict[str, Pick] = {}
    for event in sorted(events, key=lambda each: each.at):
        result = str(event.data.get("result"))
        if event.kind == "pick":
            found[event.subject] = Pick(result, event.data.get("due"))
        elif event.kind in ("done", "drop") and result in ("done", "already"):
            found.pop(event.subject, None)
    return found
