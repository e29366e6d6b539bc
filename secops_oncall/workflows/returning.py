"""In whose shift snoozed pages come back: asked beside what tells the pages, and never worth waiting for."""

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.people import RoleName
from secops_oncall.domain.snoozing import LONGEST, P, Turns, with_shifts
from secops_oncall.errors import OncallError
from secops_oncall.ports import PagerDuty

AHEAD = LONGEST + timedelta(hours=1)  # how far ahead a page may come back, on a clock that is behind PagerDuty's
SOON = 2.0  # seconds that pages which are there wait for it


def ask(pagerduty: PagerDuty, engineer: RoleName, since: datetime, until: datetime) -> "Future[Turns]":
    """Begin to ask who is on call as engineer from one moment to another."""
    return threads.start(lambda: Turns(engineer, since, until, pagerduty.on_call([engineer], since, until)))


def with_answer(pages: Sequence[P], asked: "Future[Turns] | None") -> list[P]:
    """The pages with whose shift each comes back in, as they were where that can't be read, or not soon."""
    if asked is None or not any(page.snoozed_until for page in pages):
        return list(pages)
    try:
        return with_shifts(pages, asked.result(SOON))
    except (OncallError, TimeoutError):
        return list(pages)
