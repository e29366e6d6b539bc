"""What a hand-off lacks: every rule of it, each problem with its subject, its field, and the command that mends it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from secops_oncall.domain.documents import NAMED, Destinations
from secops_oncall.domain.handoff import Handoff, Unread
from secops_oncall.domain.incidents import Problem
from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.lint_incidents import Look, incident_problems, words_problems
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import OnCall
from secops_oncall.domain.posting import meant
from secops_oncall.domain.times import span
from secops_oncall.domain.wording import phone_in, token_in

LATE = timedelta(minutes=30)  # before the end of the shift the hand-off is to be written
UNFILED = timedelta(hours=12)  # where a shift has no end
BOT = "handoff.bot"  # the field of what that key is to mend


@dataclass(frozen=True)
class Context:
    """What lint looks at beside the hand-off: `until` what moment it tells, what was not read, pages of mine that
    nobody has acked, who is on call how long, when the last word was typed, and the places that are ours.

    `strange` is a draft of this shift's hand-over issue whose author nobody here believes.
    `flags` are those without which a command would mean this shift, where it is another one's hand-off.
    """

    until: datetime
    unread: Sequence[Unread] = ()
    unacked: Sequence[Page] = ()
    turns: Sequence[OnCall] = ()
    typed_at: datetime | None = None
    ours: Sequence[IssueQuery] = ()
    goes_on: bool = False  # whether the outgoing engineer is on call after the shift, too
    destinations: Destinations = field(default_factory=Destinations)
    strange: Issue | None = None
    flags: str = ""
    astray: bool = False  # whether the project of hand-over issues is not there


def linted(handoff: Handoff, context: Context) -> Handoff:
    """The hand-off with everything that it lacks, errors first; each incident with its own."""
    problems = lint(handoff, context)
    own: dict[str, list[Problem]] = {}
    for problem in problems:
        own.setdefault(problem.subject, []).append(problem)
    work = tuple(replace(incident, problems=tuple(own.get(incident.id, ()))) for incident in handoff.incidents)
    return replace(handoff, incidents=work, problems=tuple(problems))


def lint(handoff: Handoff, context: Context) -> list[Problem]:
    """Everything that a hand-off lacks (handoff.md, "When it is complete"), errors first, then incident by incident."""
    look = _look(handoff, context)
    whole = (each for rule in _RULES for each in rule(handoff, context))
    single = (each for incident in handoff.incidents for each in incident_problems(incident, look))
    found = (replace(problem, fix=meant(problem.fix, context.flags)) for problem in [*whole, *single])
    return sorted(found, key=lambda problem: problem.severity)


def gives_away(handoff: Handoff, context: Context, text: str) -> str | None:
    """What a text that goes to every place of a hand-off must not hold (E8), if it does."""
    if token_in(text) or phone_in(text):
        return "holds what looks like a secret or a phone number"
    return "names what a confidential issue is about" if _look(handoff, context).names_secret(text) else None


def _look(handoff: Handoff, context: Context) -> Look:
    return Look(context.until, context.turns, context.ours, context.destinations, handoff)


def _unread(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """E2: open work that may be missing, because a service could not be asked."""
    for each in context.unread:
        yield Problem("E2", "error", each.service, "incidents", each.message, each.hint)


def _incoming(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """E6: nobody takes over, or the outgoing engineer; W15: somebody does, but not at once."""
    fix, me = "oncall handoff post --to USER", handoff.outgoing
    if handoff.incoming is None:
        lack = "nobody is on call after this shift"
        lack = f"{me.name} is on call after this shift, too" if context.goes_on else lack
        yield Problem("E6", "error", me.name, "incoming", lack, fix)
    elif handoff.incoming.id == me.id:
        yield Problem("E6", "error", me.name, "incoming", f"{me.name} would hand off to {me.name}", fix)
    if handoff.gap:
        lack = f"nobody is on call for {span(handoff.gap.end - handoff.gap.start)} after this shift"
        backup = f"{handoff.backup.name} is the backup meanwhile" if handoff.backup else "and there is no backup"
        fix = "agree with the manager who covers it: oncall shift --weeks 1"
        yield Problem("W15", "warning", me.name, "incoming", f"{lack}; {backup}", fix)


def _unacked(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """E7: a page of mine that nobody has acked."""
    for page in sorted(context.unacked, key=lambda page: (page.created_at, page.id)):
        yield Problem("E7", "error", page.id, "pages", f"{page.title}: not acked yet", f"oncall ack {page.number}")


def _reviews(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """W1: fewer reviews of the labelled issues than are due."""
    done, due = len(handoff.reviews), handoff.reviews_due
    if done < due:
        what = f"the labelled issues were reviewed {done} of {due} times"
        fix = "oncall review, or oncall review --done --why TEXT"
        yield Problem("W1", "warning", handoff.outgoing.name, "reviews", what, fix)


def _late(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """W8: written less than half an hour before the end of the shift."""
    end, written = handoff.shift.end, context.typed_at or context.until
    if handoff.incidents and end and written > end - LATE:
        what = "written after the end of the shift"
        what = f"written {span(end - written)} before the end of the shift" if written < end else what
        fix = "tell them in a call what has changed: oncall handoff post"
        yield Problem("W8", "warning", handoff.outgoing.name, "incidents", what, fix)


def _unfiled(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """W9: improvements that have been unfiled for longer than a shift."""
    shift = handoff.shift
    longest = shift.end - shift.start if shift.end else UNFILED
    for note in handoff.improvements:
        if note.filed is None and context.until - note.at > longest:
            what = f"{note.kind}, unfiled for {span(context.until - note.at)}: {note.text}"
            fix = f"oncall improve --note {note.short}"
            yield Problem("W9", "warning", note.short, "improvements", what, fix)


def _places(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """W13: nowhere to post it but the issues, of a shift that has something to post; or an automation unknown here."""
    if context.strange:
        who, fix = context.strange.author, f"export ONCALL_HANDOFF_BOT={context.strange.author}"
        what = f"drafted by {who}, which is not your handoff.bot: posting opens a second hand-over issue"
        yield Problem("W13", "warning", context.strange.ref, BOT, what, f"{fix}, if that is your automation")
    channel, project = context.destinations.channel, context.destinations.project
    for key, value in {"handoff.slack_channel": channel, "handoff.project": project}.items():
        astray = context.astray and key == "handoff.project"
        if (handoff.incidents and not value) or astray:
            place = "Slack" if "slack" in key else "a hand-over issue"
            what = f"there is no {project}, which `{key}` names" if astray else f"`{key}` is not set"
            fix = f"export ONCALL_{key.replace('.', '_').upper()}=…"
            yield Problem("W13", "warning", handoff.outgoing.name, "places", f"{what}: nothing goes to {place}", fix)


def _unowned(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """W14: pages that were resolved, and nobody acked them."""
    for page in handoff.pages:
        if page.status == "resolved" and page.owner is None:
            fix = f'oncall note "who looked at it, and what it was" --page {page.number}'
            what = f"{page.title}: resolved, and nobody acked it"
            yield Problem("W14", "warning", page.id, "pages", what, fix)


def _notes(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """E8 and W7 in the engineer's own notes, which stand in the hand-over issue."""
    for note in {note.id: note for note in (*handoff.notes, *handoff.improvements)}.values():
        fix = f'oncall handoff post --anyway --why "…" (oncall notes shows {note.short})'
        yield from words_problems(note.text, note.short, "notes", fix)


def _crowded(handoff: Handoff, context: Context) -> Iterator[Problem]:
    """W4: more open incidents than Slack's twelve lines name."""
    count = len(handoff.incidents)
    if count > NAMED and context.destinations.channel:
        what = f"Slack's short form names {NAMED} of {count} open incidents; its thread has all of them"
        yield Problem("W4", "warning", handoff.outgoing.name, "incidents", what, "oncall handoff --slack")


_RULES: tuple[Callable[[Handoff, Context], Iterable[Problem]], ...] = (
    _unread,
    _incoming,
    _unacked,
    _reviews,
    _unowned,
    _late,
    _places,
    _unfiled,
    _notes,
    _crowded,
)
