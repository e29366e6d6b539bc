"""The system's keyring: what is kept is there again, and whatever is wrong with it is two useful lines in time."""

import logging
import time

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from secops_oncall.domain.setup import Service
from secops_oncall.errors import Cancelled, KeyringError
from secops_oncall.keyring_store import KeptTokens, SystemKeyring
from tests.keyrings import (
    BrokenKeyring,
    ForgetfulKeyring,
    HangingKeyring,
    LockedKeyring,
    MemoryKeyring,
    PlainFileKeyring,
    in_use,
)

TOKEN = "glpat-a_token_of_anas"
NONE: KeyringBackend = fail.Keyring()  # type: ignore[no-untyped-call]
SWITCHED_OFF: KeyringBackend = null.Keyring()  # type: ignore[no-untyped-call]
PLACE: tuple[Service, str, str] = ("gitlab", "default", "gitlab.com")


def test_a_token_is_kept_for_its_service_profile_and_host_alone() -> None:
    ring, backend = SystemKeyring(), MemoryKeyring()
    with in_use(backend):
        ring.put(*PLACE, TOKEN)
        assert backend.entries == {("oncall/default/gitlab", "gitlab.com"): TOKEN}
        assert ring.get(*PLACE) == TOKEN
        assert ring.get("slack", "default", "gitlab.com") is None
        assert ring.get("gitlab", "staging", "gitlab.com") is None
        assert ring.get("gitlab", "default", "gitlab.example.com") is None
        assert [ring.remove(*PLACE), ring.remove(*PLACE)] == [True, False]
        assert ring.get(*PLACE) is None
        assert ring.name == "keyrings MemoryKeyring"


