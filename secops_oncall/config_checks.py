"""A setting as it is typed: which key is meant, and whether the value is one that the program can use."""

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from secops_oncall.config import KEYS, ShiftConfig
from secops_oncall.config_file import SECRET, fitted, from_text, login
from secops_oncall.domain.nearest import nearest
from secops_oncall.domain.people import is_email
from secops_oncall.domain.text import clean, is_one_line, quoted
from secops_oncall.errors import ConfigError, UsageError
from secops_oncall.secrets import mask

_PERSON = re.compile(r'people\.(?P<quote>"?)(?P<email>[^"\s]+@[^"\s]+?)(?P=quote)(?:\.(?P<field>gitlab|slack))?')
# PagerDuty's keys have no prefix: 20 characters, in which cases and digits change far more often than in words.
_KEY = re.compile(r"[A-Za-z0-9+_-]{20}")
_WORD = re.compile(rf"(?<![A-Za-z0-9+_-]){_KEY.pattern}(?![A-Za-z0-9+_-])")
_NAMED = re.compile(rf"^([^#=\n]*(?:{SECRET.pattern})[^.=\n]*=[ \t]*)\S.*$", re.IGNORECASE | re.MULTILINE)
_RUNS = re.compile(r"[a-z]+|[A-Z]+|[0-9]+|[+_-]+")
_MANY = 8
HIDDEN = "[token]"  # what is shown in the place of one


def known(key: str) -> str:
    """The key, where there is such; UsageError names the nearest one."""
    if key in KEYS:
        return key
    refuse_secret(key)
    of_profile = re.fullmatch(r"profile\.([^.]+)\.(.+)", key)
    near = nearest(of_profile[2] if of_profile else key, KEYS)
    hint = f"did you mean {near}?" if near else "oncall config list"
    if of_profile and near:
        hint = f"did you mean -p {clean(of_profile[1])} {near}?"
    raise UsageError(f"there is no setting {quoted(key)}", hint)


def person(key: str) -> tuple[str, str | None] | None:
    """The e-mail and the field, `gitlab` or `slack`, that `people.EMAIL.FIELD` names; None for any other key.

    The field is None where all of the person is named. An e-mail may stand in quotes, as in the file.
    """
    found = _PERSON.fullmatch(key)
    return (found["email"], found["field"]) if found else None


def check(key: str, *words: str) -> Any:
    """The value of a key from what was typed: a list comma-separated, or in several words.

    Raises UsageError for a key that isn't there (naming the nearest), for what its key can't be, and for a token.
    """
    kind = KEYS[known(key)].type
    if kind == tuple[str, ...]:
        return _usable(key, from_text(key, ",".join(words)))
    if len(words) != 1:
        raise UsageError(f"{key} takes one value, and there are {len(words)}", f'oncall config set {key} "VALUE"')
    if not words[0].strip():
        raise UsageError(f"the value of {key} is empty", f"oncall config unset {key}")
    return _usable(key, from_text(key, words[0].strip()))


def check_name(key: str, *words: str) -> str:
    """The user name or id of a person; raises UsageError as `check` does."""
    name = words[0].strip().removeprefix("@") if len(words) == 1 else ""
    if not re.fullmatch(r"[\w.-]+", name):
        raise UsageError(f"{key} must be one user name, or a user's id in Slack", f"oncall config set {key} NAME")
    refuse_token(key, name)
    return name


def _usable(key: str, value: object) -> Any:
    refuse_lines(key, value)
    for text in value if isinstance(value, list) else [value]:
        refuse_token(key, str(text))
    try:
        checked = fitted(key, value)
        form(key, checked)
    except ValueError as error:
        raise UsageError(str(error), f"oncall config get {key}, to see what it is now") from None
    except ConfigError as error:
        raise UsageError(error.message, error.hint) from None
    return checked


def refuse_lines(key: str, value: object) -> None:
    """Raises UsageError for a value, or one of a list, that holds a line end or what nobody sees."""
    for text in value if isinstance(value, (list, tuple)) else [value]:
        if not is_one_line(str(text)):
            raise UsageError(f"the value of {key} holds a line end, or what is no text", "give it in one line")


def refuse_secret(key: str) -> None:
    """Raises UsageError for a key that is called like what holds a token, and is no setting."""
    if key not in KEYS and SECRET.search(key.rpartition(".")[2]):
        raise UsageError(f"{quoted(key)} is no setting: tokens are never in the file", f"{login(key)}, for a token")


def refuse_token(key: str, text: str) -> None:
    """Raises UsageError, without the value, for what looks like a token: the file holds none."""
    if is_token(text):
        raise UsageError(f"the value of {key} looks like a token", f"{login(key)} keeps it in the keyring")


def is_token(text: str) -> bool:
    """Whether a text has the form of a token."""
    return mask(text, ()) != text or (bool(_KEY.fullmatch(text)) and len(_RUNS.findall(text)) >= _MANY)


def without_tokens(text: str, tokens: Iterable[str]) -> str:
    """A text that was meant for the file, whether it is TOML or not, with every token and what is called one hidden."""
    text = _NAMED.sub(rf'\1"{HIDDEN}"', mask(text, tokens))
    return _WORD.sub(lambda word: HIDDEN if is_token(word[0]) else word[0], text)


def form(key: str, value: Any) -> None:
    """Raises ConfigError for a value of the right type that is of no use, as the command that needs it would."""
    check = _FORMS.get(key)
    if check and value is not None:
        check(key, value)


def _address(key: str, value: str) -> None:
    from secops_oncall.clients.network import checked_address

    checked_address(key, value)


def _shift(key: str, value: Any) -> None:
    from secops_oncall.workflows.shift import shift_rules

    shift_rules(**{**asdict(ShiftConfig()), key.rpartition(".")[2]: value})


def _board(_: str, value: str) -> None:
    from secops_oncall.workflows.backlog import board_name

    board_name(value, "backlog", "doing")


def _bundle(_: str, value: str) -> None:
    from secops_oncall.clients.certificates import believed

    believed(value, {})


def _email(key: str, value: str) -> None:
    if not is_email(value):
        raise ConfigError(f"`{key}` is no e-mail: {quoted(value)}", "write it as ana@example.com")


def _paths(key: str, value: str | tuple[str, ...]) -> None:
    for path in (value,) if isinstance(value, str) else value:
        if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*", path):
            raise ConfigError(
                f"`{key}` holds no path: {quoted(path)}", "write it as group/subgroup/project, with no URL"
            )


_FORMS: dict[str, Callable[[str, Any], None]] = {
    **dict.fromkeys(("pagerduty.url", "gitlab.url", "slack.url"), _address),
    **dict.fromkeys((key for key in KEYS if key.startswith("shift.")), _shift),
    **dict.fromkeys(("gitlab.groups", "gitlab.projects", "incidents.projects"), _paths),
    **dict.fromkeys(("issues.improvement_project", "handoff.project"), _paths),
    "pagerduty.email": _email,
    "backlog.board": _board,
    "network.ca_bundle": _bundle,
}
