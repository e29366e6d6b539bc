"""Tokens: where they are looked for, and how they are kept out of everything that is printed."""

import re
from collections.abc import Callable, Iterable, Mapping

from secops_oncall.domain.setup import NAMES, Service
from secops_oncall.domain.tokens import FORMS, KEYRING, Token, fits_header
from secops_oncall.errors import AuthError, KeyringError, UntoldTokenError

VARIABLES: dict[Service, tuple[str, ...]] = {
    "pagerduty": ("ONCALL_PAGERDUTY_TOKEN",),
    "gitlab": ("ONCALL_GITLAB_TOKEN", "GITLAB_TOKEN"),
    "slack": ("ONCALL_SLACK_TOKEN", "SLACK_BOT_TOKEN"),
}
_NEEDS_NONE = "`--sandbox`, which needs none"


def find(service: Service, environ: Mapping[str, str], kept: Callable[[], str | None] = lambda: None) -> Token:
    """The token of a service: from the environment, else what the keyring has `kept`, asked only then.

    Raises AuthError where there is none, saying where it was looked for and why the keyring could not be asked, and
    for one that can't be a token (it would break the request's header, and the error that follows would print it).
    """
    if found := in_environment(service, environ):
        return found
    looked = " and ".join(VARIABLES[service])
    try:
        value = (kept() or "").strip()
    except KeyringError as error:
        what = f"no {NAMES[service]} token: looked in {looked}; {error.message}"
        kind = UntoldTokenError if error.is_there else AuthError
        raise kind(what, f"{error.hint}, or try {_NEEDS_NONE}") from None
    if value:
        return Token(_checked(service, value, KEYRING, f"oncall auth login {service}"), KEYRING)
    raise AuthError(
        f"no {NAMES[service]} token: looked in {looked}, and in {KEYRING}",
        f"oncall auth login {service}, or try {_NEEDS_NONE}",
    )


def in_environment(service: Service, environ: Mapping[str, str]) -> Token | None:
    """The token of a service from the first of its variables that is set; AuthError for what can be none."""
    if name := token_variable(service, environ):
        return Token(_checked(service, environ[name].strip(), name, f"export {name}=…"), name)
    return None


def token_variable(service: Service, environ: Mapping[str, str]) -> str | None:
    """The variable that counts for a service: the first that is set, fit or not; then nothing else is asked."""
    return next((name for name in VARIABLES[service] if environ.get(name, "").strip()), None)


def tokens(environ: Mapping[str, str]) -> list[str]:
    """Every token in the environment, to be kept out of what is printed."""
    found = (environ.get(name, "").strip() for names in VARIABLES.values() for name in names)
    return [value for value in found if value]


def mask(text: str, tokens: Iterable[str]) -> str:
    """The text with every token, everything of a well-known token's form, and what logs in by a URL, taken out."""
    for token in sorted(tokens, key=len, reverse=True):  # one may begin as another does
        if len(token) >= 4:
            text = text.replace(token, "[token]")
    text = re.sub(r"(?<=://)[^/\s]+@", "…@", text)
    return re.sub(rf"\b({FORMS}|Bearer\s+|token=)[\w.+/=-]+", lambda found: found[1] + "[token]", text)


def _checked(service: Service, value: str, source: str, remedy: str) -> str:
    if not fits_header(value):
        what = f"the {NAMES[service]} token in {source} holds spaces or characters that no token has"
        raise AuthError(what, f"copy it again: {remedy}")
    return value
