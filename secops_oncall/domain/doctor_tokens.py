"""What a token is worth: whose it is, what it may do, and until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from secops_oncall.domain.doctor import AUTH, CONFIG, Checks
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.setup import NAMES, Service, TokenFacts
from secops_oncall.domain.text import plural
from secops_oncall.domain.tokens import made_at, renewal, tail

SOON = timedelta(days=7)


@dataclass(frozen=True)
class Kept:
    """Where a token was found (a variable's name, the keyring), and the end of it that may be shown."""

    source: str
    tail: str = ""

    def __str__(self) -> str:
        return f"from {self.source}" + (f" (…{self.tail})" if self.tail else "")


def kept(token: str, source: str) -> Kept:
    """A token as it may be spoken of."""
    return Kept(source, tail(token) or "")


def another(service: Service, url: str, source: str) -> str:
    """How to get another token into the place of one; `url` is where the service is."""
    return f"make one at {made_at(service, url)}; then {renewal(service, source)}"


def judged(checks: Checks, facts: TokenFacts, token: Kept, url: str, today: date) -> list[Finding]:
    """A token that its service takes: whose and what it is, its scopes in GitLab, and its expiry (`today` in UTC)."""
    who = f"{facts.account.name}: {facts.kind}" if facts.account else facts.kind
    mend = another(facts.service, url, token.source)
    found = [checks.fine("token", f"{who}, {token}")]
    if facts.service == "gitlab":
        found.append(_gitlab_scopes(checks, facts, mend))
    return [*found, *_expiry(checks, facts, mend, today)]


def account_key(checks: Checks, facts: TokenFacts, email: str | None) -> list[Finding]:
    """What an account-level key of PagerDuty lacks: it is nobody's, so that writes have to say whose they are."""
    if facts.account or email:
        return []
    what = "an account key is nobody's: acks need pagerduty.email"
    return [checks.error("email", what, "oncall config set pagerduty.email YOU@EXAMPLE.COM", CONFIG)]


def _gitlab_scopes(checks: Checks, facts: TokenFacts, mend: str) -> Finding:
    if facts.scopes is None:
        return checks.fine("scopes", f"GitLab doesn't tell them for: {facts.kind}")
    named = ", ".join(sorted(facts.scopes)) or "none"
    if "api" in facts.scopes:
        return checks.fine("scopes", named)
    if "read_api" in facts.scopes:
        return checks.warning("scopes", f"{named}: acks work, but nothing can be posted to GitLab", mend)
    return checks.error("scopes", f"{named}: it lacks `api`", mend, AUTH)


def _expiry(checks: Checks, facts: TokenFacts, mend: str, today: date) -> Iterator[Finding]:
    """A token's last day (GitLab ends it at midnight UTC, before that day); nothing where none is known."""
    if facts.expires is None:
        return
    left = facts.expires - today
    if left <= timedelta(0):
        what = f"expired on {facts.expires}: {NAMES[facts.service]} takes it no more"
        yield checks.error("expiry", what, mend, AUTH)
    elif left <= SOON:
        yield checks.warning("expiry", f"expires in {plural(left.days, 'day')}, on {facts.expires}", mend)
    else:
        yield checks.fine("expiry", f"good until {facts.expires}")
