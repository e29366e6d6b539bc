"""Clients for what isn't settled yet, and the network that they are given before there is a configuration."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from secops_oncall.app import App
from secops_oncall.domain.setup import NAMES
from secops_oncall.domain.tokens import Token
from secops_oncall.errors import AuthError, ConfigError
from secops_oncall.outgoing import limits
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from secops_oncall.streams import Streams
from secops_oncall.world import Options
from tests.sandbox.conftest import NOW, clock, sandbox  # noqa: F401 - the fixtures of the sandbox


@pytest.fixture
def app(tmp_path: Path) -> App:
    """A run of somebody who has nothing set up."""
    environ = {"HOME": str(tmp_path), "ONCALL_STATE_DIR": str(tmp_path / "state")}
    return App(environ, Streams(StringIO(), StringIO(), StringIO(), environ=environ), lambda: NOW)


def ask_each(app: App, sandbox: Sandbox) -> None:  # noqa: F811
    up, at = app.setting_up, sandbox.addresses
    assert up.pagerduty(at.pagerduty, Token(cast.token("pagerduty"), "typed")).token().account
    assert up.gitlab(at.gitlab, Token(cast.token("gitlab"), "typed")).version()
    assert up.slack(at.slack, Token(cast.token("slack"), "typed")).token().account


def test_the_services_are_asked_from_an_empty_home_and_their_answers_kept(app: App, sandbox: Sandbox) -> None:  # noqa: F811
    ask_each(app, sandbox)
    assert [answer.service for answer in app.setting_up.answers] == list(NAMES)
    for answer in app.setting_up.answers:
        assert (answer.said, answer.heard) == (NOW, NOW)
        assert answer.milliseconds > 0


def test_a_clock_that_is_wrong_is_seen_in_every_answer(app: App, sandbox: Sandbox) -> None:  # noqa: F811
    add_fault(sandbox.store, Fault("*", "", times=-1, skew=-90))
    ask_each(app, sandbox)
    assert {answer.said for answer in app.setting_up.answers} == {NOW - timedelta(seconds=90)}


def test_a_refusal_is_an_answer_too_and_says_where_the_token_is_from(app: App, sandbox: Sandbox) -> None:  # noqa: F811
    for service, url in vars(sandbox.addresses).items():
        with pytest.raises(AuthError, match="from the keyring"):
            getattr(app.setting_up, service)(url, Token("x" * 20, "the keyring")).token()
    assert {answer.service for answer in app.setting_up.answers} == set(NAMES)


@pytest.mark.parametrize("url", ["http://example.com", "example.com", "https://ana:s3cret@example.com"])
def test_no_token_goes_to_an_address_that_must_not_get_it(app: App, url: str) -> None:
    for service in NAMES:
        with pytest.raises(ConfigError, match=f"`{service}.url`"):
            getattr(app.setting_up, service)(url, Token("x", "typed"))


def test_the_network_stands_on_the_configuration_else_on_the_environment(tmp_path: Path) -> None:
    def found(environ: dict[str, str], config: Path | None = None) -> tuple[int, int]:
        run = App({"HOME": str(tmp_path), **environ}, Streams(StringIO(), StringIO(), StringIO(), environ={}))
        run.use(Options(config=config))
        return limits(run).timeout, limits(run).attempts

    file = tmp_path / "config.toml"
    file.write_text("[network]\ntimeout = 9\n", "utf-8")
    assert found({}) == (20, 4)
    broken = {"ONCALL_CONFIG": str(tmp_path / "none"), "ONCALL_NETWORK_ATTEMPTS": "2"}
    assert found(broken) == (20, 2)
    assert found({**broken, "ONCALL_PAGES_ACK_MINUTES": "soon"}) == (20, 4)
    assert found({"ONCALL_NETWORK_ATTEMPTS": "2"}, file) == (9, 2)
