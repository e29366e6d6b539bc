"""What `oncall init` was told is kept whole, or not at all."""

import pytest

from secops_oncall.domain.setup import Service
from secops_oncall.errors import ConfigError
from secops_oncall.workflows.init_keeping import keep
from tests.workflows.interviews import FakeKeyring

TYPED: dict[Service, tuple[str, str]] = {
    "pagerduty": ("https://api.pagerduty.com", "new"),
    "gitlab": ("https://gitlab.com:8443/", "gl"),
}
OLD = {("pagerduty", "default", "api.pagerduty.com"): "old"}


def test_tokens_go_to_the_keyring_by_profile_and_host() -> None:
    keyring = FakeKeyring(dict(OLD))
    kept = keep(keyring, "default", TYPED, lambda: "saved")
    assert (kept.saved, kept.stored, dict(kept.refused)) == ("saved", ("pagerduty", "gitlab"), {})
    assert keyring.kept == {
        ("pagerduty", "default", "api.pagerduty.com"): "new",
        ("gitlab", "default", "gitlab.com:8443"): "gl",
    }


def test_a_keyring_that_refuses_keeps_nobody_from_the_rest() -> None:
    keyring = FakeKeyring(refusing=("pagerduty",))
    kept = keep(keyring, "default", TYPED, lambda: "saved")
    assert (kept.saved, kept.stored, list(kept.refused)) == ("saved", ("gitlab",), ["pagerduty"])


def test_nothing_is_kept_where_the_file_can_not_be_written() -> None:
    def save() -> None:
        raise ConfigError("the disk is full", "make room")

    keyring = FakeKeyring(dict(OLD))
    with pytest.raises(ConfigError):
        keep(keyring, "default", TYPED, save)
    assert keyring.kept == OLD


def test_nothing_is_kept_where_ctrl_c_comes_in_between() -> None:
    keyring = FakeKeyring(dict(OLD), interrupted="gitlab")
    saved: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        keep(keyring, "default", TYPED, lambda: saved.append("saved"))
    assert (keyring.kept, saved) == (OLD, [])
