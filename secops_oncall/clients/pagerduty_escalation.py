"""Bringing others in: notes, responder requests and escalation levels, each sent once and told from the answer."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from secops_oncall.clients.pagerduty_api import Json, PagerDutyApi
from secops_oncall.clients.pagerduty_outcomes import absent, as_it_is, failed, in_doubt, unseen
from secops_oncall.clients.pagerduty_reading import page as read_page
from secops_oncall.domain.outcomes import Outcome, Result, of_page
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import Person
from secops_oncall.domain.text import clean, clean_lines
from secops_oncall.domain.times import moment
from secops_oncall.errors import OncallError, RejectedError

NO_ABILITY = 402
Found = tuple[bool, str]  # whether a write is there that was not answered, and how the page is, where that was seen


class Escalation:
    """The writes that tell people of a page. None of them is idempotent: one without an answer is looked up."""

    def __init__(self, api: PagerDutyApi) -> None:
        self._api = api

    def note(self, page: Page, text: str, me: str, since: datetime) -> Outcome:
        """Write a note (POST /incidents/{id}/notes); it is known again by its text, its author and its time.

        `me` is the author's user id, `since` (aware) a moment before which it can't have been written.
        """
        path = f"/incidents/{page.id}/notes"

        def is_it(json: Json) -> bool:
            mine = clean((json.get("user") or {}).get("id")) == me
            return mine and moment(json["created_at"]) >= since and _same(json.get("content") or "", text)

        def look_up() -> Found:
            return any(self._api.list_of(path, is_it)), ""

        return self._sent(page, lambda: self._api.post(path, {"content": text}, lambda _: True), look_up)

    def request(self, page: Page, people: Sequence[Person], requester: str, message: str) -> Outcome:
        """Send a responder request; `requester` is a user id. Raises RejectedError (402) where the plan has none."""
        wanted = {person.id for person in people}
        targets = [{"responder_request_target": {"id": each, "type": "user_reference"}} for each in sorted(wanted)]
        body = {"requester_id": requester, "message": message, "responder_request_targets": targets}
        path = f"/incidents/{page.id}"

        def found(json: Json) -> Found:
            return wanted <= _requested(json, message), as_it_is(read_page(json))

        return self._sent(
            page,
            lambda: wanted <= self._api.post(f"{path}/responder_requests", body, _targets),
            lambda: self._api.get(path, found),
        )

    def level(self, page: Page, level: int, people: Sequence[Person]) -> Outcome:
        """Page a level; the page is theirs then. No field of a page tells its level (go-pagerduty issue 364)."""
        path, wanted = f"/incidents/{page.id}", {person.id for person in people}
        body = {"id": page.id, "type": "incident_reference", "escalation_level": level}

        def is_theirs(now: Page) -> bool:
            return not wanted.isdisjoint(person.id for person in now.assigned_to)

        def look_up() -> Found:
            """Where it was theirs before, that it is now tells nothing."""
            now = self._api.get(path, read_page)
            return not is_theirs(page) and is_theirs(now), as_it_is(now)

        return self._sent(page, lambda: is_theirs(self._api.put(path, body, read_page)), look_up)

    def _sent(self, page: Page, send: Callable[[], bool], look_up: Callable[[], Found]) -> Outcome:
        try:
            if send():
                return of_page(page, Result.DONE, "", "")
            return of_page(page, Result.FAILED, "remote", "PagerDuty's answer doesn't have it")
        except OncallError as error:
            if isinstance(error, RejectedError) and error.answered == NO_ABILITY:
                raise
            if not in_doubt(error):
                return failed(page, error)
            doubt = error
        try:
            there, as_it_is_now = look_up()
        except OncallError as error:
            return unseen(page, doubt.message, error)
        return of_page(page, Result.DONE, "", "") if there else absent(page, doubt, as_it_is_now)


def _same(one: str, other: str) -> bool:
    return clean_lines(one).split() == clean_lines(other).split()


def _targets(request: Json) -> set[str]:
    """The ids of those whom a responder request goes to."""
    targets: list[Any] = request.get("responder_request_targets") or []
    return {clean((each.get("responder_request_target") or {}).get("id")) for each in targets}


def _requested(incident: Json, message: str) -> set[str]:
    """The ids of those who were asked to help with these words."""
    asked: list[Any] = incident.get("incidents_responders") or []
    return {clean((each.get("user") or {}).get("id")) for each in asked if _same(each.get("message") or "", message)}
