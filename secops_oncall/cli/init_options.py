"""The options of `oncall init`: one for each of its questions, called after the setting that it answers."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from secops_oncall.domain.init import FLAGS, REGIONS
from secops_oncall.domain.text import is_one_line
from secops_oncall.errors import UsageError

_PAGERDUTY, _GITLAB, _SLACK = "PagerDuty", "GitLab", "Slack"


def _text(flag: str, metavar: str, panel: str, words: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=words, show_default=False, rich_help_panel=panel)


Region = Annotated[
    Literal["us", "eu"] | None,
    typer.Option("--region", help="Where the account is.", show_default=False, rich_help_panel=_PAGERDUTY),
]
PagerDutyUrl = Annotated[str | None, _text("--pagerduty-url", "URL", _PAGERDUTY, "Or the address of its REST API.")]
PagerDutyEmail = Annotated[
    str | None, _text("--pagerduty-email", "EMAIL", _PAGERDUTY, "Whose an ack with an account-level key is.")
]
Engineer = Annotated[
    str | None, _text("--engineer", "ROLE", _PAGERDUTY, "A policy's level, NAME:LEVEL, or a schedule.")
]
Backup = Annotated[str | None, _text("--backup", "ROLE", _PAGERDUTY, "The same for the backup.")]
Manager = Annotated[str | None, _text("--manager", "ROLE", _PAGERDUTY, "The same for the manager.")]
GitLabUrl = Annotated[str | None, _text("--gitlab-url", "HOST", _GITLAB, "Where GitLab is.")]
Groups = Annotated[
    list[str] | None, _text("--group", "GROUP", _GITLAB, "Where labelled issues are looked for; repeat it.")
]
Projects = Annotated[list[str] | None, _text("--project", "PROJECT", _GITLAB, "The same for a project; repeat it.")]
IncidentProjects = Annotated[
    list[str] | None, _text("--incident-project", "PROJECT", _GITLAB, "Where the issues of pages lie; repeat it.")
]
IncidentLabels = Annotated[
    list[str] | None, _text("--incident-label", "LABEL", _GITLAB, "What marks the issues of pages; repeat it.")
]
Board = Annotated[str | None, _text("--board", "BOARD", _GITLAB, "GROUP:NAME or GROUP/PROJECT:NAME; '' for none.")]
List = Annotated[str | None, _text("--list", "LIST", _GITLAB, "The list to pick from, or Open.")]
Doing = Annotated[str | None, _text("--doing", "LIST", _GITLAB, "The list for what is being worked on.")]
HandoffProject = Annotated[
    str | None, _text("--handoff-project", "PROJECT", _GITLAB, "Where hand-over issues are kept; '' for none.")
]
AckChannel = Annotated[
    str | None, _text("--ack-channel", "CHANNEL", _SLACK, "Where acks are announced; '' for nowhere.")
]
HandoffChannel = Annotated[
    str | None, _text("--handoff-channel", "CHANNEL", _SLACK, "Where hand-offs are posted; '' for nowhere.")
]
NoSlack = Annotated[bool, typer.Option("--no-slack", help="Leave Slack as it is.", rich_help_panel=_SLACK)]
Map = Annotated[
    bool | None,
    typer.Option("--map/--no-map", help="Enter who is who in the three services, or don't.", show_default=False),
]
Stdin = Annotated[
    bool, typer.Option("--stdin", help="Read tokens from standard input: PagerDuty's, GitLab's, Slack's, one a line.")
]


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the options answer, by the setting that each is called after.

    Raises UsageError for two that contradict each other, and for what can't have been meant as a text.
    """
    region, url = values["region"], values["pagerduty_url"]
    if region and url:
        raise UsageError("--region and --pagerduty-url contradict each other", "give one of them")
    if values["no_slack"] and (values["ack_channel"] or values["handoff_channel"]):
        raise UsageError("--no-slack and a channel contradict each other", "give one of them")
    answers = {key: values[name] for key, name in _NAMES.items() if values[name] not in (None, [], ())}
    for key, value in answers.items():
        if not all(is_one_line(text) for text in (value if isinstance(value, (list, tuple)) else [str(value)])):
            raise UsageError(f"the value of {FLAGS[key]} holds a line end, or what is no text", "give it in one line")
    for name in ("pagerduty_url", "gitlab_url"):
        if values[name] is not None and not values[name].strip():  # a variable that isn't set, above all
            raise UsageError(f"--{name.replace('_', '-')} is empty", "name the host, or leave it out")
    answers |= {"pagerduty.url": REGIONS[region]} if region else {}
    answers |= {"slack": False} if values["no_slack"] else {}
    return {key: _texts(value) if isinstance(value, (list, tuple)) else value for key, value in answers.items()}


def _texts(values: Sequence[str]) -> tuple[str, ...]:
    """What a repeated option names; an empty text is none of them."""
    return tuple(value for value in values if value.strip())


_NAMES = {
    "pagerduty.url": "pagerduty_url",
    "pagerduty.email": "pagerduty_email",
    "roles.engineer": "engineer",
    "roles.backup": "backup",
    "roles.manager": "manager",
    "gitlab.url": "gitlab_url",
    "gitlab.groups": "group",
    "gitlab.projects": "project",
    "incidents.projects": "incident_project",
    "incidents.labels": "incident_label",
    "backlog.board": "board",
    "backlog.list": "backlog_list",
    "backlog.doing": "doing",
    "handoff.project": "handoff_project",
    "slack.channel": "ack_channel",
    "handoff.slack_channel": "handoff_channel",
    "people": "map_people",
}
