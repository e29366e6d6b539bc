"""One incident whole, as the hand-off would have it: for whoever is brought in now."""

from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.answered import accepted_shifts
from secops_oncall.domain.events import notes as notes_of
from secops_oncall.domain.incidents import Incident, incidents
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import PageDetail
from secops_oncall.domain.said import said
from secops_oncall.domain.shifts import this_shift
from secops_oncall.domain.whole import whole
from secops_oncall.errors import NotFoundError, UsageError
from secops_oncall.workflows.incidents import LAST_SHIFT, Desk
from secops_oncall.workflows.meant import Meant


def brief(desk: Desk, meant: Meant, now: datetime) -> Incident:
    """All that is known of an incident now; one wave by its pages' ids. UsageError for one whose issue is closed."""
    linked = threads.start(lambda: desk.gitlab.links(meant.issue.ref))
    read = threads.each(lambda id: _page(desk, id), meant.pages)
    pages = {page.id: page for page in read if page}
    events, me = desk.journal.events(), meant.me
    shift = this_shift(meant.entries, desk.settings.roles, me.id, now, desk.settings.rules, accepted_shifts(events))
    since = shift.start if shift else now - LAST_SHIFT
    own = [event for event in events if event.at >= since]
    facts = Facts(
        since=since,
        until=now,
        me=me.person,
        gitlab_url=desk.settings.gitlab_url,
        open_pages=frozenset(page.id for page in pages.values() if page.status != "resolved"),
        pages=pages,
        issues={meant.issue.ref: meant.issue},
        comments={meant.issue.ref: meant.notes},
        links={meant.issue.ref: linked.result()},
        journal=notes_of(events, since),
        said=said(own),
        people=meant.people,
        zones={me.id: me.time_zone},
        believed=frozenset(author.casefold() for author in (*meant.people, desk.settings.bot) if author),
        bot=desk.settings.bot,
        shift=meant.about.shift,
        channel=desk.settings.destinations.channel,
    )
    found = next((each for each in incidents(facts) if each.id == meant.issue.ref), None)
    if found is None:
        raise UsageError(f"{meant.issue.ref} is closed, and no page of it is open", f"reopen {meant.issue.ref} first")
    return found


def _page(desk: Desk, id: str) -> PageDetail | None:
    """A page with its log, alerts and notes; None where an issue only quotes what looks like one."""
    log = threads.start(lambda: desk.pagerduty.log(id))
    alerts = threads.start(lambda: desk.pagerduty.alerts(id))
    notes = threads.start(lambda: desk.pagerduty.notes(id))
    try:
        return whole(desk.pagerduty.page(id), log.result(), alerts.result(), notes.result())
    except NotFoundError:
        return None
