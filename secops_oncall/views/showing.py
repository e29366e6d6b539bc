"""One page whole on a screen, with the issue behind it."""

from datetime import UTC, datetime, tzinfo
from typing import Literal

from secops_oncall.domain.pages import KinPage, Page, PageDetail, PendingAction, WholeIssue
from secops_oncall.domain.snoozing import NOBODY
from secops_oncall.domain.text import plural, shorten
from secops_oncall.domain.times import both, span
from secops_oncall.streams import Streams
from secops_oncall.views.jsonable import print_json
from secops_oncall.views.pages import comes_back, countdown, is_late, names, state
from secops_oncall.views.screen import Screen, age

# What is worth doing with a page in each state; `{0}` is its number.
_NEXT = {
    "triggered": (("oncall ack {0}", "make it yours: whoever acks owns it"),),
    "acknowledged": (
        ('oncall note "what you saw" --page {0}', "write it down at once"),
        ("oncall resolve {0}", "the alarm; the work goes on in the issue"),
    ),
    "resolved": (('oncall note "what you know" --page {0}', "the work goes on in the issue"),),
}
# What PagerDuty does by itself, by the kind of a pending action (api-schema, PendingAction).
_BY_ITSELF = {
    "escalate": "next level",
    "unacknowledge": "ack runs out",
    "resolve": "resolves by itself",
    "urgency_change": "urgency changes",
}
_KIN = 3
_DETAILS, _ENTRIES, _NOTES, _LINES, _ALERTS = 12, 10, 3, 4, 5  # how much of each a screen has room for


def print_page(
    streams: Streams,
    page: PageDetail,
    output: Literal["text", "json"],
    now: datetime,
    zone: tzinfo = UTC,
) -> None:
    """One page whole, with the issue behind it and that issue's notes where they are known; times also in `zone`."""
    if output == "json":
        print_json(streams, page)
        return
    screen = Screen(streams)
    screen.heading(f"{page.number}  {page.title}", {str(page.number): page.url})
    alert = "bold red" if page.status == "triggered" else "bold"
    screen.line(", ".join(filter(None, [state(page), f"{page.urgency} urgency", page.priority])), alert)
    _facts(screen, page, now, zone)
    _alerts(screen, page)
    _said(screen, page, now, zone)
    _timeline(screen, page, now, zone)
    _what_next(screen, page)
    screen.show(whole=True)


def _nexts(page: PageDetail, now: datetime, zone: tzinfo) -> list[str]:
    """All that PagerDuty does by itself and when, soonest first; of a snoozed page also in whose shift."""
    found, back = list[tuple[datetime, str]](), comes_back(page, now)
    if at := page.due or back:
        shift = f"in {page.whose_shift}'s shift" if page.whose_shift != NOBODY else "when nobody is on call"
        words = [countdown(page, now), both(at, now, zone), *([shift] if back and page.whose_shift else [])]
        found.append((at, ", ".join(words)))
    for action in page.pending_actions:
        told = page.due if action.kind == "escalate" else action.kind == "unacknowledge" and action.at == back
        if not told:
            found.append((action.at, f"{_by_itself(action, now)}, {both(action.at, now, zone)}"))
    return [text for _, text in sorted(found)]


def _by_itself(action: PendingAction, now: datetime) -> str:
    words, left = _BY_ITSELF.get(action.kind, action.kind.replace("_", " ")), span(action.at - now)
    return f"{words} in {left}" if action.at > now else f"{words}: due {left} ago"


def _facts(screen: Screen, page: PageDetail, now: datetime, zone: tzinfo) -> None:
    screen.fact("Service", page.service)
    screen.fact("Began", f"{span(now - page.created_at)} ago, {both(page.created_at, now, zone)}")
    screen.fact("Next", *_nexts(page, now, zone), style="bold red" if is_late(page, now) else "bold")
    screen.fact("Owner", _owner(page, now, zone))
    screen.fact("Acting", _acting(page, now, zone))
    screen.fact("Assigned", names(page.assigned_to))
    screen.fact("Engaged", names(page.engaged), _left(page, now, zone))
    screen.fact("Issue", *_issue(page), links={one.ref: one.url for one in (page.issue, *page.issue_candidates) if one})
    screen.fact("Runbook", page.runbook or "")
    screen.fact("Bridge", page.conference_url or "")
    screen.fact("Links", page.url, *page.links)
    screen.fact("Fields", *(f"{name}: {value}" for name, value in page.custom_fields.items()))
    screen.fact("Similar", *(_akin(other, now) for other in page.similar[:_KIN]))
    screen.fact("Related", *(_akin(other, now) for other in page.related[:_KIN]))


def _akin(other: KinPage, now: datetime) -> str:
    """A page akin to the one on the screen, its id first: `oncall show` takes it."""
    return f"{other.id} {f'{age(now - other.created_at)} ago, ' if other.created_at else ''}{other.title}"


