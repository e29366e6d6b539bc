"""Snoozing a page: one request, its outcome and its end from what PagerDuty says of the page."""

from collections.abc import Callable
from datetime import datetime, timedelta

from secops_oncall.clients.pagerduty_api import PagerDutyApi
from secops_oncall.clients.pagerduty_outcomes import absent, failed, in_doubt, outcome
from secops_oncall.clients.pagerduty_reading import page as read_page
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.errors import OncallError

NEAR = timedelta(minutes=2)  # how far this machine's clock and PagerDuty's may be apart

Snoozed = tuple[Outcome, datetime | None]


def snooze(api: PagerDutyApi, page: Page, length: timedelta, clock: Callable[[], datetime]) -> Snoozed:
    """POST /incidents/{id}/snooze, which takes 1 to 604800 seconds (pagerduty.md, 1.3); `clock` answers aware times."""
    seconds = round(length.total_seconds())
    try:
        now = api.post(f"/incidents/{page.id}/snooze", {"duration": seconds}, read_page)
    except OncallError as error:
        if in_doubt(error):
            return _looked_up(api, page, error, clock() + length)
        return failed(page, error), None
    end = _end(now)
    if end is None:
        return outcome(page, Result.FAILED, "remote", f"PagerDuty answers that it is {now.status}, not snoozed"), None
    return outcome(page, Result.DONE, "", ""), end


def _looked_up(api: PagerDutyApi, page: Page, error: OncallError, expected: datetime) -> Snoozed:
    """What became of a snooze that was not answered: it shows in when PagerDuty will take the ack back."""
    try:
        end = _end(api.get(f"/incidents/{page.id}", read_page))
    except OncallError as again:
        why = f"{error.message}; and to look it up failed: {again.message}"
        return outcome(page, Result.UNKNOWN, "remote", why), None
    if end and abs(end - expected) < NEAR:
        return outcome(page, Result.DONE, "", ""), end
    return absent(page, error), None


def _end(page: Page) -> datetime | None:
    """When an acked page is unacked by itself: its snooze's end, or its service's own time-out if that is sooner."""
    ends = [action.at for action in page.pending if action.kind == "unacknowledge"]
    return min(ends) if ends and page.status == "acknowledged" else None
