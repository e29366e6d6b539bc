"""Who is on call in the coming days and how to reach them, as it was kept for an outage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from secops_oncall.domain.people import Contact, OnCall


@dataclass(frozen=True)
class KeptRoster:
    """On-call entries up to a moment, and the contacts of everybody in them (None: not known); kept `at`."""

    at: datetime
    until: datetime
    entries: tuple[OnCall, ...]
    contacts: Mapping[str, tuple[Contact, ...] | None]

    def knows(self, moment: datetime) -> bool:
        """Whether it can tell who is on call at a moment: what lies beyond it is unknown, not nobody's."""
        return self.at <= moment <= self.until
