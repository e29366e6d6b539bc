"""Tokens without the tokens: of each where it lies, its last characters, whose it is, and whether it is valid."""

from collections.abc import Sequence
from typing import Literal

from secops_oncall.domain.auth import TokenStatus
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.setup import NAMES
from secops_oncall.domain.text import clean
from secops_oncall.lines import fitting
from secops_oncall.streams import Streams
from secops_oncall.views.outcomes import print_outcomes
from secops_oncall.views.table import Field, Listing, Output, named, print_list, room

_FIELDS: tuple[Field[TokenStatus], ...] = named(
    "service", "host", "source", "tail", "kind", "user", "scopes", "expires", "valid", "message"
)


def print_status(streams: Streams, found: Sequence[TokenStatus], output: Output | None) -> None:
    """Print what is known of each token; what is wrong with one is said on standard error, with what to type next."""
    print_list(streams, Listing(lambda one: one.service, _FIELDS, (), "There are no services.", _draw), found, output)
    for one in found:
        if one.exit_code:
            streams.error(one.message, one.hint)


def print_login(streams: Streams, kept: TokenStatus, where: str, output: Literal["text", "json"]) -> None:
    """Print that a service took a token, what it tells of it, and where the token was kept."""
    told, name = _told(kept), NAMES[kept.service]
    outcome = Outcome(kept.service, Result.DONE, place="keyring", title=told, message=f"kept in {where}")
    if output == "json":
        print_outcomes(streams, [outcome], "kept", "json")
    else:
        streams.report(f"{streams.mark('done')} {name} takes it: {told}\n{streams.mark('done')} kept in {where}\n")


def print_logout(streams: Streams, outcomes: Sequence[Outcome], output: Literal["text", "json"]) -> None:
    """Print which tokens the keyring has forgotten."""
    if output == "json":
        print_outcomes(streams, outcomes, "forgotten", "json")
        return
    words = {Result.DONE: "forgotten: ", Result.ALREADY: "already forgotten: there was no "}
    for one in outcomes:
        streams.report(f"{streams.mark('done')} {words[one.result]}{clean(one.title)}\n")


def _draw(streams: Streams, found: Sequence[TokenStatus]) -> None:
    """Two lines a token, or three: they fit a narrow terminal, where a table would lose its scopes."""
    from rich.text import Text

    lines = []
    for one in found:
        mark, word = _look(one)
        style = "bold red" if one.valid is False else "bold" if mark != "done" else ""
        head = f"{streams.mark(mark)} {word:<9}"
        lines.append(Text.assemble((head, style), "  ", (f"{NAMES[one.service]:<9}", "bold"), f"  {clean(one.host)}"))
        lines += [Text(fitting(f"  {line}", room(streams), hang=2)) for line in _details(one)]
    streams.render(Text("\n").join(lines))


def _look(one: TokenStatus) -> tuple[str, str]:
    """The mark and the word: it says all without the colour."""
    if one.valid is not None:
        return ("done", "valid") if one.valid else ("failed", "rejected")
    if one.source or one.is_untold:
        return "unknown", "unknown"
    return ("failed", "missing") if one.exit_code else ("queued", "not used")


def _details(one: TokenStatus) -> list[str]:
    if not one.source:
        return []
    shown = f"…{one.tail} " if one.tail else ""
    lines = [f"token {shown}from {one.source}"]
    if one.kind:
        lines.append(_whose(one))
    if one.scopes:
        lines.append(f"scopes {clean(', '.join(one.scopes))}")
    return lines


def _whose(one: TokenStatus) -> str:
    user = f" of {one.user}" if one.user else ""
    until = f", until {one.expires.isoformat()}" if one.expires else ""
    return clean(f"{one.kind}{user}{until}")


def _told(one: TokenStatus) -> str:
    scopes = f", scopes {', '.join(one.scopes)}" if one.scopes else ""
    return _whose(one) + clean(scopes)
