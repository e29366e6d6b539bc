"""Limits, patience, and the addresses that may get a token."""

from datetime import UTC, datetime

import pytest

from secops_oncall.clients.network import Network, Patience, checked_address, said
from secops_oncall.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://api.pagerduty.com", "https://api.pagerduty.com"),
        (" https://GitLab.Example.com:8443/Git/ ", "https://gitlab.example.com:8443/Git"),
        ("http://127.0.0.1:5000/pagerduty", "http://127.0.0.1:5000/pagerduty"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:80/", "http://[::1]:80"),
        ("http://localhost:5000", "http://localhost:5000"),
    ],
)
def test_address_is_kept_without_its_last_slash(url: str, address: str) -> None:
    assert checked_address("gitlab.url", url) == address


@pytest.mark.parametrize(
    "url",
    [
        "http://gitlab.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://0.0.0.0",
        "ftp://gitlab.com",
        "gitlab.com",
        "https://",
        "https://gitlab.com:port",
        "https://[gitlab",
        "https://gitlab.com?private_token=x",
        "https://gitlab.com#x",
        "https://gitläb.example",
        r"https://evil.example\.gitlab.com",
        "https://gitlab.com%2eevil.example",
        "https://gitlab .com",
        "https://gitlab..com",
        "https://.gitlab.com",
        f"https://{'a' * 64}.com",
        "https://" + "a.b" * 100,
        "",
    ],
)
def test_address_that_must_not_get_a_token_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"gitlab\.url"):
        checked_address("gitlab.url", url)


def test_address_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(ConfigError) as caught:
        checked_address("gitlab.url", "https://ana:hunter2@gitlab.com")
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_patience_counts_the_time_in_which_something_is_asked() -> None:
    now = [0.0]
    patience = Patience(30, clock=lambda: now[0])
    with patience:
        now[0] += 10
        with patience:
            now[0] += 5
        assert patience.left() == 15
    now[0] += 600  # somebody thinks at a prompt
    assert patience.left() == 15
    with patience:
        now[0] += 16
    assert patience.left() == -1
    patience.renew()
    assert patience.left() == 30


def test_waits_that_overlap_are_told_once_for_each_service_and_a_longer_one_again() -> None:
    now, told = [100.0], list[tuple[str, float]]()
    network = Network(
        patience=Patience(clock=lambda: now[0]),
        on_wait=lambda service, seconds: told.append((service, seconds)),
        sleep=lambda _: None,
    )
    for later, service, seconds in (
        (0.0, "PagerDuty", 3.0),
        (0.1, "PagerDuty", 3.0),
        (0.1, "GitLab", 3.0),
        (0.3, "PagerDuty", 3.0),
        (0.0, "PagerDuty", 1.0),
        (0.0, "PagerDuty", 9.0),
        (8.0, "PagerDuty", 1.5),
        (2.0, "PagerDuty", 1.0),
    ):
        now[0] += later
        network.wait(service, seconds)
    assert told == [("PagerDuty", 3.0), ("GitLab", 3.0), ("PagerDuty", 9.0), ("PagerDuty", 1.0)]


def test_a_write_is_on_its_way_until_it_has_ended_and_for_ever_where_ctrl_c_cut_it_off() -> None:
    patience = Patience()
    with patience.writing(False):
        assert not patience.has_written()
    with pytest.raises(ZeroDivisionError), patience.writing(True):
        assert patience.has_written()
        raise ZeroDivisionError
    assert not patience.has_written()
    with pytest.raises(KeyboardInterrupt), patience.writing(True):
        raise KeyboardInterrupt
    assert patience.has_written()


@pytest.mark.parametrize("date", ["Mon, 23 Nov 2026 14:30:00 GMT", "Mon, 23 Nov 2026 14:30:00 -0000"])
def test_a_date_is_a_moment(date: str) -> None:
    assert said(date) == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("date", [None, "", "soon", "Mon, 99 Nov 2026 14:30:00 GMT", "2026-11-23"])
def test_what_is_no_date_is_none(date: str | None) -> None:
    assert said(date) is None
