"""What is known of a service's token: where it lies, whose it is, what it may do until when, and if it is valid."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from secops_oncall.domain.people import INTERNAL
from secops_oncall.domain.setup import Account, Service, TokenFacts


@dataclass(frozen=True)
class TokenStatus:
    """A service's token as `oncall auth status` answers it (docs/configuration.md); what is unknown is None.

    `source` is None where there is none; `valid` is None where that can't be told, and `message` says why. `hint` is
    what to type next, and `exit_code` the failure's own, 0 where nothing is wrong. Where it `is_untold` the keyring
    doesn't say whether there is one.
    """

    service: Service
    host: str
    source: str | None = None
    tail: str | None = None
    kind: str | None = None
    user: str | None = None
    scopes: tuple[str, ...] | None = None
    expires: date | None = None
    valid: bool | None = None
    message: str = ""
    hint: str = field(default="", metadata=INTERNAL)
    exit_code: int = field(default=0, metadata=INTERNAL)
    is_untold: bool = field(default=False, metadata=INTERNAL)

    def with_facts(self, facts: TokenFacts) -> "TokenStatus":
        """The same with what the service tells of it, which makes it valid."""
        scopes = None if facts.scopes is None else tuple(sorted(facts.scopes))
        user = _user(facts.account) if facts.account else None
        return replace(self, kind=facts.kind, user=user, scopes=scopes, expires=facts.expires, valid=True)


def _user(account: Account) -> str:
    """As whom the service knows them best: GitLab by the user name, the others by the e-mail."""
    return (account.handle if account.service == "gitlab" else account.email) or account.name


def worst(found: Iterable[TokenStatus], order: Iterable[int]) -> int:
    """The exit code for several: of those that anything has, the first in an order; 0 where nothing is wrong."""
    codes = {each.exit_code for each in found if each.exit_code}
    return next((code for code in (*order, *sorted(codes)) if code in codes), 0)
