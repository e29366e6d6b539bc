"""`oncall auth`: tokens put into the keyring, looked at and taken out again, and none of them ever printed."""

from collections.abc import Iterator
from typing import Any

import pytest

from secops_oncall.sandbox import cast
from tests.cli.conftest import Oncall, Served, two_lines
from tests.cli.test_keyring import host, without_tokens
from tests.keyrings import ForgetfulKeyring, LockedKeyring, MemoryKeyring, in_use

ANA = cast.token("gitlab")


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    with in_use(MemoryKeyring()) as backend:
        yield backend


@pytest.fixture
def environ(served: Served) -> dict[str, Any]:
    """The services, and no token."""
    return {**without_tokens(served), "ONCALL_SLACK_URL": served.services.addresses.slack}


def test_a_token_is_proved_kept_and_from_then_on_used(
    oncall: Oncall, environ: dict[str, Any], ring: MemoryKeyring
) -> None:
    assert oncall("issues", **environ).code == 4
    ran = oncall("auth", "login", "gitlab", "--stdin", stdin=f"  {ANA}\n", **environ)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "✓ GitLab takes it: personal access token of ana, until 2027-02-21, scopes api",
        f"✓ kept in the keyring (keyrings MemoryKeyring) for {host(environ)}, profile default",
    ]
    assert ring.entries == {("oncall/default/gitlab", host(environ)): ANA}
    assert oncall("issues", **environ).code == 0


def test_as_an_outcome_for_programs(oncall: Oncall, environ: dict[str, Any], ring: MemoryKeyring) -> None:
    key = cast.token("pagerduty")
    [told] = oncall("auth", "login", "pagerduty", "--stdin", "--json", stdin=key, **environ).json
    assert (told["id"], told["place"], told["result"]) == ("pagerduty", "keyring", "done")
    assert told["title"] == "user key of ana@example.com"
    [told] = oncall("auth", "logout", "pagerduty", "--json", **environ).json
    assert (told["id"], told["place"], told["result"]) == ("pagerduty", "keyring", "done")


@pytest.mark.parametrize(
    ("pasted", "code", "said"),
    [
        ("nobodys-token", 4, "GitLab rejects the token from standard input"),
        (f"{ANA}-expired", 4, "GitLab rejects the token from standard input: it has expired"),
        (f"{ANA}-revoked", 4, "GitLab rejects the token from standard input: it was revoked"),
        ("xoxb-1-2-abc", 2, "this looks like a token of Slack, and was not sent to GitLab"),
        ("nobodys token", 2, "a token holds no spaces, and this one for GitLab does"),
        ("", 2, "no GitLab token was given"),
        ("x" * 10_001, 2, "standard input holds more than 10,000 characters"),
    ],
    ids=["rejected", "expired", "revoked", "another's", "spaces", "none", "a file"],
)
def test_what_is_not_taken_is_not_kept_and_not_printed(
    oncall: Oncall, served: Served, environ: dict[str, Any], ring: MemoryKeyring, pasted: str, code: int, said: str
) -> None:
    ran = oncall("auth", "login", "gitlab", "--stdin", "-v", stdin=pasted, **environ)
    assert (ran.code, ran.out, ring.entries) == (code, "", {})
    assert said in ran.err
    assert not pasted or pasted not in ran.err
    assert bool(served.asked) == (code == 4), "it was sent only where it may be one of GitLab's"


def test_without_a_terminal_the_flag_is_named(oncall: Oncall, environ: dict[str, Any], ring: MemoryKeyring) -> None:
    ran = oncall("auth", "login", "slack", stdin=cast.token("slack"), **environ)
    assert (ran.code, two_lines(ran.err), ring.entries) == (2, True, {})
    assert "hint: oncall auth login slack --stdin" in ran.err


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (None, "this system has no keyring\n  hint: export ONCALL_GITLAB_TOKEN=…"),
        (LockedKeyring(), "the keyring (keyrings LockedKeyring) is locked\n  hint: unlock it and try again"),
        (ForgetfulKeyring(), "the keyring (keyrings ForgetfulKeyring) did not keep the token"),
    ],
    ids=["none", "locked", "forgetful"],
)
def test_a_keyring_that_keeps_nothing_is_3(
    oncall: Oncall, served: Served, environ: dict[str, Any], backend: MemoryKeyring | None, said: str
) -> None:
    def log_in() -> Any:
        return oncall("auth", "login", "gitlab", "--stdin", stdin=ANA, **environ)

    if backend is None:
        ran = log_in()
    else:
        with in_use(backend):
            ran = log_in()
    assert (ran.code, two_lines(ran.err), said in ran.err) == (3, True, True)
    assert bool(served.asked) == isinstance(backend, ForgetfulKeyring)


def test_a_variable_that_wins_is_named(oncall: Oncall, environ: dict[str, Any], ring: MemoryKeyring) -> None:
    ran = oncall("auth", "login", "gitlab", "--stdin", stdin=ANA, **environ, GITLAB_TOKEN="another")
    assert (ran.code, ran.err) == (0, "! GITLAB_TOKEN is set, and wins over the keyring: unset GITLAB_TOKEN\n")
    ran = oncall("auth", "logout", "gitlab", **environ, GITLAB_TOKEN="another")
    assert (ran.code, ran.out[:11], ran.err[:21]) == (0, "✓ forgotten", "! GITLAB_TOKEN is set")


