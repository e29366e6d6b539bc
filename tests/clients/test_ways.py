"""PagerDuty, GitLab and Slack behind a company's certificates and proxy: each is reached, or says what is wrong."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from secops_oncall.cache import Cache
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.clients.slack import SlackClient
from secops_oncall.errors import AuthError, ConfigError, RemoteError
from tests.clients.conftest import Reply, Service, Told
from tests.clients.tls_world import NAME, ConnectProxy, bundle, certified

CA = trustme.CA(organization_name="Example Company CA")
LEAF = CA.issue_cert(NAME, "127.0.0.1")
EXPIRED = CA.issue_cert(NAME, "127.0.0.1", not_after=datetime(2021, 1, 1, tzinfo=UTC))
INTERMEDIATE = CA.create_child_ca().issue_cert("127.0.0.1")
LOGIN = "ana:s3cret%20pw"
Ask = Callable[[str, Network], object]


def _pagerduty(url: str, network: Network) -> object:
    return PagerDutyClient(url, "s3cret-token", network=network, cache=Cache(None, lambda: datetime.now(UTC))).me()


def _gitlab(url: str, network: Network) -> object:
    return GitLabClient(url, "s3cret-token", network=network, cache=Cache(None, lambda: datetime.now(UTC))).me()


def _slack(url: str, network: Network) -> object:
    return SlackClient(url, "s3cret-token", network=network, token_from="ONCALL_SLACK_TOKEN").post(
        "C0SECOPS", {"m": "x"}
    )


each = pytest.mark.parametrize("ask", [_pagerduty, _gitlab, _slack], ids=["pagerduty", "gitlab", "slack"])


@pytest.fixture
def serve() -> Iterator[Callable[[trustme.LeafCert], Service]]:
    """Services that rejects every token: whoever hears that has reached them."""
    started: list[Service] = []

    def start(leaf: trustme.LeafCert) -> Service:
        service = Service(certified(leaf))
        service.replies = [Reply(401, {"ok": False, "error": "invalid_auth"})]
        service.start()
        started.append(service)
        return service

    yield start
    for service in started:
        service.stop()


@pytest.fixture
def secure(serve: Callable[[trustme.LeafCert], Service]) -> Service:
    """A service with the company's certificate."""
    return serve(LEAF)


@pytest.fixture
def proxy(secure: Service) -> Iterator[ConnectProxy]:
    """The company's proxy before it."""
    started = ConnectProxy(secure.port)
    yield started
    started.stop()


def a_network(told: Told, ca_bundle: Path | None = None, **environ: str) -> Network:
    return Network(
        attempts=1,
        ca_bundle=str(ca_bundle) if ca_bundle else None,
        environ=environ,
        on_request=lambda method, url, status, _: told.requests.append((method, url, status)),
    )


