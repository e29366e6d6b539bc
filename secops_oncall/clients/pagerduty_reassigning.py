"""Pages given to one person: in one request where it goes, each outcome from what PagerDuty says of the page."""

from collections.abc import Sequence

from secops_oncall import threads
from secops_oncall.clients.pagerduty_api import Json, PagerDutyApi
from secops_oncall.clients.pagerduty_outcomes import absent, as_it_is, failed, in_doubt, unseen
from secops_oncall.clients.pagerduty_reading import page as read_page
from secops_oncall.clients.pagerduty_status import chunks, of_one
from secops_oncall.domain.outcomes import Outcome, Result, of_page
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import Person
from secops_oncall.errors import OncallError

_RESOLVED = "1001"  # PagerDuty's code for a page that is resolved (DD 14-Errors)


class Reassigning:
    """One person whom pages go to. They are `direct_assignment` then: nothing escalates them (pagerduty.md, 1.3)."""

    def __init__(self, api: PagerDutyApi, person: Person) -> None:
        self._api = api
        self._person = person

    def of(self, pages: Sequence[Page]) -> list[Outcome]:
        """One outcome a page, in their order (PUT /incidents with `assignments`)."""
        return [each for chunk in chunks(pages) for each in self._chunk(chunk)]

    def _chunk(self, pages: Sequence[Page]) -> list[Outcome]:
        """Pages in one request; one that is refused because of a page is sent in halves."""
        if len(pages) == 1:
            return [self._one(pages[0])]
        try:
            now = self._api.put("/incidents", [self._wish(page) for page in pages], _read)
        except OncallError as error:
            if in_doubt(error):
                return self._all_looked_up(pages, error)
            if not of_one(error):
                return [failed(page, error) for page in pages]
            half = len(pages) // 2
            return [*self._chunk(pages[:half]), *self._chunk(pages[half:])]
        return [self._answered(page, now.get(page.id)) for page in pages]

    def _one(self, page: Page) -> Outcome:
        try:
            return self._answered(page, self._api.put(f"/incidents/{page.id}", self._wish(page), read_page))
        except OncallError as error:
            if in_doubt(error):
                return self._looked_up(page, error)
            if getattr(error, "code", "") == _RESOLVED:
                return of_page(page, Result.REFUSED, "resolved", "it is resolved, so that nobody has it")
            return failed(page, error)

    def _all_looked_up(self, pages: Sequence[Page], error: OncallError) -> list[Outcome]:
        return threads.each(lambda page: self._looked_up(page, error), pages)

    def _looked_up(self, page: Page, error: OncallError) -> Outcome:
        """What became of a page whose change was answered with 5xx or not at all."""
        try:
            now = self._api.get(f"/incidents/{page.id}", read_page)
        except OncallError as again:
            return unseen(page, error.message, again)
        return self._answered(page, now) if self._is_theirs(now) else absent(page, error, as_it_is(now))

    def _answered(self, page: Page, now: Page | None) -> Outcome:
        if now is None:
            return of_page(page, Result.FAILED, "remote", "PagerDuty's answer leaves it out")
        if self._is_theirs(now):
            return of_page(now, Result.DONE, "", "")
        return of_page(page, Result.FAILED, "remote", f"PagerDuty answers that it is not theirs; {as_it_is(now)}")

    def _is_theirs(self, now: Page) -> bool:
        return [person.id for person in now.assigned_to] == [self._person.id]

    def _wish(self, page: Page) -> Json:
        assignee = {"id": self._person.id, "type": "user_reference"}
        return {"id": page.id, "type": "incident_reference", "assignments": [{"assignee": assignee}]}


def _read(answer: list[Json]) -> dict[str, Page]:
    return {page.id: page for page in map(read_page, answer)}
