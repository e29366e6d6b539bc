"""A token is proved before it is kept, and whatever is wrong with one keeps the others from nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest

from secops_oncall.domain.auth import TokenStatus, worst
from secops_oncall.domain.setup import Account, Service, TokenFacts
from secops_oncall.domain.tokens import Token
from secops_oncall.errors import AuthError, ConfigError, KeyringError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.auth import Sought, checked, login, logout, status

ANA = Account("gitlab", "11", "Ana Ferreira", "ana@example.com", "ana")
FACTS = TokenFacts("gitlab", "personal access token", ANA, frozenset({"read_user", "api"}), date(2027, 2, 25))
HELD = TokenStatus("gitlab", "gitlab.com", "the keyring", "wxyz")
LONG = Token("glpat-0123456789wxyz", "the keyring")
EXPIRED = AuthError("GitLab rejects the token from the keyring: it has expired", "oncall auth login gitlab")


@dataclass
class Teller:
    """A service that answers one thing."""

    answer: TokenFacts | OncallError
    asked: list[str] = field(default_factory=list)

    def token(self) -> TokenFacts:
        self.asked.append("token")
        if isinstance(self.answer, OncallError):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    "pasted", ["glpat-abc", "  glpat-abc \n", "glpat-abc\r\n", "\tglpat-abc", "\ufeffglpat-abc\n", '"glpat-abc"\n']
)
def test_what_surrounds_a_token_is_taken_off(pasted: str) -> None:
    assert checked("gitlab", pasted) == "glpat-abc"


@pytest.mark.parametrize(
    "pasted", ["", " \n", "two words", "glpat-abc\nglpat-def", "glpat-\u200babc", "señor", "x" * 5000]
)
def test_what_can_be_no_token_is_refused_unprinted(pasted: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked("gitlab", pasted)
    assert not pasted.strip() or pasted.strip() not in caught.value.message + caught.value.hint
    assert "oncall auth login gitlab" in caught.value.hint


def test_another_services_token_is_not_sent_unless_the_engineer_is_sure() -> None:
    with pytest.raises(UsageError) as caught:
        checked("gitlab", "xoxb-1-2-abc")
    assert caught.value.message == "this looks like a token of Slack, and was not sent to GitLab"
    assert caught.value.hint == "oncall auth login slack, or --yes if it is one of GitLab all the same"
    assert checked("gitlab", "y_NbAkKc66ryYTWUXYEu", sure=True) == "y_NbAkKc66ryYTWUXYEu"


def test_a_token_is_kept_once_the_service_has_taken_it() -> None:
    kept: list[str] = []
    told = login(HELD, Teller(FACTS), lambda: kept.append("kept"))
    assert (told.kind, told.user, told.scopes, told.valid) == (
        "personal access token",
        "ana",
        ("api", "read_user"),
        True,
    )
    with pytest.raises(AuthError):
        login(HELD, Teller(EXPIRED), lambda: kept.append("rejected"))
    assert kept == ["kept"]


def test_one_that_was_not_there_is_forgotten_already() -> None:
    forget: Callable[[Service], bool] = {"gitlab": True, "slack": False}.__getitem__
    outcomes = logout([("gitlab", "gitlab.com"), ("slack", "slack.com")], forget)
    assert [(one.id, one.result, one.title) for one in outcomes] == [
        ("gitlab", "done", "GitLab token for gitlab.com"),
        ("slack", "already", "Slack token for slack.com"),
    ]


def missing() -> Token:
    raise AuthError("no Slack token: looked in …", "oncall auth login slack")


def refuse(token: Token) -> Teller:
    raise ConfigError("gitlab.url must begin with https://", "set it right")


def test_each_token_is_looked_at_whatever_is_wrong_with_the_others() -> None:
    down = RemoteError("PagerDuty: it answers 503", "try again in a minute")
    found = status(
        [
            Sought("gitlab", "gitlab.com", True, lambda: LONG, lambda _: Teller(FACTS)),
            Sought("gitlab", "gitlab.com", True, lambda: LONG, lambda _: Teller(EXPIRED)),
            Sought("pagerduty", "api.pagerduty.com", True, lambda: Token("short", "X"), lambda _: Teller(down)),
            Sought("gitlab", "gitlab.com", True, lambda: LONG, refuse),
            Sought("slack", "slack.com", True, missing, lambda _: Teller(FACTS)),
            Sought("slack", "slack.com", False, missing, lambda _: Teller(FACTS)),
        ]
    )
    assert [(one.source, one.tail, one.valid, one.exit_code) for one in found] == [
        ("the keyring", "wxyz", True, 0),
        ("the keyring", "wxyz", False, 4),
        ("X", None, None, 6),
        ("the keyring", "wxyz", None, 3),
        (None, None, None, 4),
        (None, None, None, 0),
    ]
    assert (found[1].message, found[1].hint) == (EXPIRED.message, "oncall auth login gitlab")
    assert [worst(found, (4, 3)), worst(found[2:4], (4, 3)), worst(found[:1], (4, 3))] == [4, 3, 0]


@pytest.mark.parametrize(
    ("account", "user"),
    [
        (ANA, "ana"),
        (Account("pagerduty", "PANA001", "Ana Ferreira", "ana@example.com"), "ana@example.com"),
        (Account("slack", "U0ANA", "oncall-bot", None, "U0ANA"), "oncall-bot"),
        (None, None),
    ],
)
def test_whose_it_is_as_the_service_knows_them_best(account: Account | None, user: str | None) -> None:
    facts = TokenFacts("slack", "bot token", account)
    assert (HELD.with_facts(facts).user, HELD.with_facts(facts).scopes) == (user, None)


def test_a_token_that_cannot_be_kept_is_an_error() -> None:
    def keep() -> None:
        raise KeyringError("the keyring is locked", "unlock it")

    with pytest.raises(KeyringError, match="locked"):
        login(HELD, Teller(FACTS), keep)
