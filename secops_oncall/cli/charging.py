"""`oncall incident engage`, `release`, `break`, `back`, `high-impact`: who has an incident, each a note of its own."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from secops_oncall.app import App
from secops_oncall.cli import asking
from secops_oncall.cli.incident_desk import chooser, desk, named, send
from secops_oncall.cli.options import DryRun, IssueOption, Json, OneOutput, PageOption, Yes, app_of, one_format
from secops_oncall.domain.times import both
from secops_oncall.views.incidents import Reader, brief
from secops_oncall.workflows import briefing
from secops_oncall.workflows import charging as workflow
from secops_oncall.workflows.incidents import Desk
from secops_oncall.workflows.meant import AWAY, HELD, MINE, Meant, Wish, meant

UserArgument = Annotated[
    str | None, typer.Argument(metavar="USER", help="An e-mail, an id or a name; me without it.", show_default=False)
]


def engage(
    context: typer.Context,
    user: UserArgument = None,
    page: PageOption = None,
    issue: IssueOption = None,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Say that somebody is engaged, me without USER; who owns and who acts stays as it is.

    \b
    $ oncall incident engage --page 4112
    $ oncall incident engage "Ben Okafor" --issue group/project#12
    """
    home, form = app_of(context), one_format(output, as_json)
    at, found = _found(home, page, issue, "engage", MINE)
    person = workflow.user(at, found, user)
    return send(home, at, found, workflow.engage(at, found, person, home.now()), form, dry_run=dry_run)


def release(
    context: typer.Context,
    user: UserArgument = None,
    page: PageOption = None,
    issue: IssueOption = None,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Say that somebody is engaged no longer, me without USER.

    \b
    $ oncall incident release --page 4112
    $ oncall incident release "Ben Okafor" --page 4112
    """
    home, form = app_of(context), one_format(output, as_json)
    at, found = _found(home, page, issue, "release", MINE)
    person = workflow.user(at, found, user)
    return send(home, at, found, workflow.release(at, found, person, home.now()), form, dry_run=dry_run)


def go_on_break(
    context: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="USER", help="Who acts meanwhile.", show_default=False)],
    back: Annotated[str, typer.Option("--back", metavar="TIME", help="Until when: 45m, 15:00.", show_default=False)],
    page: PageOption = None,
    issue: IssueOption = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Go on a coordinated break: somebody else acts until I say that I am back; the owner stays.

    Without --page or --issue: the incident of the one open page that I have acked.

    \b
    $ oncall incident break --to "Ben Okafor" --back 45m --page 4112
    $ oncall incident break --to ben@example.com --back 14:45 --page 4112 --yes
    """
    home, form = app_of(context), one_format(output, as_json)
    until = asking.moment(home, back)
    at, found = _found(home, page, issue, "break", HELD, whose=True)
    person, now = workflow.user(at, found, to), home.now()
    until = workflow.back_at(at, found, person, until, back, now)
    what = workflow.go_on_break(at, found, person, until, now, back)
    question = f"Have {person.name} act until {both(until, now, home.zone)}, told"
    return send(home, at, found, what, form, question, yes=yes, dry_run=dry_run)


def back(
    context: typer.Context,
    page: PageOption = None,
    issue: IssueOption = None,
    dry_run: DryRun = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Act again after a break. Without --page or --issue: on the incident that I am on a break from.

    \b
    $ oncall incident back
    $ oncall incident back --page 4112
    """
    home, form = app_of(context), one_format(output, as_json)
    at, found = _found(home, page, issue, "back", AWAY, whose=True)
    return send(home, at, found, workflow.come_back(at, found, home.now()), form, dry_run=dry_run)


def high_impact(
    context: typer.Context,
    page: PageOption = None,
    issue: IssueOption = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> int:
    """Engage the manager on call, with the six headings as the brief. It pages nobody: it says how to call them.

    \b
    $ oncall incident high-impact --page 4112
    $ oncall incident high-impact --page 4112 --dry-run
    """
    home, form = app_of(context), one_format(output, as_json)
    at, found = _found(home, page, issue, "high-impact", MINE, whose=True)
    people, now = workflow.managers(at, found, home.now()), home.now()
    whole = briefing.brief(at, found, now)
    what = workflow.high_impact(at, found, people, brief(whole, _reader(at, found), people), now)
    names = ", ".join(person.name for person in people)
    code = send(home, at, found, what, form, f"Engage {names} (manager), told", yes=yes, dry_run=dry_run)
    home.streams.next_step(workflow.call(whole))
    return code


COMMANDS: Mapping[str, Callable[..., Any]] = {
    "engage": engage,
    "release": release,
    "break": go_on_break,
    "back": back,
    "high-impact": high_impact,
}


def _reader(at: Desk, found: Meant) -> Reader:
    """For whom the brief is written: whoever may read the note that it stands in."""
    where, issue = at.settings.destinations, found.issue
    handles = where.handles.known([*found.people.values(), *(entry.person for entry in found.entries)])
    public = not (where.internal or issue.confidential)
    return Reader(found.me.time_zone, handles=handles, gitlab_url=at.settings.gitlab_url, public=public)


def _found(
    home: App, page: str | None, issue: str | None, verb: str, wish: Wish, *, whose: bool = False
) -> tuple[Desk, Meant]:
    at = desk(home)
    return at, meant(at, named(home, page, issue), wish, chooser(home, verb), home.now(), whose=whose)
