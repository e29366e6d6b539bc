"""The configuration that goes with the sandbox: by dotted key, as a file would have it."""

from shlex import quote
from typing import Any

import tomli_w

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Addresses, Sandbox


def values(addresses: Addresses) -> dict[str, Any]:
    """Every setting that differs from its default, for services at these addresses."""
    return {
        "pagerduty.url": addresses.pagerduty,
        "gitlab.url": addresses.gitlab,
        "gitlab.groups": (cast.ACCOUNT,),
        "incidents.projects": (cast.INCIDENTS_PROJECT,),
        "incidents.labels": (cast.INCIDENT_LABEL,),
        "issues.improvement_project": f"{cast.ACCOUNT}/engineering",
        "backlog.board": cast.BOARD,
        "slack.url": addresses.slack,
        "slack.channel": f"#{cast.ACK_CHANNEL[1]}",
        "handoff.project": f"{cast.ACCOUNT}/engineering",
        "handoff.slack_channel": f"#{cast.SECOPS_CHANNEL[1]}",
    }


def people() -> dict[str, dict[str, str]]:
    """The `people` table: who is who in GitLab and Slack, by e-mail."""
    return {person.email: {"gitlab": person.login, "slack": person.slack} for person in cast.PEOPLE.values()}


def exports(services: Sandbox) -> str:
    """What another terminal has to set: the addresses and tokens, and a file, written here, for all the rest."""
    path = services.store.path.with_name("config.toml")
    path.write_text(tomli_w.dumps(file(services.addresses)), "utf-8")
    lines = {
        "ONCALL_CONFIG": str(path),
        "ONCALL_PAGERDUTY_URL": services.addresses.pagerduty,
        "ONCALL_PAGERDUTY_TOKEN": cast.token("pagerduty"),
        "ONCALL_GITLAB_URL": services.addresses.gitlab,
        "ONCALL_GITLAB_TOKEN": cast.token("gitlab"),
        "ONCALL_SLACK_URL": services.addresses.slack,
        "ONCALL_SLACK_TOKEN": cast.token("slack"),
    }
    return "\n".join(f"export {name}={quote(value)}" for name, value in lines.items())


def file(addresses: Addresses) -> dict[str, Any]:
    """The same as the tables of a configuration file."""
    tables: dict[str, Any] = {}
    for key, value in values(addresses).items():
        section, _, setting = key.partition(".")
        tables.setdefault(section, {})[setting] = list(value) if isinstance(value, tuple) else value
    return {**tables, "people": people()}
