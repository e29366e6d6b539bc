"""What `oncall init` was told is kept, the file first; and of what is cut off in the middle the truth is told."""

import pytest

from secops_oncall.domain.setup import Service
from secops_oncall.errors import Cancelled, ConfigError
from secops_oncall.workflows.init_keeping import keep
from tests.workflows.interviews import FakeKeyring

TYPED: dict[Service, tuple[str, str]] = {
    "pagerduty": ("https://api.pagerduty.com", "new"),
    "gitlab": ("https://gitlab.com:8443/", "gl"),
}
OLD = {("pagerduty", "default", "api.pagerduty.com"): "old"}


def test_tokens_go_to_the_keyring_by_profile_and_host() -> None:
    keyring = FakeKeyring(dict(OLD))
    kept = keep(keyring, "default", TYPED, lambda: "saved", lambda: "")
    assert (kept.saved, kept.stored, dict(kept.refused)) == ("saved", ("pagerduty", "gitlab"), {})
    assert keyring.kept == {
        ("pagerduty", "default", "api.pagerduty.com"): "new",
        ("gitlab", "default", "gitlab.com:8443"): "gl",
    }


def test_a_keyring_that_refuses_keeps_nobody_from_the_rest() -> None:
    keyring = FakeKeyring(refusing=("pagerduty",))
    kept = keep(keyring, "default", TYPED, lambda: "saved", lambda: "")
    assert (kept.saved, kept.stored, list(kept.refused)) == ("saved", ("gitlab",), ["pagerduty"])


def test_nothing_is_kept_where_the_file_can_not_be_written() -> None:
    def save() -> None:
        raise ConfigError("the disk is full", "make room")

    keyring = FakeKeyring(dict(OLD))
    with pytest.raises(ConfigError):
        keep(keyring, "default", TYPED, save, lambda: "")
    assert keyring.kept == OLD


class File:
    """The configuration file; Ctrl-C comes `before` it has its text, or `after`."""

    def __init__(self, cut: str = "") -> None:
        self.text, self.cut = "old", cut

    def save(self) -> None:
        if self.cut == "before":
            raise KeyboardInterrupt
        self.text = "new"
        if self.cut == "after":
            raise KeyboardInterrupt


def cut(file: File, keyring: FakeKeyring, typed: dict[Service, tuple[str, str]]) -> Cancelled:
    with pytest.raises(Cancelled) as caught:
        keep(keyring, "default", typed, file.save, lambda: file.text)
    return caught.value


def test_ctrl_c_before_the_file_is_replaced_leaves_everything_as_it_was() -> None:
    keyring = FakeKeyring(dict(OLD))
    told = cut(File("before"), keyring, TYPED)
    assert (told.message, keyring.kept) == ("cancelled: nothing was written, no configuration and no token", OLD)


def test_ctrl_c_in_the_instant_after_says_that_it_was_written() -> None:
    keyring = FakeKeyring(dict(OLD))
    told = cut(File("after"), keyring, TYPED)
    assert told.message.startswith("cancelled, but the configuration was written, the keyring never got the PagerDuty")
    assert keyring.kept == OLD
    assert told.hint == "oncall auth login pagerduty; oncall auth login gitlab"
    assert "oncall doctor" in cut(File("after"), keyring, {}).hint


def test_ctrl_c_at_the_keyring_says_which_tokens_it_has_and_of_which_that_is_not_known() -> None:
    keyring = FakeKeyring(dict(OLD), interrupted="gitlab")
    told = cut(File(), keyring, {**TYPED, "slack": ("https://slack.com/api/", "sl")})
    assert told.message == (
        "cancelled, but the configuration was written, the keyring has the PagerDuty token, "
        "whether the keyring has the GitLab token is not known, the keyring never got the Slack token"
    )
    assert told.hint == "oncall auth login gitlab; oncall auth login slack"


def test_the_file_names_a_token_before_the_keyring_has_it() -> None:
    """Whatever ends the process in between, nothing is left in the keyring that no file names."""
    file = File()

    class Watched(FakeKeyring):
        def put(self, service: Service, profile: str, host: str, token: str) -> None:
            assert file.text == "new"
            super().put(service, profile, host, token)

    assert keep(Watched(), "default", TYPED, file.save, lambda: file.text).stored == ("pagerduty", "gitlab")
