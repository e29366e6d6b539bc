"""The hand-off in the engineer's own editor: of one incident, or of all of them."""

from collections.abc import Collection, Mapping, Sequence

from secops_oncall.cli.desk import Desk
from secops_oncall.cli.options import OneFormat
from secops_oncall.domain.draft import Item, parse, render
from secops_oncall.domain.editing import Edited
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.text import clean
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.views.editing import item, print_edited, say_edited
from secops_oncall.workflows.editing import known, take

_BY_FLAGS = 'oncall handoff edit PAGE --state "what is true now"'


def write(desk: Desk, name: str | None, form: OneFormat, *, dry_run: bool) -> int:
    """Have the text of one incident (a PAGE or an ISSUE), or of all, edited, and keep what changed; the exit code."""
    home, code = desk.home, 0
    if not home.streams.attended:
        raise UsageError("there is no terminal to write on", _BY_FLAGS)
    if name:
        items, names = _one(desk, name)
    else:
        code = home.tell(desk.composed.problems)
        items, names = _all(desk, desk.composed.handoff.incidents)
    if not items:
        home.streams.say("There is no open work to write about.")
        return code
    edited = _edited(desk, items, names, dry_run)
    say_edited(home.streams, edited, dry_run=dry_run)
    print_edited(home.streams, edited, form, home.now(), desk.zone, single=name is not None)
    return code


def _edited(desk: Desk, items: Sequence[Item], names: Mapping[str, Collection[str]], dry_run: bool) -> list[Edited]:
    """Have the items edited and keep what changed; where it can't be kept the draft stays, and the text is printed."""
    home = desk.home
    draft = home.draft(render(items), f"handoff-{items[0].key}" if len(items) == 1 else "handoff")
    home.renew()
    times = desk.times()
    read = parse(draft.text, items, times)
    try:
        edited = take(desk.journal, items, read, names, times, desk.people, desk.since, dry_run=dry_run)
    except OncallError:
        home.streams.warn("what was written is not kept; it was:")
        home.streams.answer(draft.text)
        raise
    draft.discard()
    for note in times.notes:
        home.streams.warn(note)
    if read.stray:
        home.streams.warn(f"what stands before the first incident belongs to none: {clean(read.stray)}")
    return edited


def _all(desk: Desk, incidents: Sequence[Incident]) -> tuple[list[Item], dict[str, Collection[str]]]:
    """Incidents as they are edited, and all names of each by its key."""
    home, unread = desk.home, desk.composed.handoff.unread
    items = [item(each, home.now(), desk.zone, unread) for each in incidents]
    return items, {each.id: [*(page.id for page in each.pages), each.id] for each in incidents}


def _one(desk: Desk, name: str) -> tuple[list[Item], dict[str, Collection[str]]]:
    """One incident as it is edited; one that the hand-off has not, or that nobody can tell of, with what is known."""
    found = desk.incident(name)
    if found:
        for problem in desk.composed.problems:
            desk.home.streams.warn(problem.message)
        return _all(desk, [found])
    about = desk.subject(name)
    for warning in about.warnings:
        desk.home.streams.warn(warning)
    facts = {"Issue Summary": [clean(warning) for warning in about.warnings]}
    said = known(desk.journal, about, desk.since)
    return [Item(about.key, about.title, said, facts)], {about.key: about.names}
