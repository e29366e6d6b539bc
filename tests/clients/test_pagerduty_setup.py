"""PagerDuty as it tells of itself: whose key it is, and what there is to choose from."""

from typing import Any

import pytest

from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty_setup import PagerDutySetupClient
from secops_oncall.domain.setup import Account, Level, Policy, Schedule, TokenFacts
from secops_oncall.errors import AuthError, ConfigError, OncallError, RejectedError, RemoteError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.pagerduty import ACCOUNT_KEY
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service

ANA = Account("pagerduty", "PANA001", "Ana Ferreira", "ana@example.com")


def at(url: str, network: Network, key: str = "pd-s3cret-token", auth: str = "token") -> PagerDutySetupClient:
    return PagerDutySetupClient(url, key, network=network, auth=auth, token_from="ONCALL_PAGERDUTY_TOKEN")


@pytest.fixture
def setup(sandbox: Sandbox, network: Network) -> PagerDutySetupClient:
    """The client under test, as the engineer whose shift it is."""
    return at(sandbox.addresses.pagerduty, network, cast.token("pagerduty"))


@pytest.mark.parametrize(
    ("key", "auth", "kind", "account"),
    [
        (cast.token("pagerduty"), "token", "user key", ANA),
        (cast.token("pagerduty"), "bearer", "OAuth token", ANA),
        (ACCOUNT_KEY, "token", "account key", None),
        (ACCOUNT_KEY, "bearer", "OAuth app token", None),
    ],
)
def test_a_key_is_a_users_or_nobodys(
    sandbox: Sandbox, network: Network, key: str, auth: str, kind: str, account: Account | None
) -> None:
    assert at(sandbox.addresses.pagerduty, network, key, auth).token() == TokenFacts("pagerduty", kind, account)


def test_a_key_that_is_rejected(sandbox: Sandbox, network: Network) -> None:
    with pytest.raises(AuthError, match="rejects the token from ONCALL_PAGERDUTY_TOKEN") as caught:
        at(sandbox.addresses.pagerduty, network).token()
    assert "s3cret" not in f"{caught.value.message}{caught.value.hint}"


def test_a_key_that_is_nobodys_is_proved_by_what_it_may_read(service: Service, network: Network) -> None:
    refused = {"error": "account-level access token"}
    service.answering = lambda asked: Reply(400, refused) if asked.path.startswith("/users/me") else Reply(403)
    with pytest.raises(AuthError):
        at(service.address, network).token()


def test_policies_with_whom_their_levels_page_and_schedules_with_their_policies(setup: PagerDutySetupClient) -> None:
    engineers, managers = cast.SCHEDULES["engineer"], cast.SCHEDULES["manager"]
    levels = (Level((engineers[1],), 15), Level((managers[1],), 15))
    assert setup.policies() == [Policy(*cast.POLICY, levels)]
    assert setup.schedules() == [
        Schedule(*managers, "UTC", (cast.POLICY[1],)),
        Schedule(*cast.SCHEDULES["backup"], "UTC"),
        Schedule(*engineers, "UTC", (cast.POLICY[1],)),
    ]


def test_people_by_name(setup: PagerDutySetupClient) -> None:
    found = setup.people()
    assert found[0] == ANA
    assert [person.name for person in found] == sorted(person.name for person in cast.PEOPLE.values())


def test_ten_thousand_people_are_read_to_the_last(service: Service, network: Network) -> None:
    everybody = [{"id": f"P{number:05}", "name": f"N {number % 7}", "email": None} for number in range(10_000)]

    def answer(asked: Request) -> Reply:
        query = dict(part.split("=") for part in asked.path.partition("?")[2].split("&"))
        first = int(query["offset"])
        part = everybody[first : first + 100]
        return Reply(body={"users": part, "more": first + 100 < len(everybody), "total": len(everybody)})

    service.answering = answer
    found = at(service.address, network).people()
    assert len({person.id for person in found}) == 10_000
    assert (found[0], found[-1].name) == (Account("pagerduty", "P00000", "N 0"), "N 6")
    assert len(service.seen) == 100


def test_an_account_without_policies_has_none(service: Service, network: Network) -> None:
    service.answering = lambda asked: Reply(body={asked.path.split("?")[0].strip("/"): [], "more": False})
    setup = at(service.address, network)
    assert (setup.policies(), setup.schedules(), setup.people()) == ([], [], [])


def test_hostile_names_are_cleaned(service: Service, network: Network) -> None:
    wild = "\x1b]0;owned\x07Sec\u202e\n[bold]"
    rule = {"escalation_delay_in_minutes": 30, "targets": [{"id": "P1", "summary": wild}]}
    policy = {"id": "P1\x1b[2J", "name": wild, "escalation_rules": [rule]}
    service.replies = [Reply(body={"escalation_policies": [policy], "more": False})]
    assert at(service.address, network).policies() == [Policy("P1", "Sec [bold]", (Level(("Sec [bold]",), 30),))]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(body="<html>Sign in</html>", kind="text/html"), RemoteError),
        (Reply(body=[]), RemoteError),
        (Reply(body={"user": {}}), RemoteError),
        (Reply(body={"user": "you"}), RemoteError),
        (Reply(body={"user": None}), RemoteError),
        (Reply(402, {"error": {"message": "Account not able", "code": 2012}}), RejectedError),
        (Reply(503), RemoteError),
    ],
)
def test_an_answer_that_is_none(service: Service, network: Network, reply: Reply, kind: type[OncallError]) -> None:
    service.replies = [reply]
    with pytest.raises(kind) as caught:
        at(service.address, network).token()
    assert caught.value.hint
    assert caught.value.exit_code == 6


@pytest.mark.parametrize("row", [{"id": "P1"}, {"id": "P1", "name": "x", "escalation_rules": [{"targets": []}]}, "P1"])
def test_a_policy_that_lacks_what_policies_have(service: Service, network: Network, row: Any) -> None:
    service.replies = [Reply(body={"escalation_policies": [row], "more": False})]
    with pytest.raises(RemoteError, match="not what its API sends"):
        at(service.address, network).policies()


def test_an_address_that_must_not_get_a_key(network: Network) -> None:
    with pytest.raises(ConfigError, match="unencrypted"):
        at("http://api.pagerduty.com", network)


def test_nothing_is_kept(setup: PagerDutySetupClient, sandbox: Sandbox) -> None:
    assert setup.token().account == ANA
    add_fault(sandbox.store, Fault("GET", "/users/me", status=401))
    with pytest.raises(AuthError):
        setup.token()
