"""Tokens: where they are looked for, and how they are kept out of everything that is printed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from secops_oncall.domain.setup import NAMES, Service
from secops_oncall.errors import AuthError

VARIABLES: dict[Service, tuple[str, ...]] = {
    "pagerduty": ("ONCALL_PAGERDUTY_TOKEN",),
    "gitlab": ("ONCALL_GITLAB_TOKEN", "GITLAB_TOKEN"),
    "slack": ("ONCALL_SLACK_TOKEN", "SLACK_BOT_TOKEN"),
}


@dataclass(frozen=True)
class Token:
    """A token and where it was found; the token itself never shows in a representation."""

    value: str = field(repr=False)
    source: str


def find(service: Service, environ: Mapping[str, str]) -> Token:
    """The token of a service from the environment.

    Raises AuthError where there is none, or one that can't be a token (it would break the request's header,
    and the error that follows would print it).
    """
    for name in VARIABLES[service]:
        value = environ.get(name, "").strip()
        if value and not re.fullmatch(r"[\x21-\x7e]+", value):
            raise AuthError(
                f"the {NAMES[service]} token in {name} holds spaces or characters that no token has",
                f"copy it again: export {name}=…",
            )
        if value:
            return Token(value, name)
    looked = " and ".join(VARIABLES[service])
    raise AuthError(
        f"no {NAMES[service]} token: looked in {looked}",
        f"export {VARIABLES[service][0]}=…, or try `--sandbox`, which needs none",
    )


def tokens(environ: Mapping[str, str]) -> list[str]:
    """Every token in the environment, to be kept out of what is printed."""
    return [environ[name] for names in VARIABLES.values() for name in names if environ.get(name)]


def mask(text: str, tokens: Iterable[str]) -> str:
    """The text with every token, and everything of a well-known token's form, taken out."""
    for token in tokens:
        if len(token) >= 4:
            text = text.replace(token, "[token]")
    return re.sub(r"(glpat-|gloas-|xox[abpr]-|Bearer\s+|token=)[\w.+/=-]+", lambda found: found[1] + "[token]", text)
