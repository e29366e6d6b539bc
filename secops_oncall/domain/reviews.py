"""Reviews of the labelled issues: what I saw of each and when, which count, and what is still to be seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from secops_oncall.domain.events import Event, KnownShift
from secops_oncall.domain.issues import Activity, Issue
from secops_oncall.domain.times import parse

Verdict = Literal["human", "handled", "noise", "skip"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
WORDS: Mapping[str, str] = {"human": "needs a human", "handled": "handled", "noise": "noise", "skip": "skipped"}
APART = timedelta(hours=1)  # a review counts only so long after the one before that counted


@dataclass(frozen=True)
class Review:
    """One review of the labelled issues, as the journal has it; `verdicts` are by the issue's ref.

    `why` is what was said of one that was made elsewhere; `counts` is worked out among a shift's reviews.
    """

    at: datetime
    by: str
    seen: int
    new: int
    changed: int
    verdicts: Mapping[str, Any]
    source: str
    why: str = ""
    counts: bool = True

    @property
    def human(self) -> list[str]:
        """The refs of the issues that were found to need a human."""
        return [ref for ref, given in self.verdicts.items() if given == "human"]


@dataclass(frozen=True)
class Look:
    """When I looked at an issue last, the time of its last activity that I saw then, and my verdict."""

    at: datetime
    activity: datetime
    verdict: str = ""


@dataclass(frozen=True)
class Past:
    """What the journal knows of my reviews: the last look at each issue by its global id, and since when all are seen.

    `everything` is the time of the last review that was made elsewhere: it saw whatever was there.
    """

    looks: Mapping[int, Look]
    everything: datetime | None = None

    def of(self, issue: Issue) -> Look | None:
        """My last look at an issue; None where I have never seen it."""
        look = self.looks.get(issue.id)
        if self.everything and issue.created_at <= self.everything and (look is None or look.at < self.everything):
            return Look(self.everything, self.everything)
        return look

    def judged(self, issue: Issue) -> Issue:
        """The issue with what became of it since I looked last; another's doing or mine is not told apart here."""
        look = self.of(issue)
        if look is None:
            return replace(issue, change="new")
        return replace(
            issue, change="changed" if issue.updated_at > look.activity else "unchanged", reviewed_at=look.at
        )


@dataclass(frozen=True)
class Reading:
    """An issue as it was read, and everything that happened to it, oldest first."""

    issue: Issue
    activity: tuple[Activity, ...]

    def meanwhile(self, before: "Reading", me: str) -> list[Activity]:
        """What others than me (a user name) did since an earlier reading."""
        return [one for one in self.activity if one.who != me and one not in before.activity]


@dataclass(frozen=True)
class Duty:
    """My reviews in my shift, oldest first, each with whether it counts; `by` is my name.

    `shift` is None where I am not on call and was not in the last 12 hours: then they are the reviews `since` then,
    and none counts. `made` is the one of them that was just made.
    """

    by: str
    due: int
    shift: KnownShift | None
    since: datetime
    reviews: tuple[Review, ...] = ()
    made: Review | None = None

    @property
    def done(self) -> int:
        """How many of the reviews count."""
        return sum(review.counts for review in self.reviews)

    def counts_from(self, moment: datetime) -> datetime | None:
        """From when on the next review counts after a moment (aware); None where one counts at once.

        One that lies ahead was made by a clock that was fast, and makes none wait.
        """
        counted = [review.at for review in self.reviews if review.counts and review.at <= moment]
        return max(counted) + APART if counted else None

    def covers(self, moment: datetime) -> bool:
        """Whether a review that is made at a moment (aware) is one of the shift's."""
        return self.shift is not None and self.shift.covers(moment)

    def having(self, events: Iterable[Event], made: Event | None = None) -> "Duty":
        """The same with the reviews among these events, and the one that was just made.

        Those that were made outside of the shift don't count.
        """
        told = reviews(events)
        inside = iter(judged(one for one in told if self.covers(one.at)))
        marked = [next(inside) if self.covers(one.at) else replace(one, counts=False) for one in told]
        place = told.index(_review(made)) if made else None
        return replace(self, reviews=tuple(marked), made=None if place is None else marked[place])


def past(events: Sequence[Event], now: datetime) -> Past:
    """My reviews, folded from the journal's events in the order written.

    A review elsewhere saw nothing later than what was written behind it, and none that lies ahead of now (aware) is
    believed: the clock was fast then, and what changed since must not look as if it had been seen.
    """
    looks: dict[int, Look] = {}
    for event in events:
        if event.kind == "verdict":
            id, seen = int(event.data.get("issue", 0)), parse(event.data.get("activity")) or event.at
            if id not in looks or seen >= looks[id].activity:
                looks[id] = Look(event.at, seen, str(event.data.get("verdict", "")))
    elsewhere, earliest = [], datetime.max.replace(tzinfo=UTC)
    for event in reversed(events):
        earliest = min(earliest, event.at)
        if event.kind == "review" and event.data.get("source") == "elsewhere" and earliest <= now:
            elsewhere.append(earliest)
    return Past(looks, max(elsewhere, default=None))


