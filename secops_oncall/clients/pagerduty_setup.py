"""PagerDuty as it tells of itself: whose key it is, and the policies, schedules and people to choose from."""

from collections.abc import Iterable
from typing import Any, TypeVar

from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty_api import Json, PagerDutyApi
from secops_oncall.domain.setup import ACCOUNT_KEY, Account, Level, Policy, Schedule, TokenFacts
from secops_oncall.domain.text import clean
from secops_oncall.errors import RejectedError

_Named = TypeVar("_Named", Account, Policy, Schedule)


class PagerDutySetupClient:
    """`ports_setup.PagerDutySetup` over REST v2 (PagerDuty's api-schema); nothing is cached, each call asks anew.

    `url` is the REST base, `auth` `token` or `bearer`, `token_from` where the token was found. Raises ConfigError for
    an address that must not get a token.
    """

    def __init__(self, url: str, token: str, *, network: Network, auth: str, token_from: str) -> None:
        self._api = PagerDutyApi(url, token, network, email=None, auth=auth, token_from=token_from)
        self._kinds = ("OAuth token", "OAuth app token") if auth == "bearer" else ("user key", ACCOUNT_KEY)

    def token(self) -> TokenFacts:
        """Whose key it is; GET /users/me answers 400 for one that is nobody's (api-schema), of which /users is asked.

        PagerDuty tells neither scopes nor an end, nor whether an account-level key may only read.
        """
        users, account = self._kinds
        try:
            return TokenFacts("pagerduty", users, self._api.get("/users/me", _person))
        except RejectedError as error:
            if error.answered != 400:
                raise
        self._api.get("/users", lambda _: None, {"limit": "1"})  # that a key is nobody's doesn't prove it good
        return TokenFacts("pagerduty", account, None)

    def policies(self) -> list[Policy]:
        """Every escalation policy that the key sees, by name."""
        return _by_name(self._api.every("/escalation_policies", _policy))

    def schedules(self) -> list[Schedule]:
        """Every schedule that the key sees, by name."""
        return _by_name(self._api.every("/schedules", _schedule))

    def people(self) -> list[Account]:
        """Every user that the key sees, by name."""
        return _by_name(self._api.every("/users", _person))


def _by_name(found: Iterable[_Named]) -> list[_Named]:
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def _person(json: Json) -> Account:
    name = clean(json.get("name") or json.get("summary"))
    return Account("pagerduty", clean(json["id"]), name, clean(json.get("email")) or None)


def _policy(json: Json) -> Policy:
    levels = [Level(_targets(rule), int(rule["escalation_delay_in_minutes"])) for rule in json["escalation_rules"]]
    return Policy(clean(json["id"]), _name(json), tuple(levels))


def _targets(rule: Json) -> tuple[str, ...]:
    return tuple(_name(target) for target in rule["targets"])


def _schedule(json: Json) -> Schedule:
    policies = tuple(_name(policy) for policy in json.get("escalation_policies") or [])
    return Schedule(clean(json["id"]), _name(json), clean(json.get("time_zone")), policies)


def _name(json: Any) -> str:
    return clean(json.get("name") or json["summary"])
