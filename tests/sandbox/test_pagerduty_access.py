"""Who may ask: users' keys, the account's key with and without `From`, and keys that are none."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty import ACCOUNT_KEY
from secops_oncall.sandbox.server import Sandbox

ACK = {"incident": {"type": "incident_reference", "status": "acknowledged"}}
PAGE = "/incidents/Q1CANARYTOKEN01"

As = Callable[[str], Any]


@pytest.mark.parametrize("scheme", ["Token token=", "Bearer "])
def test_a_users_key_is_that_user_however_it_is_sent(sandbox: Sandbox, scheme: str) -> None:
    headers = {"Authorization": scheme + cast.token("pagerduty", "eva")}
    answer = requests.get(f"{sandbox.addresses.pagerduty}/users/me", headers=headers, timeout=20)
    assert answer.json()["user"]["email"] == "eva@example.com"


@pytest.mark.parametrize("header", [None, "Token token=wrong", "sandbox-pagerduty-ana", "Token sandbox-pagerduty-ana"])
def test_without_a_good_key_nothing_is_answered(sandbox: Sandbox, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = requests.get(f"{sandbox.addresses.pagerduty}/incidents", headers=headers, timeout=20)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == 2006


def test_pdpyras_tells_the_two_kinds_of_key_apart(pagerduty_as: As) -> None:
    assert pagerduty_as("ana").api_key_access == "user"
    assert pagerduty_as(ACCOUNT_KEY).api_key_access == "account"


def test_an_account_key_reads_but_writes_only_in_the_name_of_a_user(pagerduty_as: As) -> None:
    account = pagerduty_as(ACCOUNT_KEY)
    assert len(account.rget("/incidents")) == 11
    refused = account.put(PAGE, json=ACK)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 2016)
    assert '"From" header' in refused.json()["error"]["message"]
    stranger = account.put(PAGE, json=ACK, headers={"From": "nobody@example.com"})
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (400, 1008)
    done = account.put(PAGE, json=ACK, headers={"From": "ben@example.com"})
    assert done.json()["incident"]["acknowledgements"][0]["acknowledger"]["summary"] == "Ben Okafor"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", "/incidents", {"incidents": []}),
        ("post", f"{PAGE}/notes", {"note": {"content": "x"}}),
        ("post", "/incidents/Q1PHISHING00006/snooze", {"duration": 60}),
    ],
)
def test_every_write_on_an_incident_needs_a_user(pagerduty_as: As, method: str, path: str, body: Any) -> None:
    refused = getattr(pagerduty_as(ACCOUNT_KEY), method)(path, json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 2016)
