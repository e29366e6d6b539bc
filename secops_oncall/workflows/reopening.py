"""What an ack has opened again: a page that a colleague resolved between the look at it and the ack's arrival."""

from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError
from dataclasses import replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.outcomes import REOPENED, Outcome, Result
from secops_oncall.domain.pages import LogEntry, Page
from secops_oncall.domain.times import clock
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import PagerDuty

MANY = 100  # of more acks the log would have page after page
SOON = 5.0  # seconds that acks which are done wait for it


def reopened(
    pagerduty: PagerDuty, acked: Sequence[Outcome], pages: Mapping[str, Page], began: datetime
) -> list[Outcome]:
    """Those of some acks' outcomes that opened a resolved page again, told as such; one wave.

    None where none is done, or more than MANY: a storm is acked with as few requests as it can be.

    `pages` are as they were looked at since `began` (aware). Raises OncallError where it can't be told, or not soon.
    """
    done = [pages[one.id] for one in acked if one.result is Result.DONE]
    if not 0 < len(done) <= MANY:
        return []
    try:
        undone = threads.start(lambda: pagerduty.reopened(done, began)).result(SOON)
    except TimeoutError:
        raise RemoteError(f"PagerDuty has not answered within {SOON:g} s", "oncall show PAGE") from None
    return [told(one, undone[one.id], began) for one in acked if one.id in undone]


def told(ack: Outcome, resolve: LogEntry, now: datetime) -> Outcome:
    """The outcome of an ack that undid a resolve."""
    who = resolve.who or "somebody"
    why = f"{who} resolved it at {clock(resolve.at, now)}, and the ack that came after opened it again: it is yours now"
    return replace(ack, code=REOPENED, message=why, hint=f"oncall resolve {ack.number}, unless {who} was wrong")


def unknown(error: OncallError) -> str:
    """What is said where it can't be told."""
    return f"whether somebody had resolved it meanwhile, so that it is open again, is not known: {error.message}"
