"""Every check of the doctor, side by side: what one finds keeps none of the others from looking."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from secops_oncall import threads
from secops_oncall.domain.doctor import CONFIG, Checks
from secops_oncall.domain.doctor_answers import answered
from secops_oncall.domain.doctor_tokens import Kept, another, judged
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.setup import NAMES, Answer, Service, TokenFacts
from secops_oncall.errors import AuthError, ConfigError, ExitCode, KeyringError, OncallError, RemoteError

T = TypeVar("T")
Examination = Callable[[], list[Finding]]


@dataclass(frozen=True)
class Connection:
    """How one service is asked: `token` answers where its token is kept, `facts` asks the service what that is.

    `reach` has it answer without one; `answers` are those that it gave so far. All of them may raise OncallError,
    `token` a ConfigError for an address that no token is for.
    """

    service: Service
    url: str
    token: Callable[[], Kept]
    facts: Callable[[], TokenFacts]
    reach: Callable[[], None]
    answers: Callable[[], Sequence[Answer]]

    @property
    def checks(self) -> Checks:
        return Checks(self.service)


def side_by_side(*examinations: Examination) -> list[Finding]:
    """What examinations find, in their order, all at once."""
    return [finding for found in threads.each(lambda look: look(), examinations) for finding in found]


def looked(checks: Checks, check: str, look: Examination) -> list[Finding]:
    """What a check finds; where it can't look, that, in the error's own words."""
    try:
        return look()
    except OncallError as error:
        return [failed(checks, check, error)]


def failed(checks: Checks, check: str, error: OncallError) -> Finding:
    """An error as a finding; a setting that can't be used as it is typed (2) is one of the configuration (3)."""
    code = CONFIG if error.exit_code == ExitCode.USAGE else int(error.exit_code)
    fix = error.hint
    if isinstance(error, RemoteError) and error.silent:  # nobody can ask the doctor for less
        host = f"the host (oncall config get {checks.service}.url)"
        fix = f"check {host}, the VPN, and the proxy (HTTPS_PROXY, NO_PROXY); or oncall config set network.timeout 60"
    return checks.error(check, error.message, fix, code)


def asked(call: Callable[[], T]) -> T | None:
    """What a service answers; None where it doesn't, and another check says so."""
    try:
        return call()
    except OncallError:
        return None


def examine(
    connection: Connection, today: date, rest: Callable[[TokenFacts, Kept], list[Finding]], names: Iterable[str]
) -> list[Finding]:
    """A service's token and connection, and then the `rest`, whose checks are called by `names`.

    The rest isn't looked at where the service doesn't answer, or not with this token: each would fail alike.
    """
    checks, unchecked = connection.checks, connection.checks.unchecked([*names])
    try:
        token = connection.token()
    except OncallError as error:
        if _is_of_address(error):
            return [failed(checks, "address", error), unchecked]
        return [*_reached(connection), failed(checks, "token", error), unchecked]
    try:
        facts = connection.facts()
    except AuthError as error:
        return [*_answers(connection), _rejected(connection, token, error), unchecked]
    except OncallError as error:
        return [_unreached(checks, error), unchecked]
    sound = judged(checks, facts, token, connection.url, today)
    found = rest(facts, token)
    return [*_answers(connection), *sound, *found]


def _is_of_address(error: OncallError) -> bool:
    return isinstance(error, ConfigError) and not isinstance(error, KeyringError)


def _reached(connection: Connection) -> list[Finding]:
    """That a service is there: that takes no token."""
    try:
        connection.reach()
    except OncallError as error:
        return [_unreached(connection.checks, error)]
    return _answers(connection)


def _unreached(checks: Checks, error: OncallError) -> Finding:
    return failed(checks, "address" if _is_of_address(error) else "connection", error)


def _answers(connection: Connection) -> list[Finding]:
    return answered(connection.checks, connection.url, connection.answers())


def _rejected(connection: Connection, token: Kept, error: AuthError) -> Finding:
    """A token that its service doesn't take, with where another is to be had."""
    fix = another(connection.service, connection.url, token.source)
    tail = f" (…{token.tail})" if token.tail else ""
    return connection.checks.error("token", f"{error.message}{tail}", fix, int(error.exit_code))


def unused(service: Service) -> Finding:
    """That a service has nothing to do: nothing is configured for it, and there is no token."""
    return Checks(service).fine("token", f"{NAMES[service]} is not used: no token, and nothing is configured there")
