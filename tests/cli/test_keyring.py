"""Commands whose tokens are in the keyring: found for one profile and host, never printed, and asked for seldom."""

import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.errors import AuthError
from secops_oncall.keyring_store import SystemKeyring
from secops_oncall.sandbox import cast
from secops_oncall.streams import Streams
from tests.cli.conftest import Oncall, Served, two_lines
from tests.keyrings import HangingKeyring, LockedKeyring, MemoryKeyring, in_use

Environ = dict[str, Any]


def without_tokens(served: Served) -> Environ:
    return {name: value for name, value in served.environ().items() if not name.endswith("_TOKEN")}


def host(environ: Environ) -> str:
    return str(environ["ONCALL_PAGERDUTY_URL"]).split("/")[2]


@pytest.fixture
def ring(served: Served) -> Iterator[MemoryKeyring]:
    """The keyring with the tokens of the services that are served."""
    backend, here = MemoryKeyring(), host(served.environ())
    for service in ("pagerduty", "gitlab", "slack"):
        backend.entries[f"oncall/default/{service}", here] = cast.token(service)
    with in_use(backend):
        yield backend


def test_commands_find_them(oncall: Oncall, served: Served, ring: MemoryKeyring) -> None:
    found = oncall("status", "--json", **without_tokens(served))
    assert (found.code, found.json["me"]["name"], found.json["stale"]) == (0, "Ana Ferreira", [])
    assert len(ring.asked) == 2, "each once, and Slack isn't needed"


def test_the_environment_wins_and_the_keyring_is_not_asked(oncall: Oncall, served: Served, ring: MemoryKeyring) -> None:
    assert oncall("status", **served.environ()).code == 0
    assert oncall("pages", ONCALL_SANDBOX="1").code == 0
    assert ring.asked == []


@pytest.mark.parametrize("change", [{"ONCALL_PROFILE": "staging"}, {"ONCALL_PAGERDUTY_URL": "https://127.0.0.1:1"}])
def test_another_profile_or_host_gets_no_old_token(
    oncall: Oncall, served: Served, ring: MemoryKeyring, change: Environ, tmp_path: Any
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[profile.staging.issues]\nlabel = 'oncall'\n", "utf-8")
    ran = oncall("pages", **{**without_tokens(served), "ONCALL_CONFIG": str(config), **change})
    assert (ran.code, two_lines(ran.err), served.asked) == (4, True, [])
    assert "no PagerDuty token: looked in ONCALL_PAGERDUTY_TOKEN, and in the keyring" in ran.err
    assert "hint: oncall auth login pagerduty, or try `--sandbox`, which needs none" in ran.err


def test_a_locked_keyring_is_two_lines_and_4(oncall: Oncall, served: Served) -> None:
    with in_use(LockedKeyring()):
        ran = oncall("pages", **without_tokens(served))
    assert (ran.code, two_lines(ran.err)) == (4, True)
    assert "ONCALL_PAGERDUTY_TOKEN; the keyring (keyrings LockedKeyring) is locked" in ran.err
    assert "unlock it and try again, or export ONCALL_PAGERDUTY_TOKEN=…" in ran.err


def test_a_rejected_one_is_replaced_by_auth_login(oncall: Oncall, served: Served, ring: MemoryKeyring) -> None:
    environ = without_tokens(served)
    for service in ("pagerduty", "gitlab"):
        ring.entries[f"oncall/default/{service}", host(environ)] = "nobodys-token"
    ran = oncall("pages", **environ)
    assert (ran.code, "rejects the token from the keyring" in ran.err) == (4, True)
    assert "  hint: oncall auth login pagerduty\n" in ran.err
    ran = oncall("issues", **environ)
    assert (ran.code, "  hint: oncall auth login gitlab\n" in ran.err) == (4, True)


def test_a_note_asks_no_keyring_and_is_in_the_same_journal(oncall: Oncall, served: Served, ring: MemoryKeyring) -> None:
    environ = without_tokens(served)
    oncall("note", "before anything was asked", **environ)
    assert (oncall("handoff", **environ).code, len(ring.asked)) == (0, 2)
    oncall("note", "in between", **environ)
    assert len(ring.asked) == 2
    notes = [note["text"] for note in oncall("notes", "--json", **environ).json]
    assert notes == ["before anything was asked", "in between"]
    assert len(list(oncall.state.rglob("journal.db"))) == 2, "the account's, and the one that was taken over"
    del ring.entries["oncall/default/pagerduty", host(environ)]
    assert oncall("pages", **environ).code == 4
    assert oncall("notes", "--json", **environ).json == [], "whose they are isn't known any more"


def test_a_token_in_the_keyring_is_a_set_up(oncall: Oncall, ring: MemoryKeyring) -> None:
    """Nothing else need be configured to look."""
    assert oncall("pages", ONCALL_SANDBOX="").code == 3
    ring.entries["oncall/default/pagerduty", "api.pagerduty.com"] = "a-token"
    assert App().config.pagerduty.url == "https://api.pagerduty.com"


def test_no_token_shows_in_an_error_or_a_traceback(served: Served, ring: MemoryKeyring) -> None:
    environ, out, err = without_tokens(served), StringIO(), StringIO()
    app = App(environ | {"ONCALL_STATE_DIR": "/nowhere"}, Streams(out, err, StringIO(), environ=environ))
    secret = app.token("pagerduty").value
    assert app.given("typed-token", "the prompt").value in app.secrets

    class Leaky:
        def __getattr__(self, name: str) -> Any:
            raise AuthError(f"no {secret}", "typed-token") if name == "me" else RuntimeError(f"{secret} typed-token")

    vars(app).update(pagerduty=Leaky())
    assert run(["pages", "-v"], app) in (1, 4)
    assert "[token]" in err.getvalue()
    assert secret not in out.getvalue() + err.getvalue()
    assert "typed-token" not in out.getvalue() + err.getvalue()


def test_a_keyring_that_hangs_is_4_for_a_command_that_needs_it(served: Served) -> None:
    app, backend = App(without_tokens(served)), HangingKeyring()
    vars(app)["keyring"] = SystemKeyring(limit=0.05)
    with in_use(backend), pytest.raises(AuthError) as caught:
        app.token("pagerduty")
    assert caught.value.message.endswith("the keyring (keyrings HangingKeyring) did not answer within 0.05 s")
    assert caught.value.hint.startswith("unlock it and try again, or export ONCALL_PAGERDUTY_TOKEN=…")
    backend.released.set()


def test_a_keyring_that_hangs_does_not_keep_a_note(oncall: Oncall, served: Served) -> None:
    backend = HangingKeyring()
    with in_use(backend):
        assert oncall("note", "typed at 3 AM", **without_tokens(served)).code == 0
    assert backend.asked == []


def test_the_library_is_not_loaded_for_a_token_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, oncall: Oncall, served: Served
) -> None:
    for name in ("keyring", "secops_oncall.keyring_store"):
        monkeypatch.setitem(sys.modules, name, None)  # whoever imports it fails
    assert oncall("status", **served.environ()).code == 0
    assert oncall("status").code == 0
