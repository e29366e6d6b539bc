"""The Backlog as lists: what can be picked, and what I own of it with its due dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from secops_oncall.domain.backlog import BoardList, Offered, is_overdue
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.pages import Page
from secops_oncall.domain.text import clean, plural, shorten
from secops_oncall.domain.times import effort
from secops_oncall.streams import Streams
from secops_oncall.views.issues import FIELDS, labels_of, title_of
from secops_oncall.views.screen import age
from secops_oncall.views.table import Column, Field, Listing, Output, print_list

_FITS = {True: "yes", False: "no", None: ""}
_LEAST = 12  # columns that a title keeps in a warning
_OFFERED: tuple[Field[Offered], ...] = (
    *(Field[Offered](each.name, each.value) for each in FIELDS),
    Field("fits", lambda issue: issue.fits),
)
AnyIssue = TypeVar("AnyIssue", bound=Issue)


@dataclass(frozen=True)
class Table:
    """How a list is answered: its format, the first so many, and the time it is (aware) in my own time zone."""

    output: Output | None
    now: datetime
    limit: int | None = None


def print_backlog(streams: Streams, issues: Sequence[Offered], table: Table, name: str = "Backlog") -> None:
    """Print sorted issues as work to pick from the list of that name: weight, estimate, whether it fits, due date."""
    empty = f"Nothing can be picked from the list {clean(name)}."
    listing = Listing(lambda issue: issue.ref, _OFFERED, _offered_columns(table.now), empty)
    print_list(streams, listing, issues, table.output, table.limit)


def print_mine(streams: Streams, issues: Sequence[Issue], table: Table) -> None:
    """Print what I own, sorted by due date; what is overdue is called so."""
    listing = Listing(lambda issue: issue.ref, FIELDS, _mine_columns(table.now), "You own nothing of the Backlog.")
    print_list(streams, listing, issues, table.output, table.limit)


def say_what_comes_first(streams: Streams, pages: Sequence[Page]) -> None:
    """Warn of the pages of mine that are active, most urgent first: until they are done with nothing is suggested."""
    if pages:
        more = f" and {plural(len(pages) - 1, 'more page')} of yours come" if pages[1:] else " comes"
        begin, end = f"page {pages[0].number} ", f"{more} first: oncall show {pages[0].number}"
        streams.warn(begin + shorten(clean(pages[0].title), max(streams.room - len(begin + end), _LEAST)) + end)


def say_what_is_hidden(streams: Streams, board_list: BoardList) -> None:
    """Say of which lists of the board GitLab doesn't tell whether an issue stands there instead."""
    if board_list.hidden:
        kinds = " and ".join(board_list.hidden)
        streams.say(f"the board has {kinds} lists, too: what stands in them can't be told from {board_list.name}")


def labelled(items: Sequence[Offered]) -> list[tuple[str, Offered]]:
    """What is picked from, each with a line about it: its ref, its weight, its estimate, and its title, in columns."""
    costs = [_cost(item) for item in items]
    wide = max((len(item.ref) for item in items), default=0), max(map(len, costs), default=0)
    return [
        (f"{item.ref:<{wide[0]}}  {cost:<{wide[1]}}  {title_of(item)}", item)
        for item, cost in zip(items, costs, strict=True)
    ]


def due(issue: Issue, today: date) -> str:
    """When it falls due, and in a word that it is overdue; empty where it never does."""
    return f"{issue.due_date} overdue" if is_overdue(issue, today) else issue.due_date or ""


def _cost(item: Offered) -> str:
    weight = "" if item.weight is None else f"weight {item.weight}"
    return ", ".join(filter(None, (weight, _estimate(item), "too long" if item.fits is False else "")))


def _offered_columns(now: datetime) -> tuple[Column[Offered], ...]:
    return (
        Column("issue", lambda issue: issue.ref, url=lambda issue: issue.url),
        Column("weight", _weight, lambda _: "bold"),
        Column("estimate", _estimate, lambda _: "dim", drop=3),
        Column("fits", lambda issue: _FITS[issue.fits], lambda issue: "" if issue.fits else "dim"),
        _due_column(now, drop=1),
        Column("age", lambda issue: age(now - issue.created_at), lambda _: "dim", drop=2),
        Column("assignee", lambda issue: ", ".join(issue.assignees), lambda _: "dim", least=8, drop=4),
        Column("labels", labels_of, lambda _: "dim", least=12, drop=5),
        Column("title", title_of, least=28),
    )


def _mine_columns(now: datetime) -> tuple[Column[Issue], ...]:
    return (
        Column("issue", lambda issue: issue.ref, url=lambda issue: issue.url),
        _due_column(now),
        Column("weight", _weight, lambda _: "dim", drop=3),
        Column("estimate", _estimate, lambda _: "dim", drop=4),
        Column("idle", lambda issue: age(now - issue.updated_at), lambda _: "dim", drop=2),
        Column("labels", labels_of, lambda _: "dim", least=12, drop=5),
        Column("title", title_of, least=28),
    )


def _due_column(now: datetime, drop: int = 0) -> Column[AnyIssue]:
    today = now.date()
    return Column("due", lambda issue: due(issue, today), lambda issue: _due_style(issue, today), drop=drop)


def _due_style(issue: Issue, today: date) -> str:
    return "bold red" if is_overdue(issue, today) else "dim"


def _weight(issue: Issue) -> str:
    return "" if issue.weight is None else str(issue.weight)


def _estimate(issue: Issue) -> str:
    return effort(timedelta(seconds=issue.time_estimate)) if issue.time_estimate else ""
