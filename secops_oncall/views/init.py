"""What `oncall init` shows: who is who in the three services, and what is left to export."""

from collections.abc import Iterable

from secops_oncall.domain.init_people import Match, Matches
from secops_oncall.streams import Streams
from secops_oncall.views.table import Column, draw

_COLUMNS: tuple[Column[Match], ...] = (
    Column("name", lambda one: one.name, least=8),
    Column("PagerDuty", lambda one: one.email),
    Column("GitLab", lambda one: one.gitlab or "", drop=1),
    Column("Slack", lambda one: one.slack or "", drop=2),
)


def show_people(streams: Streams, found: Matches) -> None:
    """Show whom the table would gain, on standard error: it is no answer yet."""
    lines = [line.plain for line in draw(_COLUMNS, found.people, streams.width)]
    streams.say("\n".join(["Who is who:", *lines]))


def say_exports(streams: Streams, why: str, variables: Iterable[str]) -> None:
    """Say which variables are to hold the tokens that no keyring keeps; never the tokens themselves."""
    names = list(variables)
    streams.warn(f"{why}: have your shell or your password manager set {', '.join(names)}")
    streams.say("\n".join(f"  export {name}=…" for name in names))
