"""Who is engaged in an incident, who acts on it, and what is new about it: each a notice of its own, or why none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from secops_oncall.domain import declared, notices
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.notices import Notice
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.people import ROLES, Person, same
from secops_oncall.domain.shifts import holders
from secops_oncall.domain.telling import BEGUN, LASTS, alike
from secops_oncall.domain.times import clock, clock_ahead
from secops_oncall.errors import NotFoundError, UsageError
from secops_oncall.workflows import refs, telling
from secops_oncall.workflows.briefing import brief
from secops_oncall.workflows.incidents import Desk
from secops_oncall.workflows.meant import Meant
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.people import user_named
from secops_oncall.workflows.telling import Where, tell
from secops_oncall.workflows.writing import of_note

MOST = 500_000  # characters of an update: GitLab takes a million in a note, and quoting makes it longer


def words(text: str) -> str:
    """An update as it is kept; UsageError for an empty one, and one that no note has room for."""
    found = refs.words(text, "the update", 'oncall incident update "what is new"')
    if len(found) > MOST:
        raise UsageError(
            f"the update has more than {MOST:,} characters", "attach it to the issue, and say what it shows"
        )
    return found


def engage(desk: Desk, meant: Meant, person: Person, now: datetime) -> Notice | Outcome:
    """Somebody engaged, me or another one."""
    notice = notices.engage(meant.about, person)
    there = any(same(person, each) for each in meant.charge.engaged)
    return _already(desk, notice, f"{person.name} is engaged", now) if there else notice


def release(desk: Desk, meant: Meant, person: Person, now: datetime) -> Notice | Outcome:
    """Somebody engaged no longer; refused where they never were."""
    notice = notices.release(meant.about, person)
    gone = next((each for each in meant.charge.left if same(person, each.person)), None)
    if gone is None:
        why, there = f"nothing says that {person.name} is engaged", _takes_part(desk, meant, person, now)
        return notice if there else of_note(meant.issue, Result.REFUSED, "not_engaged", why)
    return _already(desk, notice, f"{person.name} left, {clock(gone.at, now)}", now)


def back_at(desk: Desk, meant: Meant, to: Person, back: datetime, typed: str, now: datetime) -> datetime:
    """When I am back from a break: as an earlier run of the same words told, where that has not got everywhere yet.

    The words of a duration name another moment with every minute.
    """
    notice = notices.go_on_break(meant.about, to, back, now, typed)
    for event in reversed(alike(desk.journal.events(BEGUN, now - LASTS), notice)):
        told = declared.until(event.text)
        if told and told > now and notices.go_on_break(meant.about, to, told, now).said == event.text:
            return told
    return back


def go_on_break(
    desk: Desk, meant: Meant, to: Person, back: datetime, now: datetime, typed: str = ""
) -> Notice | Outcome:
    """Somebody else acting until I am back; refused where by the notes not I act, but another one."""
    if same(to, meant.me.person):
        raise UsageError("whoever acts on your break must be somebody else", "oncall who")
    if back <= now:
        raise UsageError("the end of the break is over", "--back 45m, or --back 15:00")
    whose = meant.charge
    notice = notices.go_on_break(meant.about, to, back, now, typed)
    own = next((each for each in whose.breaks if each.user.casefold() == meant.user.username.casefold()), None)
    if own and same(own.to, to) and own.back == back.replace(second=0, microsecond=0):
        return _already(desk, notice, f"{to.name} acts until you are back, {clock_ahead(back, now)}", now)
    if own is None and whose.acting and not _may_act(desk, meant, whose.acting, now):
        since = f" since {clock(whose.since, now)}" if whose.since else ", the owner"
        refused = of_note(meant.issue, Result.REFUSED, "not_acting", f"{whose.acting.name} acts on it{since}, not you")
        return replace(refused, hint="oncall handoff accept, to take it over")
    return notice


def come_back(desk: Desk, meant: Meant, now: datetime) -> Notice | Outcome:
    """Me acting again after a break; refused where I am on none."""
    whose, me = meant.charge, meant.me.person
    notice = notices.come_back(meant.about)
    if whose.is_on_break(meant.user.username):
        return notice
    if whose.acting and same(whose.acting, me):
        return _already(desk, notice, "you act on it", now)
    acts = f", and {whose.acting.name} acts on it" if whose.acting else ""
    return of_note(meant.issue, Result.REFUSED, "no_break", f"you are on no break from it{acts}")


def high_impact(desk: Desk, meant: Meant, people: Sequence[Person], told: str, now: datetime) -> Notice | Outcome:
    """The managers engaged, with a brief of what is known (`told`, Markdown)."""
    notice = notices.high_impact(meant.about, people, told)
    said = meant.charge.high_impact
    if said is None:
        return notice
    who = next((one.name for user, one in meant.people.items() if user.casefold() == said.author.casefold()), "")
    return _already(desk, notice, f"{who or said.author} said so, {clock(said.at, now)}", now)


def managers(desk: Desk, meant: Meant, now: datetime) -> list[Person]:
    """Whoever is on call as manager; NotFoundError where nobody is."""
    found = [entry.person for entry in holders(desk.settings.roles["manager"], meant.entries, now)]
    if not found:
        raise NotFoundError("nobody is on call as manager", "oncall escalate, for the others")
    return found


def call(incident: Incident) -> str:
    """The command that calls a manager for an incident: by its earliest open page, since nobody comes for another."""
    still_open = sorted((page for page in incident.pages if page.status != "resolved"), key=lambda one: one.created_at)
    return f"oncall escalate {still_open[0].number} --to manager, to call them" if still_open else "oncall escalate"


def user(desk: Desk, meant: Meant, text: str | None) -> Person:
    """Whom a USER means, me where nobody is named; raises what `user_named` raises."""
    if text is None:
        return meant.me.person
    return user_named(desk.pagerduty, text, [entry.person.name for entry in meant.entries])


def carry_out(
    desk: Desk, what: Notice | Outcome, place: Where | None, now: datetime, *, dry_run: bool = False
) -> Acted:
    """Tell a notice in both places; what is none is its own outcome."""
    return Acted([what]) if isinstance(what, Outcome) else tell(desk, what, place, now, dry_run=dry_run)


def _takes_part(desk: Desk, meant: Meant, person: Person, now: datetime) -> bool:
    """Whether somebody takes part: by the issue, and where that doesn't tell, by all that is known, in another wave."""
    named = [*meant.issue.assignees, *(note.author for note in meant.notes if not note.system)]
    people = {user.casefold(): one for user, one in meant.people.items()}
    known = [*meant.charge.people, *filter(None, (people.get(user.casefold()) for user in named))]
    return any(same(person, one) for one in known) or any(same(person, one) for one in brief(desk, meant, now).engaged)


def _may_act(desk: Desk, meant: Meant, acting: Person, now: datetime) -> bool:
    """Whether I act: by the notes, or because it is my turn, and of whoever acts no note says so, nor are they on call.

    A shift may have ended without a hand-off.
    """
    if same(acting, meant.me.person):
        return True
    roles = desk.settings.roles
    engineers = [entry.person for entry in holders(roles["engineer"], meant.entries, now)]
    on_call = [entry.person for role in ROLES for entry in holders(roles[role], meant.entries, now)]
    my_turn = any(same(one, meant.me.person) for one in engineers)
    return meant.charge.since is None and my_turn and not any(same(one, acting) for one in on_call)


def _already(desk: Desk, notice: Notice, why: str, now: datetime) -> Notice | Outcome:
    """The outcome of what is so already, unless an earlier run has not told it everywhere."""
    if telling.begun(desk.journal, notice, now):
        return notice
    return of_note(notice.issue, Result.ALREADY, notice.kind, why)
