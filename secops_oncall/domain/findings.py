"""What `oncall doctor` found: each check with how it went, and what mends it."""

from dataclasses import dataclass, field
from typing import Literal

from secops_oncall.domain.people import INTERNAL
from secops_oncall.domain.setup import Service

FindingLevel = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One check (interface.md, "JSON fields"): `fix` is what to type or change, empty where all is well.

    `exit_code` is the failure's own, 0 for what is well or a warning.
    """

    check: str
    service: Service | None
    level: FindingLevel
    found: str
    fix: str = ""
    exit_code: int = field(default=0, metadata=INTERNAL)