def test_a_key_that_is_nobodys_needs_an_e_mail(oncall: Oncall, environ: dict[str, Any], ring: MemoryKeyring) -> None:
    log_in, key = ("auth", "login", "pagerduty", "--stdin"), cast.token("pagerduty", "account")
    ran = oncall(*log_in, stdin=key, **environ)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "✓ PagerDuty takes it: account key")
    assert ran.err.startswith("! an account key is nobody's: oncall config set pagerduty.email YOURS")
    assert oncall(*log_in, stdin=key, **environ, ONCALL_PAGERDUTY_EMAIL="ana@example.com").err == ""


def test_profiles_have_tokens_of_their_own(
    oncall: Oncall, environ: dict[str, Any], ring: MemoryKeyring, tmp_path: Any
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[profile.staging.issues]\nlabel = 'oncall'\n", "utf-8")
    log_in = ("auth", "login", "gitlab", "--stdin", "-p", "staging", "--config", str(config))
    assert oncall(*log_in, stdin=ANA, **environ).code == 0
    assert list(ring.entries) == [("oncall/staging/gitlab", host(environ))]
    assert oncall("auth", "status", "gitlab", **environ).code == 4
    assert oncall("auth", "status", "gitlab", "-p", "staging", "--config", str(config), **environ).code == 0
    assert oncall("auth", "login", "gitlab", "-p", "nope", "--stdin", stdin=ANA, **environ).code == 3


def test_status_tells_all_of_each_token_but_the_token(
    oncall: Oncall, served: Served, environ: dict[str, Any], ring: MemoryKeyring
) -> None:
    oncall("auth", "login", "gitlab", "--stdin", stdin=ANA, **environ)
    ran = oncall("auth", "status", "--json", **{**environ, "ONCALL_PAGERDUTY_TOKEN": cast.token("pagerduty")})
    pagerduty, gitlab, slack = ran.json
    assert (ran.code, ran.err) == (0, "")
    assert gitlab == {
        "service": "gitlab",
        "host": host(environ),
        "source": "the keyring",
        "tail": "-ana",
        "kind": "personal access token",
        "user": "ana",
        "scopes": ["api"],
        "expires": "2027-02-21",
        "valid": True,
        "message": "",
    }
    assert (pagerduty["source"], pagerduty["user"]) == ("ONCALL_PAGERDUTY_TOKEN", "ana@example.com")
    assert (slack["source"], slack["valid"]) == (None, None)
    assert slack["message"].startswith("no Slack token: looked in ONCALL_SLACK_TOKEN and SLACK_BOT_TOKEN")
    assert (ANA in ran.out, cast.token("pagerduty") in ran.out) == (False, False)


def test_a_rejected_token_is_4_and_a_service_that_is_down_6(
    oncall: Oncall, served: Served, environ: dict[str, Any]
) -> None:
    with_token = {**environ, "ONCALL_PAGERDUTY_TOKEN": cast.token("pagerduty")}
    ran = oncall("auth", "status", **with_token, GITLAB_TOKEN="glpat-nobodys-0123456789")
    assert (ran.code, "GitLab rejects the token from GITLAB_TOKEN" in ran.err) == (4, True)
    assert "nobodys" not in ran.out + ran.err
    ran = oncall("auth", "status", "slack", **environ)
    assert (ran.code, two_lines(ran.err)) == (4, True), "it was named"
    served.fail("GET", "/pagerduty/users", 503, times=-1)
    assert oncall("auth", "status", "pagerduty", **with_token).code == 6


def test_a_keyring_that_does_not_tell_is_not_one_without_a_token(oncall: Oncall, environ: dict[str, Any]) -> None:
    with in_use(LockedKeyring()):
        ran = oncall("auth", "status", "gitlab", screen=True, **environ)
    assert (ran.code, "? unknown" in ran.out, "missing" in ran.out) == (4, True, False)
    assert "is locked" in ran.err


def test_logout_of_all_asks_and_names_them(oncall: Oncall, environ: dict[str, Any], ring: MemoryKeyring) -> None:
    assert oncall("auth", "logout", **environ).err == "The keyring has no token of this profile.\n"
    for service in ("gitlab", "slack"):
        ring.entries[f"oncall/default/{service}", host(environ)] = "a-token"
    ran = oncall("auth", "logout", **environ)
    assert (ran.code, two_lines(ran.err), len(ring.entries)) == (2, True, 2)
    assert "Forget the tokens of GitLab, Slack (profile default)?" in ran.err
    ran = oncall("auth", "logout", "--yes", **environ)
    assert (ran.code, ring.entries) == (0, {})
    assert ran.out.splitlines() == [
        f"✓ forgotten: GitLab token for {host(environ)}",
        f"✓ forgotten: Slack token for {host(environ)}",
    ]
    ran = oncall("auth", "logout", "slack", **environ)
    assert ran.out == f"✓ already forgotten: there was no Slack token for {host(environ)}\n"


def test_the_sandbox_keeps_none(oncall: Oncall, ring: MemoryKeyring) -> None:
    for line in ("login gitlab --stdin", "logout", "logout slack"):
        ran = oncall("auth", *line.split(), stdin=ANA)
        assert (ran.code, two_lines(ran.err)) == (2, True)
    ran = oncall("auth", "status", "-o", "ids")
    assert (ran.code, ran.out.split(), ring.asked) == (0, ["pagerduty", "gitlab", "slack"], [])
