"""`oncall handoff show` and `oncall handoff diff`: what was posted, and what has changed since it was mine."""

import typer

from secops_oncall.cli.options import Json, OneOutput, ShiftOption, app_of, one_format
from secops_oncall.domain.answered import accepted_shifts
from secops_oncall.domain.received import Handed
from secops_oncall.domain.shown import shown
from secops_oncall.errors import NotFoundError
from secops_oncall.views.handed import print_handed
from secops_oncall.views.jsonable import print_json
from secops_oncall.views.since import print_since
from secops_oncall.workflows.receiving import Found, Inbox, find
from secops_oncall.workflows.shift import named_shift
from secops_oncall.workflows.since import differing


def show(context: typer.Context, shift: ShiftOption = None, output: OneOutput = None, as_json: Json = False) -> int:
    """Show the last hand-off that was posted, mine or to me, as it stands in GitLab.

    \b
    $ oncall handoff show
    $ oncall handoff show --shift -1 --json
    """
    home, form = app_of(context), one_format(output, as_json)
    inbox = Inbox(home.pagerduty, home.gitlab, home.handoff_settings)
    if shift:
        rules, accepted = home.shift_rules, accepted_shifts(home.own_journal.events())
        mine = named_shift(home.pagerduty, home.config.role_names, shift, home.now(), home.zone, rules, accepted)
        found = find(inbox, home.now(), mine.id, mine.start)
    else:
        found = find(inbox, home.now())
    handed = _last(found)
    if form == "json":
        print_json(home.streams, shown(handed))
    else:
        print_handed(home.streams, handed, home.now(), home.local)
    return home.tell(found.problems)


def diff(context: typer.Context, output: OneOutput = None, as_json: Json = False) -> int:
    """Show what has changed about each incident since I last held it: what was said then and now, and what happened.

    \b
    $ oncall handoff diff
    $ oncall handoff diff --json
    """
    home, form = app_of(context), one_format(output, as_json)
    found = differing(Inbox(home.pagerduty, home.gitlab, home.handoff_settings), home.now())
    print_since(home.streams, found.incidents, form, home.now(), home.local, whole=not found.problems)
    return home.tell(found.problems)


def _last(found: Found) -> Handed:
    """The last hand-off of mine or to me, else the last one of all while I am on call; NotFoundError for none."""
    own = [each for each in found.handed if found.is_mine(each) or found.is_named(each)]
    own = own or [each for each in found.handed if any(place.by == found.user for place in each.places)]
    own = own or (list(found.handed) if found.on_call else [])
    if not own:
        raise NotFoundError("no hand-off of yours or to you was posted in the last days", "oncall handoff post")
    return own[0]