def _issue(page: PageDetail) -> list[str]:
    """The issue behind a page in up to three lines: its state, its title where it is another one, its URL.

    Where several may be it, a line for each.
    """
    issue = page.issue
    if issue is None:
        several = [f"{_brief(one)}{f': {one.title}' if one.title else ''}" for one in page.issue_candidates]
        return [f"one of {len(several)}:", *several] if several else ["none known"]
    words = [_brief(issue)]
    if issue.assignees is not None:
        words += [f"assigned to {', '.join(issue.assignees) or 'nobody'}", *(issue.labels or ())]
    title = issue.title if issue.title and issue.title != page.title else ""
    return [", ".join(words), title, issue.url]


def _brief(issue: WholeIssue) -> str:
    state = (issue.state or "").replace("opened", "open")
    return ", ".join(filter(None, [issue.ref, state, "confidential" if issue.confidential else ""]))


def _alerts(screen: Screen, page: PageDetail) -> None:
    if page.details:
        screen.heading("Details")
    for name, value in list(page.details.items())[:_DETAILS]:
        screen.fact(shorten(name, 24), value)
    _more(screen, len(page.details) - _DETAILS, page)
    if len(page.alerts) > 1:
        screen.heading(plural(len(page.alerts), "alert"))
        for alert in page.alerts[:_ALERTS]:
            screen.line(" ".join(filter(None, [alert.severity, alert.summary])))
        _more(screen, len(page.alerts) - _ALERTS, page)


def _said(screen: Screen, page: PageDetail, now: datetime, zone: tzinfo) -> None:
    if page.notes:
        screen.heading("Notes in PagerDuty")
        _more(screen, len(page.notes) - _NOTES, page)
    for note in page.notes[-_NOTES:]:
        screen.line(f"{both(note.at, now, zone)}, {note.who}", "dim")
        screen.lines(note.text, lead="    ", most=_LINES)
    comments = [note for note in (page.issue and page.issue.notes) or () if not note.system]
    if comments:
        screen.heading("Notes in the issue")
        _more(screen, len(comments) - _NOTES, page)
    for comment in comments[-_NOTES:]:
        private = ", internal" if comment.internal else ""
        screen.line(f"{both(comment.at, now, zone)}, {comment.author}{private}", "dim")
        screen.lines(comment.text, lead="    ", most=_LINES)


def _timeline(screen: Screen, page: PageDetail, now: datetime, zone: tzinfo) -> None:
    if not page.timeline:
        return
    screen.heading("Time line")
    entries = sorted(page.timeline, key=lambda entry: entry.at)
    _more(screen, len(entries) - _ENTRIES, page)
    for entry in entries[-_ENTRIES:]:
        screen.line(entry.text or f"{entry.kind} by {entry.who}", lead=f"  {both(entry.at, now, zone)}  ")


def _what_next(screen: Screen, page: PageDetail) -> None:
    screen.heading("Next")
    commands = [(command.format(page.number), why) for command, why in _NEXT[page.status]]
    wide = max(len(command) for command, _ in commands)
    for command, why in commands:
        screen.line(why, "dim", lead=f"  {command:<{wide}}  ")


def _more(screen: Screen, count: int, page: Page) -> None:
    if count > 0:
        screen.line(f"… {count} more: oncall show {page.number} --json", "dim")


def _owner(page: PageDetail, now: datetime, zone: tzinfo) -> str:
    if page.owner:
        return f"{page.owner.name}, acked {both(page.owner.acked_at, now, zone)}"
    if not page.timeline:  # every log begins with what triggered the page
        return "not known: its log could not be read"
    return {
        "triggered": "nobody yet: whoever acks it owns it",
        "acknowledged": f"acked by {names(page.acknowledged_by) or 'no person'}",
        "resolved": "nobody: it was resolved without an ack",
    }[page.status]


def _acting(page: PageDetail, now: datetime, zone: tzinfo) -> str:
    """Who sees to it now: its owner, unless a note of its issue says otherwise; and what that waits for."""
    whose = page.charge
    if page.acting is None:
        return ""
    if whose is None or whose.since is None:
        return f"{page.acting.name}, the owner" if page.owner and page.acting.id == page.owner.id else page.acting.name
    gone = whose.on_break
    until = f"until {both(gone.back, now, zone)}" if gone and gone.back else ""
    waits = "the hand-off waits for its read-back" if whose.waits else ""
    return ", ".join(filter(None, [page.acting.name, f"since {both(whose.since, now, zone)}", until, waits]))


def _left(page: PageDetail, now: datetime, zone: tzinfo) -> str:
    gone = page.charge.left if page.charge else ()
    return ", ".join(f"{each.person.name} left {both(each.at, now, zone)}" for each in gone)
