"""Reviews: one issue on the screen with what is new about it, the keys, what a review found, and the list of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal

from secops_oncall.domain.issues import Activity, Issue
from secops_oncall.domain.markdown import link
from secops_oncall.domain.refs import issue_url
from secops_oncall.domain.reviews import VERDICTS, WORDS, Duty, Look, Reading, Review, news
from secops_oncall.domain.text import shorten
from secops_oncall.domain.times import both, iso
from secops_oncall.streams import Streams
from secops_oncall.views.jsonable import print_json
from secops_oncall.views.screen import Screen, age
from secops_oncall.views.table import Column, Field, Listing, Output, named, print_list

KEYS = {
    "o": ("open", "open it in the browser"),
    "c": ("comment", "write a comment in your editor"),
    "t": ("take", "assign it to you; somebody else's only after a second t"),
    "h": ("human", "verdict: it needs a human"),
    "d": ("done", "verdict: it is handled"),
    "n": ("noise", "verdict: it is noise"),
    "s": ("skip", "seen, without a verdict"),
    "u": ("unchanged", "skip all that are left and have not changed"),
    "b": ("back", "to the one before, to judge it anew"),
    "q": ("quit", "leave; oncall review goes on from there"),
}
FEW = 5  # issues that one line names
_NEWS, _NOTES, _LINES, _OPENING = 6, 2, 4, 6  # how many entries, notes, lines of a note and of a description

_FIELDS: tuple[Field[Review], ...] = (
    *named("at", "by", "seen", "new", "changed"),
    Field("verdicts", lambda review: [f"{ref}={given}" for ref, given in review.verdicts.items()]),
    *named("source", "why", "counts"),
)


def print_reviews(
    streams: Streams, duty: Duty, output: Output | None, now: datetime, limit: int | None = None, zone: tzinfo = UTC
) -> None:
    """Print the reviews of a shift, oldest first: what each found, and whether it counts."""
    columns: tuple[Column[Review], ...] = (
        Column("when", lambda review: both(review.at, now, zone)),
        Column("counts", lambda review: "yes" if review.counts else "no", lambda one: "" if one.counts else "bold"),
        Column("seen", lambda review: str(review.seen)),
        Column("new", lambda review: str(review.new), lambda _: "dim", drop=2),
        Column("changed", lambda review: str(review.changed), lambda _: "dim", drop=3),
        Column("by", lambda review: review.by, lambda _: "dim", least=8, drop=1),
        Column("found", _found, least=28),
    )
    empty = "No review in this shift yet." if duty.shift else "You are not on call, and made no review lately."
    listing = Listing(lambda review: iso(review.at), _FIELDS, columns, empty)
    print_list(streams, listing, duty.reviews, output, limit)


def tally(review: Review) -> str:
    """How many issues got which verdict; or where else the review was made."""
    if review.source == "elsewhere":
        return f"made elsewhere: {review.why}"
    counted = Counter(review.verdicts.values())
    return ", ".join(f"{counted[given]} {WORDS[given]}" for given in VERDICTS if counted[given]) or "nothing"


def summary(review: Review) -> str:
    """One line of what a review saw, and how many issues got which verdict."""
    if review.source == "elsewhere":
        return tally(review)
    return f"{review.seen} seen, {review.new} new, {review.changed} changed: {tally(review)}"


def needing(refs: Sequence[str], gitlab_url: str) -> str:
    """The issues that need a human, in Markdown: one line where they are few, else one for each of them below it."""
    links = [link(ref, issue_url(ref, gitlab_url)) for ref in refs]
    if len(links) <= FEW:
        return f"**Needs a human:** {', '.join(links)}"
    return "\n".join([f"**Needs a human ({len(links)}):**", *(f"  * {each}" for each in links)])


def print_duty(
    streams: Streams, duty: Duty, output: Literal["text", "json"], now: datetime, zone: tzinfo = UTC
) -> None:
    """Print the review that was just made: on standard error what it found, and whether it counts; or as JSON."""
    review = duty.made
    if review is None:
        return
    if output == "json":
        print_json(streams, review)
        return
    streams.done(f"reviewed: {summary(review)}")
    if review.human:
        streams.say(f"  Needs a human: {', '.join(review.human)}")
    told, counts_from = f"{duty.done} of {duty.due} in this shift.", duty.counts_from(review.at)
    if review.counts:
        streams.say(f"  It counts: {told}")
    elif not duty.covers(review.at) or counts_from is None:
        streams.warn("it counts for no shift: you are not on call")
    else:
        streams.warn(f"it does not count yet: one that ends from {both(counts_from, now, zone)} on does")
        streams.say(f"  {told}")


def say_beforehand(streams: Streams, duty: Duty, now: datetime, zone: tzinfo = UTC) -> None:
    """Say before a review begins that it would not count, where it wouldn't."""
    if not duty.covers(now):
        streams.warn("you are not on call: this review counts for no shift")
    elif (counts_from := duty.counts_from(now)) and counts_from > now:
        streams.warn(f"this review does not count if it ends before {both(counts_from, now, zone)}")


