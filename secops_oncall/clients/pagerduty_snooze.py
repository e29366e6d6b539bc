"""Snoozing a page: one request, its outcome and its end from what PagerDuty says of the page."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from secops_oncall.clients.pagerduty_api import PagerDutyApi
from secops_oncall.clients.pagerduty_outcomes import absent, as_it_is, failed, in_doubt, unseen
from secops_oncall.clients.pagerduty_reading import page as read_page
from secops_oncall.domain.outcomes import Outcome, Result, of_page
from secops_oncall.domain.pages import Page
from secops_oncall.errors import OncallError

NEAR = timedelta(minutes=2)  # how far this machine's clock and PagerDuty's may be apart

_NOT_ACKED = ("1001", "1012")  # PagerDuty's codes for a page that is resolved, or not acked (DD 14-Errors)

Snoozed = tuple[Outcome, datetime | None]


def snooze(api: PagerDutyApi, page: Page, rest: timedelta | datetime, clock: Callable[[], datetime]) -> Snoozed:
    """POST /incidents/{id}/snooze, which takes 1 to 604800 seconds (pagerduty.md, 1.3); `clock` answers aware times.

    To a moment the seconds are counted when it is sent, and rounded up, so that no page comes back before it.
    """
    now = clock()
    length = rest - now if isinstance(rest, datetime) else rest
    try:
        body = {"duration": max(math.ceil(length.total_seconds()), 1)}
        found = api.post(f"/incidents/{page.id}/snooze", body, read_page)
    except OncallError as error:
        if in_doubt(error):
            return _looked_up(api, page, error, now + length)
        return _refused(api, page, error), None
    end = found.ack_ends
    if end is None:
        return of_page(page, Result.FAILED, "remote", f"PagerDuty answers that it is {found.status}, not snoozed"), None
    return of_page(page, Result.DONE, "", ""), end


def _refused(api: PagerDutyApi, page: Page, error: OncallError) -> Outcome:
    """A snooze that was refused, with why where that is since a colleague was faster: the page is looked at again."""
    if getattr(error, "code", "") not in _NOT_ACKED:
        return failed(page, error)
    try:
        now = api.get(f"/incidents/{page.id}", read_page)
    except OncallError:
        return failed(page, error)
    if now.status == "resolved":
        return of_page(now, Result.REFUSED, "resolved", f"{as_it_is(now)}, so there is nothing to snooze")
    told = failed(page, error)
    return replace(told, message=f"{told.message}; {as_it_is(now)}")


def _looked_up(api: PagerDutyApi, page: Page, error: OncallError, expected: datetime) -> Snoozed:
    """What became of a snooze that was not answered: it shows in when PagerDuty will take the ack back."""
    try:
        now = api.get(f"/incidents/{page.id}", read_page)
    except OncallError as again:
        return unseen(page, error.message, again), None
    if now.ack_ends and abs(now.ack_ends - expected) < NEAR:
        return of_page(page, Result.DONE, "", ""), now.ack_ends
    return absent(page, error, as_it_is(now)), None