@each
@pytest.mark.parametrize("name", ["", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_company_s_certificates_are_believed_once_they_are_named(
    ask: Ask, name: str, secure: Service, told: Told, tmp_path: Path
) -> None:
    file = bundle(CA, tmp_path)
    named = None if name else file
    network = a_network(told, named, **{name or "SSL_CERT_FILE": str(file if name else tmp_path / "gone")})
    with pytest.raises(AuthError):
        ask(secure.address, network)


@each
def test_an_unknown_issuer_is_named_with_the_key_to_set(
    ask: Ask, secure: Service, serve: Callable[[trustme.LeafCert], Service], told: Told
) -> None:
    for service in (secure, serve(INTERMEDIATE)):
        with pytest.raises(RemoteError) as caught:
            ask(service.address, a_network(told))
        assert "is not trusted: its issuer is unknown here (issuer: Example Company CA)" in caught.value.message
        assert caught.value.hint.endswith("oncall config set network.ca_bundle FILE")
        assert not caught.value.in_doubt
        assert service.seen == [], "no token, nor anything else"


@each
def test_an_expired_certificate_and_one_for_another_name(
    ask: Ask, serve: Callable[[trustme.LeafCert], Service], told: Told, tmp_path: Path
) -> None:
    network = a_network(told, bundle(CA, tmp_path))
    with pytest.raises(RemoteError, match=r"certificate has expired \(issuer: Example Company CA\)") as caught:
        ask(serve(EXPIRED).address, network)
    assert "clock" in caught.value.hint
    with pytest.raises(RemoteError, match=r"certificate is not for 127.0.0.1 \(issuer: Example Company CA\)") as caught:
        ask(serve(CA.issue_cert("other.test")).address, network)
    assert ".url`" in caught.value.hint


@each
def test_the_proxy_of_the_environment_is_gone_through(
    ask: Ask, secure: Service, proxy: ConnectProxy, told: Told, tmp_path: Path
) -> None:
    address, file = f"https://{NAME}", bundle(CA, tmp_path)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        with pytest.raises(AuthError):
            ask(address, a_network(told, file, **{name: f"http://{LOGIN}@{proxy.host}", "NO_PROXY": "other.test"}))
    login = "Proxy-Authorization: Basic " + base64.b64encode(b"ana:s3cret pw").decode()
    assert [line.rpartition(" HTTP/")[0] or line for line in proxy.seen] == [f"CONNECT {NAME}:443", login] * 3
    assert all("proxy-authorization" not in seen.headers for seen in secure.seen)
    assert "s3cret" not in str(told.requests)


@each
def test_an_issuer_is_seen_through_the_proxy_too(ask: Ask, secure: Service, proxy: ConnectProxy, told: Told) -> None:
    with pytest.raises(RemoteError, match="issuer: Example Company CA") as caught:
        ask(f"https://{NAME}", a_network(told, HTTPS_PROXY=f"http://{LOGIN}@{proxy.host}"))
    assert f"by the proxy {proxy.host}: its TLS certificate" in caught.value.message
    assert secure.seen == []


@each
def test_a_proxy_that_refuses_or_is_not_there(ask: Ask, proxy: ConnectProxy, told: Told) -> None:
    network = a_network(told, HTTPS_PROXY=f"http://{LOGIN}@{proxy.host}")
    for status, message, hint in (
        ("407 Proxy Authentication Required", r"wants a user and a password \(407\)", "set HTTPS_PROXY to"),
        ("403 Forbidden", r"the proxy refuses to connect \(403\)", "NO_PROXY"),
    ):
        proxy.refuse = status
        with pytest.raises(RemoteError, match=message) as caught:
            ask(f"https://{NAME}", network)
        assert hint in caught.value.hint
        assert not caught.value.in_doubt
    with pytest.raises(RemoteError, match=r"by the proxy 127.0.0.1:1: the connection was refused") as caught:
        ask(f"https://{NAME}", a_network(told, HTTPS_PROXY=f"http://{LOGIN}@127.0.0.1:1"))
    assert "HTTPS_PROXY" in caught.value.hint
    assert "s3cret" not in f"{caught.value.message}{caught.value.hint}{told.requests}"


@pytest.mark.parametrize("scheme", ["https", "HTTPS", " https"])
def test_slack_tells_a_proxy_over_tls_nothing_and_goes_no_other_way(scheme: str, told: Told) -> None:
    with pytest.raises(ConfigError, match=r"a proxy that is reached by https:// \(ALL_PROXY\)") as caught:
        _slack(f"https://{NAME}", a_network(told, ALL_PROXY=f"{scheme}://{LOGIN}@127.0.0.1:1"))
    assert caught.value.hint == f"set ALL_PROXY to http://HOST:PORT, or NO_PROXY to {NAME}"
    assert told.requests == []


@each
def test_what_can_not_be_spoken_to_is_refused_before_anything_is_sent(ask: Ask, told: Told) -> None:
    with pytest.raises(ConfigError, match="HTTPS_PROXY names a proxy of a kind that can't be used: socks5"):
        ask(f"https://{NAME}", a_network(told, HTTPS_PROXY=f"socks5://{LOGIN}@127.0.0.1:1"))
    with pytest.raises(ConfigError, match="there is no certificate bundle"):
        ask(f"https://{NAME}", a_network(told, Path("/nonexistent.pem")))
    with pytest.raises(ConfigError, match="unencrypted"):
        ask(f"http://{NAME}", a_network(told))
