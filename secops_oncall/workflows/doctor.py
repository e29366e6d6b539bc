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
from secops_oncall.errors import AuthError, ConfigError, ExitCode, KeyringError, OncallError

T = TypeVar("T")
Examination = Callable[[], list[Finding]]


@dataclass(frozen=True)
class Connection:
    """How one service is asked: `token` answers where its token is kept, `facts` asks the service what that is.

    `answers` are those that it gave so far. All of them may raise OncallError, `token` a ConfigError for an
    address that no token is for.
    """

    service: Service
    url: str
    token: Callable[[], Kept]
    facts: Callable[[], TokenFacts]
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
    return checks.error(check, error.message, error.hint, code)


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
        is_address = isinstance(error, ConfigError) and not isinstance(error, KeyringError)
        return [failed(checks, "address" if is_address else "token", error), unchecked]
    try:
        facts = connection.facts()
    except AuthError as error:
        return [*_answers(connection), _rejected(connection, token, error), unchecked]
    except ConfigError as error:
        return [failed(checks, "address", error), unchecked]
    except OncallError as error:
        return [failed(checks, "connection", error), unchecked]
    sound = judged(checks, facts, token, connection.url, today)
    found = rest(facts, token)
    return [*_answers(connection), *sound, *found]


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
