"""Tokens as text: which service's one is, what of it may be shown, and where a new one comes from."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from secops_oncall.domain.setup import Service

KEYRING = "the keyring"  # where a token was found, beside the names of variables
SANDBOX = "the sandbox"
# What a Slack token has to be allowed: to post, and to find a message again.
SLACK_SCOPES = ("chat:write", "channels:read", "channels:history")
SLACK_PRIVATE_SCOPES = ("groups:read", "groups:history")  # where a channel is private
_SHOWN = 4  # characters at the end of a token, enough to tell two apart
_LONG = 16  # characters: of a shorter one even these would give too much away
# https://docs.gitlab.com/security/tokens/#token-prefixes and https://docs.slack.dev/authentication/tokens
_GITLAB = r"gl(?:pat|oas|ptt|rt|rtr|dt|cbt|ft|imt|agent|soat|ffct|wt)-"
_SLACK = r"xox[a-z][-.]|xapp-|xwfp-"
_PAGERDUTY = r"pdus\+"
FORMS = f"{_GITLAB}|{_SLACK}|{_PAGERDUTY}"  # how tokens begin that can be nothing else
# PagerDuty documents no form; its own example is `y_NbAkKc66ryYTWUXYEu`.
_UNMARKED = re.compile(r"(?=.*[A-Z0-9])[A-Za-z0-9+_-]{20}")


@dataclass(frozen=True)
class Token:
    """A token and where it was found; the token itself never shows in a representation."""

    value: str = field(repr=False)
    source: str


def belongs_to(text: str) -> Service | None:
    """Which service's token a text is by its form; None where the form doesn't tell.

    What has no prefix and PagerDuty's length may also be of a GitLab whose administrator took the prefix away.
    """
    prefixes: dict[str, Service] = {_GITLAB: "gitlab", _SLACK: "slack", _PAGERDUTY: "pagerduty"}
    for prefix, service in prefixes.items():
        if re.match(prefix, text):
            return service
    return "pagerduty" if _UNMARKED.fullmatch(text) else None


def fits_header(text: str) -> bool:
    """Whether a text can be a token: in a request's header anything else breaks it, and the error would print it."""
    return re.fullmatch(r"[\x21-\x7e]+", text) is not None


def tail(token: str) -> str | None:
    """The end of a token, to tell it from another; None for one so short that this would give it away."""
    return token[-_SHOWN:] if len(token) >= _LONG else None


def host_of(url: str) -> str:
    """Where a URL leads, `host` or `host:port` in lower case, without the scheme's own port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # it is none, which is said where it is asked
        return url.lower()
    host = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return f"{host}:{port}" if port and port != usual else host


def renewal(service: Service, source: str) -> str:
    """What to type in place of a token that its service rejects, by where it was found."""
    if source == SANDBOX:
        return "oncall sandbox reset"
    return f"export {source}=… with a token that is valid" if source.isupper() else f"oncall auth login {service}"


def made_at(service: Service, url: str) -> str:
    """Where the engineer makes a token with what it needs, for a service at a URL."""
    return {
        "pagerduty": "PagerDuty, My Profile, User Settings, Create API User Token",
        "gitlab": f"{url.rstrip('/')}/-/user_settings/personal_access_tokens?name=oncall&scopes=api",
        "slack": "https://api.slack.com/apps, OAuth & Permissions",
    }[service]
