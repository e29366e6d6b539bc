"""What the doctor found: each service's checks together, and below a fault what mends it."""

from collections.abc import Sequence
from itertools import groupby

from secops_oncall.domain.findings import Finding, FindingLevel
from secops_oncall.domain.setup import NAMES
from secops_oncall.domain.text import plural
from secops_oncall.streams import Streams
from secops_oncall.views.screen import Screen
from secops_oncall.views.table import Field, Listing, Output, print_list

_FIELDS: tuple[Field[Finding], ...] = (
    Field("check", lambda one: one.check),
    Field("service", lambda one: one.service),
    Field("level", lambda one: one.level),
    Field("found", lambda one: one.found),
    Field("fix", lambda one: one.fix),
)
_MARKS: dict[FindingLevel, str] = {"ok": "done", "warning": "refused", "error": "failed"}
_STYLES: dict[FindingLevel, str] = {"ok": "", "warning": "bold", "error": "bold red"}


def print_findings(
    streams: Streams, findings: Sequence[Finding], output: Output | None, *, whole: bool = False
) -> None:
    """Print findings in the order given, and on standard error how many errors and warnings there are.

    Where they are the `whole` answer of a command that asks nothing they may go through a pager.
    """

    def screen(streams: Streams, findings: Sequence[Finding]) -> None:
        _gathered(streams, findings).show(whole=whole)

    listing = Listing[Finding](lambda one: one.check, _FIELDS, (), "Nothing was checked.", screen)
    print_list(streams, listing, findings, output)
    levels = [one.level for one in findings]
    counts = [plural(levels.count(level), level) for level in ("error", "warning") if level in levels]
    told = f"{plural(len(levels), 'check')}: {', '.join(counts) or 'all is well'}"
    (streams.say if counts else streams.done)(told)


def _gathered(streams: Streams, findings: Sequence[Finding]) -> Screen:
    screen = Screen(streams)
    wide = max(len(one.check) for one in findings)
    for service, some in groupby(findings, key=lambda one: one.service):
        screen.heading(NAMES[service] if service else "This machine")
        for one in some:
            screen.line(
                one.found, _STYLES[one.level], lead=f"  {streams.mark(_MARKS[one.level])} {one.check:<{wide}}  "
            )
            if one.fix:
                screen.line(one.fix, "dim", lead=" " * (wide + 6) + "→ ")
    return screen
