"""Which proxy stands between, by the variables that every program reads and by what the system says."""

import pytest

from secops_oncall.clients.proxies import proxy_for
from secops_oncall.errors import ConfigError

PROXY = {"HTTPS_PROXY": "http://proxy.example:3128"}
named = pytest.mark.parametrize


@named(
    ("environ", "host", "source"),
    [
        (PROXY, "proxy.example:3128", "HTTPS_PROXY"),
        ({"https_proxy": "proxy.example", **PROXY}, "proxy.example:80", "https_proxy"),
        ({"ALL_PROXY": "https://[::1]:8080"}, "[::1]:8080", "ALL_PROXY"),
        ({"HTTP_PROXY": "http://proxy.example:3128"}, "system.example:80", "the system's settings"),
    ],
)
def test_the_first_that_is_named_counts(environ: dict[str, str], host: str, source: str) -> None:
    found = proxy_for("https://gitlab.com/sub", environ, lambda _: "system.example")
    assert found and (found.host, found.source) == (host, source)


@named("address", ["http://127.0.0.1:5000", "http://localhost", "https://[::1]:8443"])
def test_this_machine_is_never_asked_through_one(address: str) -> None:
    assert proxy_for(address, {**PROXY, "HTTP_PROXY": "http://proxy.example"}) is None


@named("none", [{}, {"https_proxy": "", **PROXY}])
def test_none_is_none(none: dict[str, str]) -> None:
    assert proxy_for("https://gitlab.com", none) is None


@named("passed", ["gitlab.com", ".gitlab.com", "*.gitlab.com", "x, GITLAB.COM:443 ", "com", "*", "gitlab.com,"])
@named("name", ["no_proxy", "NO_PROXY"])
def test_what_is_passed_by(passed: str, name: str) -> None:
    assert proxy_for("https://gitlab.com", {**PROXY, name: passed}) is None


@named("other", ["lab.com", "gitlab.com:8443", "api.gitlab.com", "", ",", "10.0.0.0/8"])
def test_what_is_not(other: str) -> None:
    assert proxy_for("https://gitlab.com", {**PROXY, "NO_PROXY": other}) is not None


@named(("passed", "by"), [("10.0.0.0/8", True), ("10.1.2.3", True), ("10.1.2.3:443", True), ("11.0.0.0/8", False)])
def test_networks_are_passed_by(passed: str, by: bool) -> None:
    assert (proxy_for("https://10.1.2.3", {**PROXY, "NO_PROXY": passed}) is None) is by


def test_the_password_is_for_the_proxy_alone() -> None:
    found = proxy_for("https://gitlab.com", {"HTTPS_PROXY": "http://ana:p%40ss@proxy.example"})
    assert found and found.headers == {"Proxy-Authorization": "Basic YW5hOnBAc3M="}
    assert "p%40ss" not in repr(found) + found.host


@named(
    "url", ["socks5h://ana:p4ss@proxy.example", "http://", "http://proxy.example:p4ss", "http://[p4ss", "http://x:0"]
)
def test_what_is_no_proxy_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError, match="HTTPS_PROXY") as caught:
        proxy_for("https://gitlab.com", {"HTTPS_PROXY": url})
    assert "p4ss" not in caught.value.message + caught.value.hint