@pytest.mark.parametrize(
    ("backend", "message", "hint"),
    [
        (NONE, "this system has no keyring", "export ONCALL_GITLAB_TOKEN=…"),
        (SWITCHED_OFF, "this system has no keyring", "export ONCALL_GITLAB_TOKEN=…"),
        (
            PlainFileKeyring(),
            "the keyring here (keyrings PlainFileKeyring) may keep a token in a plain file, and gets none",
            "export ONCALL_GITLAB_TOKEN=…",
        ),
        (
            LockedKeyring(),
            "the keyring (keyrings LockedKeyring) is locked",
            "unlock it and try again, or export ONCALL_GITLAB_TOKEN=…",
        ),
        (
            BrokenKeyring(),
            "the keyring (keyrings BrokenKeyring) refuses: org.freedesktop.DBus.Error.ServiceUnknown: no such name",
            "see that it works, or export ONCALL_GITLAB_TOKEN=…",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, KeyringBackend) else "",
)
def test_what_is_wrong_is_told_with_a_way_on(backend: KeyringBackend, message: str, hint: str) -> None:
    with in_use(backend), pytest.raises(KeyringError) as caught:
        SystemKeyring().get(*PLACE)
    assert (caught.value.message, caught.value.hint, caught.value.exit_code) == (message, hint, 3)


def test_a_plain_file_is_taken_where_it_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.keyrings.PlainFileKeyring")
    with in_use(PlainFileKeyring()):
        SystemKeyring().put(*PLACE, TOKEN)
        assert SystemKeyring().get(*PLACE) == TOKEN


def test_a_chain_of_nothing_is_no_keyring() -> None:
    class Chain(chainer.ChainerBackend):
        backends = ()

    chain: KeyringBackend = Chain()  # type: ignore[no-untyped-call]
    with in_use(chain), pytest.raises(KeyringError, match="this system has no keyring"):
        _ = SystemKeyring().name


def test_of_a_chain_only_the_keyring_that_is_recommended_most_is_asked() -> None:
    best, plain = MemoryKeyring(), PlainFileKeyring()
    plain.entries["oncall/default/gitlab", "gitlab.com"] = TOKEN

    class Chain(chainer.ChainerBackend):
        backends = (best, plain)

    chain: KeyringBackend = Chain()  # type: ignore[no-untyped-call]
    with in_use(chain):
        assert SystemKeyring().get(*PLACE) is None
    assert (len(best.asked), plain.asked) == (1, [])


def test_one_that_hangs_is_waited_for_once() -> None:
    backend = HangingKeyring()
    ring = SystemKeyring(limit=0.05)
    began = time.monotonic()
    with in_use(backend):
        for _ in range(3):
            with pytest.raises(KeyringError, match=r"HangingKeyring\) did not answer within 0.05 s"):
                ring.get(*PLACE)
    assert (time.monotonic() - began < 5, len(backend.asked)) == (True, 1)
    backend.released.set()


class LateKeyring(HangingKeyring):
    """One that does what it was asked when it is `released`, whether anybody still waits or not."""

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.released.wait(30)
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self.released.wait(30)
        super().delete_password(service, username)


def test_a_change_that_hangs_is_not_said_to_have_failed() -> None:
    backend = LateKeyring()
    with in_use(backend):
        with pytest.raises(KeyringError) as caught:
            SystemKeyring(limit=0.05).put(*PLACE, TOKEN)
        assert caught.value.message.endswith(
            "within 0.05 s: whether it keeps the GitLab token is not known, oncall auth status tells"
        )
        backend.released.set()
        while not SystemKeyring().get(*PLACE):  # as the next command finds it
            time.sleep(0.01)
        backend.released.clear()
        with pytest.raises(KeyringError, match="whether it forgets the GitLab token is not known") as caught:
            SystemKeyring(limit=0.05).remove(*PLACE)
        assert caught.value.hint == "unlock it and try again, or unset ONCALL_GITLAB_TOKEN, if that holds it"
        backend.released.set()


def test_ctrl_c_at_a_change_does_not_say_that_it_was_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def ctrl_c(*_: object) -> None:
        raise KeyboardInterrupt

    with in_use(MemoryKeyring()):
        monkeypatch.setattr("concurrent.futures.Future.exception", ctrl_c)
        with pytest.raises(Cancelled, match="whether it keeps the GitLab token is not known"):
            SystemKeyring().put(*PLACE, TOKEN)
        with pytest.raises(KeyboardInterrupt):
            SystemKeyring().get(*PLACE)


def test_an_error_never_repeats_the_token() -> None:
    with in_use(BrokenKeyring()), pytest.raises(KeyringError) as caught:
        SystemKeyring().put(*PLACE, TOKEN)
    assert caught.value.message == "the keyring (keyrings BrokenKeyring) refuses: can't write [token]"


def test_what_is_not_there_afterwards_was_not_kept() -> None:
    with in_use(ForgetfulKeyring()), pytest.raises(KeyringError, match=r"ForgetfulKeyring\) did not keep the token"):
        SystemKeyring().put(*PLACE, TOKEN)


def test_the_library_logs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A plug-in of another program that can't be loaded would be logged with its traceback."""
    with in_use(MemoryKeyring()):
        SystemKeyring().get(*PLACE)
        logging.getLogger("keyring.backend").error("Error initializing plugin")
    assert capsys.readouterr() == ("", "")
    assert isinstance(keyring.get_keyring(), fail.Keyring)


def test_two_that_belong_together_are_looked_up_side_by_side_and_once() -> None:
    asked: list[Service] = []

    def look_up(service: Service) -> str | None:
        asked.append(service)
        time.sleep(0.2)
        return f"{service}'s"

    kept, began = KeptTokens(look_up, ["pagerduty", "gitlab"]), time.monotonic()
    assert [kept.get("gitlab"), kept.get("pagerduty"), kept.get("gitlab")] == ["gitlab's", "pagerduty's", "gitlab's"]
    assert (time.monotonic() - began < 0.35, sorted(asked)) == (True, ["gitlab", "pagerduty"])
    assert (kept.get("slack"), asked.count("slack")) == ("slack's", 1)


def test_an_error_is_told_to_whoever_needs_that_token() -> None:
    def look_up(service: Service) -> str | None:
        if service == "gitlab":
            raise KeyringError("locked", "unlock it")
        return "a token"

    kept = KeptTokens(look_up, ["pagerduty", "gitlab"])
    assert kept.get("pagerduty") == "a token"
    with pytest.raises(KeyringError, match="locked"):
        kept.get("gitlab")
