"""A service's address and token, asked for until the service takes them, and proved before anything is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from secops_oncall.domain.setup import NAMES, Service, TokenFacts
from secops_oncall.domain.tokens import Token, made_at
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.ports_setup import GitLabSetup, PagerDutySetup, SlackSetup
from secops_oncall.workflows.auth import checked
from secops_oncall.workflows.init_asking import Interview

T = TypeVar("T")
TRIES = 3
KEY: dict[Service, str] = {"pagerduty": "key", "gitlab": "token", "slack": "token"}  # what it calls a token


class OtherAddressError(Exception):
    """The address is to be chosen again: nothing was typed where a token was asked for once more."""


class SkippedError(Exception):
    """Slack is not wanted: nothing was typed where its token was asked for."""


class Services(Protocol):
    """The three services at an address, with a token that nobody has proved yet."""

    def pagerduty(self, url: str, token: Token, auth: Literal["token", "bearer"] = "token") -> PagerDutySetup:
        """PagerDuty; ConfigError for an address that must not get a token."""
        ...

    def gitlab(self, url: str, token: Token) -> GitLabSetup:
        """GitLab, likewise."""
        ...

    def slack(self, url: str, token: Token) -> SlackSetup:
        """Slack, likewise."""
        ...


class Tokens(Protocol):
    """The tokens of this machine."""

    def found(self, service: Service, url: str) -> Token | None:
        """The token in the environment, else the keyring's for the address; None for neither. Raises AuthError."""
        ...

    def typed(self, text: str) -> Token:
        """A token that was typed."""
        ...

    def variable(self, service: Service) -> str:
        """The variable that it would be looked for in first."""
        ...


@dataclass
class Connecting:
    """How a service is reached: `given` are the tokens of standard input.

    `typed` grows: what was typed or given and proved, by service with the address that it is for.
    """

    interview: Interview
    services: Services
    tokens: Tokens
    given: Mapping[Service, str] = field(default_factory=dict)
    typed: dict[Service, tuple[str, str]] = field(default_factory=dict)

    def has(self, service: Service, url: str) -> bool:
        """Whether a token is there already, and no other one was given."""
        return service not in self.given and self.tokens.found(service, url) is not None

    def connected(
        self, service: Service, ask_address: Callable[[], str], is_fixed: bool, prove: Callable[[str, Token], T]
    ) -> tuple[str, T]:
        """The address and what `prove` makes of it and a token, asked for until the service takes both.

        `is_fixed`: the address is an option's, and not asked for again. Raises what `prove` does where nobody can give
        another answer, or has given three that were wrong, and UsageError where there is no token at all.
        """
        url, token, last = "", None, None
        wrong: list[type[OncallError]] = []
        while True:
            try:
                url = url or ask_address()
                token = token or self._token(service, url, last)
                proved = prove(url, token)
            except OtherAddressError:
                url = ""
                continue
            except (AuthError, ConfigError, NotFoundError, RemoteError, UsageError) as error:
                told = self._told(service, error, url, token)
                wrong.append(type(error))
                if self._is_final(error, token, is_fixed) or wrong.count(type(error)) == TRIES:
                    raise told from None
                self.interview.asking.error(told.message, told.hint)
                last = token or last
                url = url if is_fixed or isinstance(error, (UsageError, AuthError)) else ""
                token = token if isinstance(error, (ConfigError, RemoteError)) else None
                continue
            if token.source == TYPED:
                self.typed[service] = (url, token.value)
            return url, proved

    def _is_final(self, error: OncallError, token: Token | None, is_fixed: bool) -> bool:
        """Whether asking again would change nothing: nobody is there, or it isn't an answer of theirs that is wrong."""
        if not self.interview.asking.interactive:
            return True
        if isinstance(error, (AuthError, NotFoundError, UsageError)):
            return token is not None and token.source.isupper()  # a variable's, which would win over what is typed
        return is_fixed

    def _told(self, service: Service, error: OncallError, url: str, token: Token | None) -> OncallError:
        """The error with a hint for whoever has just typed the token."""
        if not isinstance(error, AuthError) or not token or token.source != TYPED:
            return error
        region = "; Enter alone chooses the region again (--region)" if service == "pagerduty" else ""
        return AuthError(error.message, f"copy it again, or make one: {made_at(service, url)}{region}")

    def _token(self, service: Service, url: str, last: Token | None) -> Token:
        asking = self.interview.asking
        if service in self.given and last is None:
            return self._checked(service, self.given[service])
        if found := self.tokens.found(service, url) if last is None else None:
            asking.say(f"{NAMES[service]}: the {KEY[service]} in {found.source} is used")
            return found
        if not asking.interactive:
            variable = self.tokens.variable(service)
            what = f"there is no terminal to ask on: {NAMES[service]} {KEY[service]}"
            raise UsageError(what, f"export {variable}=…, or oncall init --stdin")
        asking.say(f"A {NAMES[service]} {KEY[service]} is made here: {made_at(service, url)}")
        skips = "; Enter skips Slack" if service == "slack" else ""
        text = asking.ask(f"{NAMES[service]} {KEY[service]} (hidden{skips})", secret=True)
        if service == "slack" and not text.strip():
            raise SkippedError
        if service == "pagerduty" and last and not text.strip():  # a rejected key may be of the other region
            raise OtherAddressError
        return self._checked(service, text)

    def _checked(self, service: Service, text: str) -> Token:
        """The token in what was typed, as `auth login` checks it, with a hint for whoever is being asked."""
        try:
            return self.tokens.typed(checked(service, text))
        except UsageError as error:
            again = f"copy the {NAMES[service]} {KEY[service]} again, and nothing else"
            hint = f"{again}; one that is right all the same: export {self.tokens.variable(service)}=…"
            raise UsageError(error.message, hint) from None


TYPED = "your answer"  # where such a token was found


def called(facts: TokenFacts) -> str:
    """A proved token in a line: whose, of which kind, until when."""
    name, account = NAMES[facts.service], facts.account
    whose = f" of {account.name}" if account else ""
    until = f", until {facts.expires:%Y-%m-%d}" if facts.expires else ""
    return f"{name}: {facts.kind}{whose}{until}"
