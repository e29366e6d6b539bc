"""Acking and resolving pages: in one request where it goes, each outcome from what PagerDuty says of the page."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from secops_oncall import threads
from secops_oncall.clients.pagerduty_api import Json, PagerDutyApi
from secops_oncall.clients.pagerduty_outcomes import absent, as_it_is, failed, in_doubt, unseen
from secops_oncall.clients.pagerduty_reading import page as read_page
from secops_oncall.domain.outcomes import Outcome, Result, of_page
from secops_oncall.domain.pages import OPEN, Page
from secops_oncall.domain.people import Me
from secops_oncall.domain.times import iso
from secops_oncall.errors import NotFoundError, OncallError, RejectedError

AT_ONCE = 250  # more in one PUT is refused with 413 (pagerduty.md, 1.3)
SINGLY = 4  # that many pages are looked up one by one, more of them by one list first
_OF_ONE = (400, 409, 413)  # refusals that may be about one page of many; 404 is NotFoundError
_OF_ALL = ("1008", "2016")  # codes of a `From` that is missing or unknown: each page alone would be refused alike

Change = Literal["acknowledged", "resolved"]
Otherwise = Callable[[Page, Page | None], Outcome]  # of a page that is not as it should be, and how it is
# PagerDuty's codes for a page that is resolved or acked already (DD 14-Errors).
_ALREADY: dict[tuple[str, Change], tuple[Result, str]] = {
    ("1001", "resolved"): (Result.ALREADY, "resolved"),
    ("1002", "acknowledged"): (Result.ALREADY, "acknowledged"),
    ("1001", "acknowledged"): (Result.REFUSED, "resolved"),
}


class StatusChange:
    """One change of state for any number of pages; `me` answers who acks, and is asked where that matters."""

    def __init__(self, api: PagerDutyApi, me: Callable[[], Me], status: Change) -> None:
        self._api = api
        self._me = me
        self._status = status

    def of(self, pages: Sequence[Page]) -> list[Outcome]:
        """One outcome a page, in their order."""
        return [each for chunk in chunks(pages) for each in self._chunk(chunk)]

    def _chunk(self, pages: Sequence[Page]) -> list[Outcome]:
        """Pages in one request; one that is refused because of a page is taken apart."""
        wishes = [self._wish(page) for page in pages]
        try:
            answers = self._api.put("/incidents", wishes, lambda items: [read_page(item) for item in items])
        except OncallError as error:
            if in_doubt(error):
                return self._looked_up(pages, error)
            return self._apart(pages) if of_one(error) else [failed(page, error) for page in pages]
        answered = {now.id: now for now in answers}
        left_out = self._reread([page for page in pages if page.id not in answered])
        return [
            self._answered(page, answered[page.id])
            if page.id in answered
            else self._settled(page, left_out[page.id], _left_out)
            for page in pages
        ]

    def _apart(self, pages: Sequence[Page]) -> list[Outcome]:
        """Pages of a refused request, looked at again: those that may go do so at once, in halves if they can't."""
        if len(pages) == 1:
            return [self._one(pages[0])]
        found = self._reread(pages)
        judged = {page.id: self._judged(page, found[page.id]) for page in pages}
        rest = [page for page in pages if judged[page.id] is None]
        if len(rest) < len(pages):
            sent = self._chunk(rest) if rest else []
        else:
            half = len(rest) // 2
            sent = [one for part in (rest[:half], rest[half:]) for one in self._part(part)]
        answered = {one.id: one for one in sent}
        return [judged[page.id] or answered[page.id] for page in pages]

    def _part(self, pages: Sequence[Page]) -> list[Outcome]:
        return self._chunk(pages) if len(pages) > 1 else [self._one(pages[0])]

    def _one(self, page: Page) -> Outcome:
        """One page of a refused request, looked at first, with PagerDuty's own word for why it is refused."""
        refused = self._judged(page, self._reread([page])[page.id])
        if refused:
            return refused
        try:
            return self._answered(page, self._api.put(f"/incidents/{page.id}", self._wish(page), read_page))
        except OncallError as error:
            if in_doubt(error):
                return self._looked_up([page], error)[0]
            result, code = _ALREADY.get((getattr(error, "code", ""), self._status), (None, ""))
            return of_page(page, result, code, error.message) if result else failed(page, error)

    def _judged(self, page: Page, now: Page | OncallError) -> Outcome | None:
        """The outcome of a page that is not to be changed as it is now: an ack would reopen a resolved one."""
        if isinstance(now, OncallError):
            return failed(page, now)
        if self._is_so(now):
            return of_page(now, Result.ALREADY, self._status, f"already {self._status}")
        if now.status == "resolved":
            why = f"{as_it_is(now)} in the meantime; an ack would reopen it"
            return of_page(now, Result.REFUSED, "resolved", why)
        return None

    def _looked_up(self, pages: Sequence[Page], error: OncallError) -> list[Outcome]:
        """What became of pages whose change was answered with 5xx or not at all."""
        found = self._reread(pages)

        def lost(page: Page, now: Page | None) -> Outcome:
            return absent(page, error, as_it_is(now) if now else "")

        return [self._settled(page, found[page.id], lost) for page in pages]

    def _reread(self, pages: Sequence[Page]) -> dict[str, Page | OncallError]:
        """Each page as it is now, or why that can't be told: several by one list, what it lacks singly."""
        if not pages:
            return {}
        try:
            self._me()  # without knowing who I am, whose ack it is can't be told
        except OncallError as error:
            return {page.id: error for page in pages}
        found: dict[str, Page | OncallError] = {}
        if len(pages) > SINGLY:
            with suppress(OncallError):
                found = {now.id: now for now in self._listed(pages)}
        rest = [page for page in pages if page.id not in found]
        return found | dict(threads.each(self._read, rest))

    def _listed(self, pages: Sequence[Page]) -> list[Page]:
        """The pages that were created in the time in which these were, in any state."""
        created = [page.created_at for page in pages]
        window = {"since": iso(min(created)), "until": iso(max(created) + timedelta(seconds=1))}
        return self._api.every("/incidents", read_page, {**window, "statuses[]": [*OPEN, "resolved"]})

    def _read(self, page: Page) -> tuple[str, Page | OncallError]:
        try:
            return page.id, self._api.get(f"/incidents/{page.id}", read_page)
        except OncallError as error:
            return page.id, error

    def _wish(self, page: Page) -> Json:
        return {"id": page.id, "type": "incident_reference", "status": self._status}

    def _is_so(self, now: Page) -> bool:
        return now.status == self._status and (now.status == "resolved" or now.acked_by(self._me().id))

    def _settled(self, page: Page, now: Page | OncallError, otherwise: Otherwise) -> Outcome:
        """The outcome of a page that was looked up, since the answer to its change didn't tell."""
        if isinstance(now, OncallError):
            return unseen(page, otherwise(page, None).message, now)
        if not self._is_so(now):
            return otherwise(page, now)
        other = now.changed_by and now.changed_by.id != self._me().id
        if self._status == "resolved" and other:
            return of_page(now, Result.ALREADY, "resolved", as_it_is(now))
        return self._done(now)

    def _answered(self, page: Page, now: Page) -> Outcome:
        if now.status == self._status:
            return self._done(now)
        return of_page(page, Result.FAILED, "remote", f"PagerDuty answers that it is {now.status}")

    def _done(self, now: Page) -> Outcome:
        """Done, and whose it is where a colleague's ack came first."""
        owner, done = now.owner, replace(of_page(now, Result.DONE, "", ""), page=now)
        with suppress(OncallError):
            if self._status == "acknowledged" and owner and owner.id != self._me().id:
                return replace(done, code="joined", message=f"acknowledged, but {owner.name} acked first and owns it")
        return done


def chunks(pages: Sequence[Page]) -> Iterator[Sequence[Page]]:
    """As many pages as one PUT may change."""
    return (pages[start : start + AT_ONCE] for start in range(0, len(pages), AT_ONCE))


def _left_out(page: Page, now: Page | None) -> Outcome:
    known = f"; {as_it_is(now)}" if now else ""
    return of_page(page, Result.FAILED, "remote", f"PagerDuty's answer leaves it out{known}")


def of_one(error: OncallError) -> bool:
    """Whether a request for several pages may have been refused because of one of them."""
    if isinstance(error, RejectedError):
        return error.answered in _OF_ONE and error.code not in _OF_ALL
    return isinstance(error, NotFoundError)