def _found(review: Review) -> str:
    return f"{tally(review)} ({', '.join(review.human)})" if review.human else tally(review)


@dataclass(frozen=True)
class Place:
    """Where a review stands: the issue's place among `count`, my look before, my verdict, my user name in GitLab."""

    at: int
    count: int
    look: Look | None
    given: str
    me: str


def print_reading(streams: Streams, reading: Reading, place: Place, now: datetime, zone: tzinfo = UTC) -> None:
    """Print one issue as it is reviewed: what it is, what others did since my last look, and the latest notes."""
    issue, fresh = reading.issue, news(reading.activity, place.look, place.me)
    screen = Screen(streams)
    screen.line("", lead="")
    screen.line(
        f"{place.at} of {place.count}: {issue.ref}, {_marks(issue)}", "bold", lead="", links={issue.ref: issue.url}
    )
    screen.line(issue.title, "bold", lead="")
    _facts(screen, issue, place, now, zone)
    if issue.description and not place.look:
        screen.heading("It says")
        screen.lines(issue.description, most=_OPENING)
    _news(screen, "Since then", fresh, now, zone)
    notes = [one for one in reading.activity if one.kind == "comment" and one not in fresh]
    _news(screen, "Latest notes", notes[-_NOTES:], now, zone)
    screen.show()


def print_meanwhile(streams: Streams, activity: Sequence[Activity], now: datetime, zone: tzinfo = UTC) -> None:
    """Print what others did to an issue while I was busy with it."""
    screen = Screen(streams)
    _news(screen, "Meanwhile", activity, now, zone)
    screen.show()


def say_meanwhile(streams: Streams, activity: Sequence[Activity]) -> None:
    """Say on standard error what others did while a verdict was given on what was there before."""
    for one in activity:
        streams.warn(f"meanwhile {one.who}: {shorten(' '.join(one.text.split()), 100)}")
    if activity:
        streams.say("  So the issue has changed since your verdict.")


def keys_line(width: int, keys: Sequence[str]) -> str:
    """The keys with their words on one line that fits: brackets mark the key, on a narrow terminal its capital."""
    words = [KEYS[key][0] for key in keys]
    forms = (
        " ".join(f"[{word[0]}]{word[1:]}" for word in words),
        " ".join(word.capitalize() for word in words),
        " ".join(keys),
    )
    return next((form for form in forms if len(form) < width), forms[-1])


def say_keys(streams: Streams, keys: Sequence[str]) -> None:
    """Say what each key does."""
    for key in keys:
        streams.say(f"  {key}  {KEYS[key][1]}")
    streams.say("  Enter  read the issue again")


def audience(issue: Issue, name: str) -> str:
    """Who will read a comment on an issue, and under whose name (a user name) it will stand."""
    those = "only who may see confidential issues of" if issue.confidential else "everybody who may see"
    return f"An ordinary comment by {name}: {those} {issue.project} can read it."


def _marks(issue: Issue) -> str:
    closed = "closed" if issue.state == "closed" else ""
    told = [issue.change or "", "confidential" if issue.confidential else "", closed]
    return ", ".join(filter(None, told))


def _facts(screen: Screen, issue: Issue, place: Place, now: datetime, zone: tzinfo) -> None:
    screen.fact("Labels", ", ".join(issue.labels))
    screen.fact("Assigned", ", ".join(issue.assignees) or "nobody")
    screen.fact("Page", issue.page or "")
    screen.fact(
        "Opened", f"{age(now - issue.created_at)} ago by {issue.author}, active {age(now - issue.updated_at)} ago"
    )
    if place.look:
        before = f": {WORDS[place.look.verdict]}" if place.look.verdict in WORDS else ""
        screen.fact("You looked", f"{both(place.look.at, now, zone)}{before}")
    screen.fact("Verdict", WORDS.get(place.given, ""), style="bold")


def _news(screen: Screen, title: str, activity: Sequence[Activity], now: datetime, zone: tzinfo) -> None:
    """What was done to an issue, each with who and when: comments in a few lines, the rest in one."""
    if not activity:
        return
    screen.heading(title)
    if len(activity) > _NEWS:
        screen.line(f"… {len(activity) - _NEWS} earlier", "dim")
    for one in activity[-_NEWS:]:
        who = f"{both(one.at, now, zone)}, {one.who}"
        if one.kind == "comment":
            screen.line(f"{who}{', internal' if one.internal else ''}", "dim")
            screen.lines(one.text, lead="    ", most=_LINES)
        else:
            screen.line(f"{who}: {one.text}")
