"""`oncall init`: from nothing to a first `oncall status`, each answer proved, nothing written before the last one."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import typer

from secops_oncall.app import App
from secops_oncall.beginning import Beginning
from secops_oncall.cli import init_options as say
from secops_oncall.cli.options import Yes, app_of
from secops_oncall.domain.setup import NAMES, Service
from secops_oncall.errors import ExitCode, UsageError
from secops_oncall.views.init import say_exports, show_people
from secops_oncall.workflows.init import interview
from secops_oncall.workflows.init_asking import Interview
from secops_oncall.workflows.init_connecting import Connecting
from secops_oncall.workflows.init_keeping import Kept, keep

app = typer.Typer()
_MOST = 10_000  # characters: three tokens are far fewer
_ORDER: tuple[Service, ...] = ("pagerduty", "gitlab", "slack")


@app.command(rich_help_panel="Set up")
def init(
    context: typer.Context,
    region: say.Region = None,
    pagerduty_url: say.PagerDutyUrl = None,
    pagerduty_email: say.PagerDutyEmail = None,
    engineer: say.Engineer = None,
    backup: say.Backup = None,
    manager: say.Manager = None,
    gitlab_url: say.GitLabUrl = None,
    group: say.Groups = None,
    project: say.Projects = None,
    incident_project: say.IncidentProjects = None,
    incident_label: say.IncidentLabels = None,
    board: say.Board = None,
    backlog_list: say.List = None,
    doing: say.Doing = None,
    handoff_project: say.HandoffProject = None,
    ack_channel: say.AckChannel = None,
    handoff_channel: say.HandoffChannel = None,
    no_slack: say.NoSlack = False,
    map_people: say.Map = None,
    stdin: say.Stdin = False,
    yes: Yes = False,
) -> int:
    """Set up oncall: services, roles, groups, board and channels, chosen from what your own tokens see.

    Run it again to change one thing. Nothing is written before the last answer.

    \b
    $ oncall init
    $ oncall init --board your-group:On-call
    $ oncall init -p staging --region eu
    """
    home = app_of(context)
    if home.in_sandbox:
        raise UsageError("the sandbox is set up already", "oncall --sandbox status, or leave out --sandbox")
    given = say.given(context.params)
    beginning = Beginning(home)
    about = _about(home, beginning, given, stdin=stdin, yes=yes)
    connecting = Connecting(about, home.setting_up, beginning, _tokens(home) if stdin else {})
    interview(connecting, lambda found: show_people(home.streams, found))
    save = partial(beginning.save, about.answers)
    kept = keep(home.keyring, beginning.profile, connecting.typed, save, beginning.text)
    return _proved(home, beginning, connecting, kept)


def _about(home: App, beginning: Beginning, given: Mapping[str, Any], *, stdin: bool, yes: bool) -> Interview:
    """The interview: all of it, or where an option names what is to change, that alone."""
    changing = bool(given or stdin) and beginning.is_set_up
    given = {"people": True, **given} if yes and not changing else given
    home.streams.answered = home.renew
    return Interview(home.streams, given, beginning.known, beginning.written, changing)


def _tokens(home: App) -> dict[Service, str]:
    """The tokens of standard input, one a line; an empty line leaves one out."""
    lines = home.streams.read(_MOST).splitlines()
    found = {service: line.strip() for service, line in zip(_ORDER, lines, strict=False) if line.strip()}
    if not found or len(lines) > len(_ORDER):
        what = "no token" if not found else f"{len(lines)} lines"
        raise UsageError(f"standard input holds {what}", "PagerDuty's, GitLab's and Slack's token, one a line")
    return found


def _proved(home: App, beginning: Beginning, connecting: Connecting, kept: Kept[Any]) -> int:
    """Say what was written where, and have the doctor look at it as the next command would find it."""
    from secops_oncall.cli.doctor import examined

    streams = home.streams
    backup = f"; what it said before is in {kept.saved.backup}" if kept.saved.backup else ""
    streams.done(f"written: {kept.saved.file}{backup}" if kept.saved.changed else f"nothing new for {kept.saved.file}")
    if kept.stored:
        streams.done(f"kept in the keyring: the tokens of {', '.join(NAMES[each] for each in kept.stored)}")
    if kept.refused:
        why = next(iter(kept.refused.values())).message
        say_exports(streams, why, [beginning.variable(service) for service in kept.refused])
    lost = {service: connecting.typed[service][1] for service in kept.refused}
    code: int = examined(beginning.renewed(lost))
    if code == ExitCode.OK:
        name = f"-p {beginning.profile} " if home.options.profile else ""
        streams.hint(f"{'export them, then ' if lost else ''}oncall {name}status")
    return code
