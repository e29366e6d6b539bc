"""A service's token: proved and kept, forgotten, or looked at with what the service tells of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from secops_oncall import threads
from secops_oncall.domain.auth import TokenStatus
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.setup import NAMES, Service, TokenFacts
from secops_oncall.domain.tokens import Token, belongs_to, fits_header, pasted, tail
from secops_oncall.errors import AuthError, OncallError, UntoldTokenError, UsageError

LONGEST = 10_000  # characters of what is given as a token


class Teller(Protocol):
    """A service that tells of its token, as each of `ports_setup` does."""

    def token(self) -> TokenFacts:
        """What it says; AuthError for one that it rejects."""
        ...


@dataclass(frozen=True)
class Sought:
    """A service's token, to be looked at.

    `is_needed` is whether anything needs it; `find` answers it or raises AuthError; `ask` makes the service.
    """

    service: Service
    host: str
    is_needed: bool
    find: Callable[[], Token]
    ask: Callable[[Token], Teller]


def checked(service: Service, text: str, *, sure: bool = False) -> str:
    """The token in a text that was pasted or piped, before it is sent anywhere.

    Raises UsageError for none, for one that can't be a token, and, unless the engineer is `sure`, for one that is
    another service's by its form; none of them repeats it.
    """
    token, name, command = pasted(text), NAMES[service], f"oncall auth login {service}"
    if not token:
        raise UsageError(f"no {name} token was given", f"{command}, and paste it")
    if not fits_header(token):
        what = f"a token holds no spaces, and this one for {name} does, or what none has, or far too much"
        raise UsageError(what, f"copy it again, and nothing else: {command}")
    other = belongs_to(token)
    if other and other != service and not sure:
        what = f"this looks like a token of {NAMES[other]}, and was not sent to {name}"
        raise UsageError(what, f"oncall auth login {other}, or --yes if it is one of {name} all the same")
    return token


def login(held: TokenStatus, teller: Teller, keep: Callable[[], None]) -> TokenStatus:
    """Have a service prove a token, and only then keep it; what the service tells of it.

    Raises what both do: AuthError for a token that is rejected, KeyringError where it can't be kept.
    """
    proved = held.with_facts(teller.token())
    keep()
    return proved


def logout(services: Sequence[tuple[Service, str]], forget: Callable[[Service], bool]) -> list[Outcome]:
    """Forget the tokens of services and their hosts; KeyringError where the keyring can't be asked."""
    outcomes = []
    for service, host in services:
        result = Result.DONE if forget(service) else Result.ALREADY
        outcomes.append(Outcome(service, result, place="keyring", title=f"{NAMES[service]} token for {host}"))
    return outcomes


def status(sought: Sequence[Sought]) -> list[TokenStatus]:
    """What is known of each token, in their order; the services are asked side by side."""
    return threads.each(lambda look: look(), [_looked_up(one) for one in sought])


def _looked_up(one: Sought) -> Callable[[], TokenStatus]:
    """The token found, and the service made: what is left is to ask it."""
    held = TokenStatus(one.service, one.host)
    try:
        token = one.find()
        held = replace(held, source=token.source, tail=tail(token.value))
        teller = one.ask(token)
    except OncallError as error:
        held = replace(held, is_untold=isinstance(error, UntoldTokenError))
        told = _wrong(held, error, is_needed=one.is_needed)
        return lambda: told
    return lambda: _asked(held, teller)


def _asked(held: TokenStatus, teller: Teller) -> TokenStatus:
    try:
        return held.with_facts(teller.token())
    except AuthError as error:
        return _wrong(replace(held, valid=False), error)
    except OncallError as error:
        return _wrong(held, error)


def _wrong(held: TokenStatus, error: OncallError, *, is_needed: bool = True) -> TokenStatus:
    code = int(error.exit_code) if is_needed else 0
    return replace(held, message=error.message, hint=error.hint, exit_code=code)