def verdict(issue: Issue, given: Verdict, at: datetime) -> Event:
    """A verdict on an issue as it was seen; no title, which may be confidential."""
    told = {"verdict": given, "issue": issue.id, "activity": issue.updated_at.isoformat(), "change": issue.change}
    return Event(at, "verdict", issue.ref, data=told)


def reviews(events: Iterable[Event]) -> list[Review]:
    """The reviews among the events, oldest first."""
    return [_review(event) for event in sorted(events, key=lambda one: one.at) if event.kind == "review"]


def judged(every: Iterable[Review]) -> list[Review]:
    """A shift's reviews, oldest first, each with whether it counts: an hour at least after the last one that did."""
    found: list[Review] = []
    last: datetime | None = None
    for review in every:
        counts = last is None or review.at - last >= APART
        last = review.at if counts else last
        found.append(replace(review, counts=counts))
    return found


def counting(every: Iterable[Review]) -> list[Review]:
    """Those of a shift's reviews that count."""
    return [review for review in judged(every) if review.counts]


def needing(events: Iterable[Event]) -> list[str]:
    """The refs of the issues that need a human by the last verdict on each: to skip one changes nothing."""
    last: dict[str, str] = {}
    for event in sorted(events, key=lambda one: one.at):
        if event.kind == "verdict" and event.data.get("verdict") != "skip":
            last[event.subject] = str(event.data.get("verdict"))
    return [ref for ref, given in last.items() if given == "human"]


def news(activity: Iterable[Activity], look: Look | None, me: str) -> list[Activity]:
    """What others than me (a user name) did since my look; nothing where I have never looked."""
    return [one for one in activity if look and one.at > look.activity and one.who != me]


def walk(issues: Iterable[Issue], given: Mapping[int, Event]) -> tuple[list[Issue], int]:
    """The order in which a review goes through the listed issues, and how many of them have their verdict already.

    Those come first, in the order of their verdicts; then what is new or changed, and at last the unchanged. One that
    changed again since its verdict is to be seen again.
    """
    seen: list[Issue] = []
    left: list[Issue] = []
    for issue in issues:
        (seen if issue.id in given and issue.change != "changed" else left).append(issue)
    seen.sort(key=lambda issue: given[issue.id].at)
    left.sort(key=lambda issue: issue.change == "unchanged")
    return [replace(issue, change=given[issue.id].data.get("change")) for issue in seen] + left, len(seen)


def unended(events: Sequence[Event], since: datetime, own: Iterable[Event] = ()) -> list[Event]:
    """The verdicts since a moment that no review has ended, and one's `own` all the same, in the order written.

    A review tells which verdicts it ended, so that neither another terminal's nor a clock that was wrong ends more. One
    that doesn't tell ended those before it; one that was made elsewhere ends none.
    """
    ends = [event for event in events if event.kind == "review" and event.data.get("source") != "elsewhere"]
    ended = {uid for event in ends for uid in event.data.get("ended", ())}
    until = max((event.at for event in ends if "ended" not in event.data), default=None)
    mine = {event.uid for event in own}

    def is_open(event: Event) -> bool:
        return event.at >= since and event.uid not in ended and (until is None or event.at > until)

    return [event for event in events if event.kind == "verdict" and (event.uid in mine or is_open(event))]


def latest(verdicts: Iterable[Event]) -> dict[int, Event]:
    """The last of the verdicts on each issue, by its global id."""
    return {int(event.data.get("issue", 0)): event for event in verdicts}


def ended(verdicts: Sequence[Event], by: str, at: datetime) -> Event:
    """A review in which every issue has its verdict: the last on each counts, and all are ended by it."""
    given = latest(verdicts).values()
    changes = [event.data.get("change") for event in given]
    told = {
        "by": by,
        "seen": len(given),
        "new": changes.count("new"),
        "changed": changes.count("changed"),
        "verdicts": {event.subject: event.data.get("verdict") or "" for event in given},
        "source": "oncall",
        "ended": [event.uid for event in verdicts],
    }
    return Event(at, "review", data=told)


def elsewhere(by: str, why: str, at: datetime) -> Event:
    """A review that was made without this program."""
    told = {"by": by, "seen": 0, "new": 0, "changed": 0, "verdicts": {}, "source": "elsewhere"}
    return Event(at, "review", text=why, data=told)


def _review(event: Event) -> Review:
    told = event.data
    return Review(
        at=event.at,
        by=told.get("by", ""),
        seen=told.get("seen", 0),
        new=told.get("new", 0),
        changed=told.get("changed", 0),
        verdicts=told.get("verdicts", {}),
        source=told.get("source", "oncall"),
        why=event.text,
    )
