"""Whether an ack opened a page again that somebody had resolved meanwhile: its answer is silent, the log tells."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from secops_oncall import threads
from secops_oncall.clients.pagerduty_api import PagerDutyApi
from secops_oncall.clients.pagerduty_detail import entry
from secops_oncall.clients.pagerduty_snooze import NEAR
from secops_oncall.clients.pagerduty_status import SINGLY
from secops_oncall.domain.pages import LogEntry, Page, undone
from secops_oncall.domain.times import iso


def reopened(api: PagerDutyApi, pages: Sequence[Page], me: str, since: datetime) -> dict[str, LogEntry]:
    """By page id the resolves that acks of a user id undid; `pages` are as they were looked at, since a moment (aware).

    PagerDuty has no conditional write, and its answer to the PUT is that of any ack: `last_status_change_at` is the
    ack's own by then (api-schema, updateIncidents). Of a few pages each one's log is read, else the account's.
    """
    if len(pages) > SINGLY:
        listed = api.every("/log_entries", entry, {"since": iso(since - NEAR)})
    else:
        listed = [one for some in threads.each(lambda page: _own(api, page), pages) for one in some]
    log: dict[str, list[LogEntry]] = defaultdict(list)
    for one in reversed(listed):  # of one moment's entries the one that is listed last came first
        log[one.page].append(one)
    found = {page.id: undone(log[page.id], me, _open_at(page)) for page in pages}
    return {page: resolve for page, resolve in found.items() if resolve}


def _own(api: PagerDutyApi, page: Page) -> list[LogEntry]:
    """A page's log since it was as it was looked at: on PagerDuty's clock, whatever this machine's says."""
    return api.every(f"/incidents/{page.id}/log_entries", entry, {"since": iso(_open_at(page))})


def _open_at(page: Page) -> datetime:
    return page.changed_at or page.created_at
