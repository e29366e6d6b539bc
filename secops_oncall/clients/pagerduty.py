"""PagerDuty as the workflows know it: pages, who is on call, acking and resolving."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote

from secops_oncall.cache import Cache, digest
from secops_oncall.clients import pagerduty_reading as reading
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty_api import ForbiddenError, FurthestError, PagerDutyApi
from secops_oncall.clients.pagerduty_detail import alert, entry, note
from secops_oncall.clients.pagerduty_escalation import Escalation
from secops_oncall.clients.pagerduty_kept import WEEK, KeptRosters
from secops_oncall.clients.pagerduty_kin import kin
from secops_oncall.clients.pagerduty_levels import PolicyLevels
from secops_oncall.clients.pagerduty_reassigning import Reassigning
from secops_oncall.clients.pagerduty_reopened import reopened
from secops_oncall.clients.pagerduty_roster import Roster
from secops_oncall.clients.pagerduty_snooze import NEAR, snooze
from secops_oncall.clients.pagerduty_status import StatusChange
from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.pages import Alert, Kin, LogEntry, Page, PageNote, PageQuery
from secops_oncall.domain.people import Contact, Me, OnCall, Person, RoleName
from secops_oncall.domain.roster import KeptRoster
from secops_oncall.domain.text import clean, quoted
from secops_oncall.domain.times import iso, moment
from secops_oncall.errors import ConfigError, NotFoundError, RejectedError, RemoteError

WINDOW = timedelta(days=170)  # six months are the most that PagerDuty lists at once (pagerduty.md, 1.2)
SKEW = timedelta(hours=1)  # by how much this machine's clock may be behind PagerDuty's
# The service's own ack time-out comes with it: without, every acked page would look snoozed.
_WITH = ["services"]
_USER_ID = re.compile(r"P[A-Z0-9]{6,13}")


class PagerDutyClient:
    """`ports.PagerDuty` over REST v2 (PagerDuty's api-schema; facts in the design's pagerduty.md).

    `url` is the REST base, `email` the user behind an account-level key, `auth` `token` or `bearer`, `token_from`
    where the token was found. Raises ConfigError for an address that must not get a token.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        network: Network,
        cache: Cache,
        email: str | None = None,
        auth: str = "token",
        token_from: str = "ONCALL_PAGERDUTY_TOKEN",  # noqa: S107 - a variable's name
    ) -> None:
        self._api = PagerDutyApi(url, token, network, email=email, auth=auth, token_from=token_from)
        self._cache = cache
        self._email = email
        self._key = f"pagerduty/{url}/{digest(token)}/{email or ''}"
        self._roster = Roster(self._api, cache, self._key)
        self._levels = PolicyLevels(self._api, cache, self._key)
        self._kept = KeptRosters(cache, self._key)
        self._escalation = Escalation(self._api)
        self._known: Me | None = None
        self._asking = Lock()

    def me(self) -> Me:
        """Who the token belongs to, from the cache for a day, for a week while PagerDuty is down.

        An account-level key belongs to `pagerduty.email`. Raises ConfigError for one without it (GET /users/me
        answers 400, api-schema).
        """
        with self._asking:  # the banner asks beside the command: one of them is enough
            if self._known is None:
                self._known = self._kept_me()
            return self._known

    def _kept_me(self) -> Me:
        key = f"{self._key}/me"
        known: Me | None = self._cache.get(key, read=_me)
        if known:
            return known
        try:
            asked = self._asked_me()
        except RemoteError as error:
            old: Me | None = None if isinstance(error, RejectedError) else self._cache.get(key, WEEK, read=_me)
            if old is None:
                raise
            return old
        self._cache.put(key, asdict(asked))
        return asked

    def pages(self, query: PageQuery) -> list[Page]:
        """Every page that a query names. Without `since`, however old: the API's own default is one month."""
        if query.resolved_since:
            return self._resolved(query, query.resolved_since)
        until = query.until or self._cache.clock() + SKEW
        # With one end only PagerDuty takes a month from it (pagerduty.md, 1.2); a longer window it refuses.
        windowed = query.since is not None and until - query.since <= WINDOW
        params = {**_params(query), "sort_by": "created_at:asc"}  # what lies beyond the furthest offset is newer
        params |= {"since": iso(query.since or until), "until": iso(until)} if windowed else {"date_range": "all"}
        try:
            found = self._api.every("/incidents", reading.page, params)
        except FurthestError as error:
            found = self._by_windows(params, error, until)
        return [page for page in found if windowed or query.since is None or query.since <= page.created_at <= until]

    def _resolved(self, query: PageQuery, since: datetime) -> list[Page]:
        """The pages that were resolved since a moment, the last one first: as many parts of the list as hold them.

        PagerDuty's own window goes by when a page was created, whatever its statuses (api-schema, listIncidents).
        """
        params = {**_params(query), "date_range": "all", "sort_by": "resolved_at:desc"}
        return self._api.beginning(
            "/incidents", reading.page, params, lambda page: (page.resolved_at or since) >= since
        )

    def _by_windows(self, params: Mapping[str, str | list[str]], far: FurthestError, until: datetime) -> list[Page]:
        """What lies beyond the furthest offset, by windows of time from the last page that was listed."""
        found: dict[str, Page] = {page.id: page for page in far.found}
        start = max(page.created_at for page in found.values())
        windowed = {key: value for key, value in params.items() if key != "date_range"}
        while start < until:
            end = min(start + WINDOW, until)
            try:
                listed = self._api.every(
                    "/incidents", reading.page, {**windowed, "since": iso(start), "until": iso(end)}
                )
            except FurthestError as error:
                listed, end = error.found, max(page.created_at for page in error.found)
                if end <= start:  # thousands within one second: no window is small enough
                    raise
            found |= {page.id: page for page in listed}
            start = end
        return list(found.values())

    def page(self, ref: str) -> Page:
        """One page by id or number (GET /incidents/{id} takes either); NotFoundError names it."""
        path = f"/incidents/{quote(ref, safe='')}"
        try:
            return self._api.get(path, reading.page, {"include[]": [*_WITH, "conference_bridge"]})
        except NotFoundError:
            raise NotFoundError(f"page {quoted(ref)} not found", "run `oncall pages`") from None

    def log(self, page: str) -> list[LogEntry]:
        """The whole log of a page id, earliest first; of one moment's entries the one that is listed last."""
        listed = self._api.every(f"/incidents/{page}/log_entries", entry)
        listed.reverse()
        return sorted(listed, key=lambda one: one.at)

    def alerts(self, page: str) -> list[Alert]:
        """Every alert of a page id."""
        return self._api.every(f"/incidents/{page}/alerts", alert)

    def notes(self, page: str) -> list[PageNote]:
        """The notes on a page id, which PagerDuty doesn't page."""
        return self._api.list_of(f"/incidents/{page}/notes", note)

    def kin(self, page: str) -> Kin:
        """Past and related incidents and custom field values of a page id, side by side; what fails is left out."""
        return kin(self._api, page)

    def acknowledge(self, pages: Sequence[Page]) -> list[Outcome]:
        """Ack pages that are triggered; `joined` is the code where a colleague acked first."""
        return StatusChange(self._api, self.me, "acknowledged").of(pages)

    def reopened(self, pages: Sequence[Page], since: datetime) -> dict[str, LogEntry]:
        """The resolves that my acks of pages came after, and so undid, by page id."""
        return reopened(self._api, pages, self.me().id, since)

    def resolve(self, pages: Sequence[Page]) -> list[Outcome]:
        """Resolve pages."""
        return StatusChange(self._api, self.me, "resolved").of(pages)

    def snooze(self, page: Page, rest: timedelta | datetime) -> tuple[Outcome, datetime | None]:
        """Let an acked page rest; the outcome, and when PagerDuty says that it comes back."""
        return snooze(self._api, page, rest, self._cache.clock)

    def touched(self, since: datetime, until: datetime, teams: Sequence[str]) -> list[str]:
        """The ids of every page with a log entry in a window (GET /log_entries), earliest entry first."""
        seen = self._api.every(
            "/log_entries",
            lambda json: (moment(json["created_at"]), clean((json.get("incident") or {}).get("id"))),
            {"since": iso(since), "until": iso(until), "team_ids[]": list(teams)},
        )
        return list(dict.fromkeys(page for _, page in sorted(seen) if page))

    def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
        """The on-call entries of roles in a window; NotFoundError for a policy or schedule that isn't there."""
        return self._roster.on_call(roles, since, until)

    def overrides(self, schedule: str, since: datetime, until: datetime) -> list[OnCall]:
        """The overrides of a schedule id in a window; none where it has none to tell (400, 403, 404)."""
        return self._roster.overrides(schedule, since, until)

    def levels(self, policy: str, since: datetime, until: datetime) -> Levels:
        """A policy id's delays, and who stood on its levels in a window that is past (GET /oncalls)."""
        return self._levels.of(policy, since, until)

    def contacts(self, user: str) -> tuple[Contact, ...] | None:
        """How to reach a user id; None where the token may not see it (403 while the rest works, pagerduty.md, 1.5)."""
        try:
            found = self._api.list_of(f"/users/{quote(user, safe='')}/contact_methods", reading.contact)
        except ForbiddenError:
            return None
        return tuple(contact for contact in found if contact)

    def users(self, name: str) -> list[Person]:
        """The users whose name or e-mail has a text in it (GET /users), or whose id it is in any case."""
        if _USER_ID.fullmatch(name) and (user := self._user(name)):
            return [user]
        listed = self._api.every("/users", reading.person, {"query": name})
        if listed or not _USER_ID.fullmatch(name.upper()):
            return listed
        user = self._user(name.upper())  # only now: many a name could be an id in lower case
        return [user] if user else []

    def _user(self, key: str) -> Person | None:
        with suppress(NotFoundError):
            return self._api.get(f"/users/{key}", reading.person)
        return None

    def note(self, page: Page, text: str) -> Outcome:
        """Write a note on a page, never twice; one without an answer is looked up among my own."""
        return self._escalation.note(page, text, self.me().id, self._cache.clock() - NEAR)

    def request_responder(self, page: Page, people: Sequence[Person], message: str) -> Outcome:
        """Ask people to help with a page, in my name; RejectedError (402) where the account's plan lacks it."""
        return self._escalation.request(page, people, self.me().id, message)

    def escalate_to(self, page: Page, level: int, people: Sequence[Person]) -> Outcome:
        """Page a level of the page's policy, counted from 1; `people` are those who are on it."""
        return self._escalation.level(page, level, people)

    def reassign(self, pages: Sequence[Page], person: Person) -> list[Outcome]:
        """Give pages to one person alone, 250 a request."""
        return Reassigning(self._api, person).of(pages)

    def roster_is_due(self) -> bool:
        """Whether PagerDuty was asked, and no roster was kept within a day, nor tried to within the hour."""
        return self._api.is_used and self._kept.is_due()

    def keep_roster(self, kept: KeptRoster | None) -> None:
        """Keep a roster for an outage; None forgets it."""
        self._kept.keep(kept)

    def kept_roster(self) -> KeptRoster | None:
        """The roster that was kept at most 7 days ago."""
        return self._kept.kept()

    def _asked_me(self) -> Me:
        try:
            return self._api.get("/users/me", reading.me, {"include[]": ["teams"]})
        except RejectedError as error:
            if error.answered != 400:
                raise
        if not self._email:
            raise ConfigError(
                "the PagerDuty token is an account's, not a person's: `pagerduty.email` is needed",
                "set `pagerduty.email` to your own address in PagerDuty",
            )
        users = self._api.every("/users", reading.me, {"query": self._email, "include[]": ["teams"]})
        mine = [user for user in users if user.email.casefold() == self._email.casefold()]
        if not mine:
            raise NotFoundError(f"PagerDuty has no user {quoted(self._email)}", "check `pagerduty.email`")
        return mine[0]


def _me(kept: dict[str, Any]) -> Me:
    """Me, as the cache has it."""
    return Me(**{**kept, "teams": tuple(kept["teams"])})


def _params(query: PageQuery) -> dict[str, str | list[str]]:
    """Which pages a query means, as PagerDuty's own filters."""
    return {
        "statuses[]": list(query.statuses),
        "user_ids[]": list(query.users),
        "team_ids[]": list(query.teams),
        "urgencies[]": [query.urgency] if query.urgency else [],
        "include[]": [*_WITH, *(["conference_bridge"] if query.bridged else [])],
    }
