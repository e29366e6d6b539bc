"""What has changed about each incident since it was last mine: what was said then and now, and what happened."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Literal

from secops_oncall.domain.since import Fact, Since
from secops_oncall.domain.text import clean, clean_lines, plural, shorten
from secops_oncall.domain.times import both, stamp
from secops_oncall.domain.traces import NextStep
from secops_oncall.streams import Streams
from secops_oncall.views.jsonable import print_json
from secops_oncall.views.screen import Screen

_LATEST, _LINES, _LONG = 5, 4, 400  # facts that are shown, lines of each, characters of a text


def print_since(
    streams: Streams,
    found: Sequence[Since],
    output: Literal["text", "json"],
    now: datetime,
    zone: tzinfo = UTC,
    *,
    whole: bool = True,
) -> None:
    """Print what has changed, incident by incident; those of which there is nothing to tell in one line.

    Not `whole` says that something could not be asked: that there is nothing is then not known.
    """
    if output == "json":
        print_json(streams, found)
        return
    screen = Screen(streams)
    for each in found:
        if each.is_news:
            _incident(screen, each, now, zone)
    same = [each.id for each in found if not each.is_news]
    if same:
        screen.heading(f"Nothing new: {', '.join(same)}")
    if not found:
        screen.heading("No open incidents, and none that you have held." if whole else "Nothing is known of incidents.")
    screen.show(whole=True)


def _incident(screen: Screen, each: Since, now: datetime, zone: tzinfo) -> None:
    held = f"held until {both(each.held_at, now, zone)}" if each.held_at else "new to you"
    screen.heading(f"{each.id}: {each.issue.title}", {each.id: each.issue.url})
    acting = f"acting: {each.acting.name}" if each.acting else ""
    screen.line(", ".join(filter(None, [held, "closed since" if each.state == "closed" else "", acting])), "dim")
    for change in each.changes:
        screen.line(f"{change.label}: {_text(change.now) or '(nothing any more)'}")
        if change.before:
            screen.line(_text(change.before), "dim", lead="    was: ")
    for step in each.closed_steps:
        screen.line(_step(step), lead="  closed: ")
    for step in each.new_steps:
        screen.line(_step(step), lead="  new:    ")
    if each.facts:
        screen.line(f"{plural(len(each.facts), 'new fact')}{':' if len(each.facts) <= _LATEST else ', the latest:'}")
        for fact in each.facts[-_LATEST:]:
            _fact(screen, fact, now, zone)


def _fact(screen: Screen, fact: Fact, now: datetime, zone: tzinfo) -> None:
    kind = "" if fact.kind == "comment" else f", {fact.kind}"
    screen.line(f"{both(fact.at, now, zone)} {fact.who}{kind}", "dim", lead="    ")
    screen.lines(clean_lines(fact.text).replace("**", ""), lead="      ", most=_LINES)


def _text(text: str) -> str:
    return shorten(" / ".join(clean(line) for line in text.split("\n") if line.strip()), _LONG)


def _step(step: NextStep) -> str:
    by = f", by {stamp(step.by)}" if step.by else ""
    return f"{clean(step.action)}{f', {clean(step.who)}' if step.who else ''}{by}"
