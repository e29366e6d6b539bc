"""A snoozed page: in whose shift it comes back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import OnCall, RoleName
from secops_oncall.domain.shifts import on_duty

LONGEST = timedelta(seconds=604_800)  # what PagerDuty takes (pagerduty.md, 1.3)
NOBODY = "nobody"

P = TypeVar("P", bound=Page)


@dataclass(frozen=True)
class Turns:
    """The on-call entries of a role in a window, as they were asked for: of what lies outside it nothing is known."""

    role: RoleName
    since: datetime
    until: datetime
    entries: Sequence[OnCall]

    def whose(self, moment: datetime) -> str | None:
        """The name of whose shift a moment (aware) lies in: `nobody` in a gap, None outside the window."""
        if not self.since <= moment <= self.until:
            return None
        then = on_duty(self.role, self.entries, moment)
        return then.person.name if then else NOBODY


def with_shifts(pages: Iterable[P], turns: Turns) -> list[P]:
    """The pages, the snoozed ones with whose shift they come back in."""
    return [
        replace(page, whose_shift=turns.whose(page.snoozed_until)) if page.snoozed_until else page for page in pages
    ]
