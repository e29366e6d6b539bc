"""The settings, checked: the TOML file, its profile and the environment, each laid over the one before."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from secops_oncall.config import KEYS, SECTIONS, Config, PersonConfig, variable
from secops_oncall.config_document import WORDS, overlay, profile_name, read
from secops_oncall.domain.nearest import nearest
from secops_oncall.domain.setup import NAMES
from secops_oncall.domain.text import quoted
from secops_oncall.errors import ConfigError

SECRET = re.compile(r"token|secret|password|api_?key", re.IGNORECASE)  # in the name of what holds one
_MOST = 1_000_000  # of minutes it is two years, and nobody means more of anything


def load(environ: Mapping[str, str], path: Path | None, default_path: Path, profile: str | None = None) -> Config:
    """The configuration from `path` (else `$ONCALL_CONFIG`, else `default_path`) with the environment over it.

    Raises ConfigError for a file that was named and isn't there, can't be read or isn't TOML (with line and
    column), for a value of the wrong type, and for a profile that isn't in the file.
    """
    file, document = read(environ, path, default_path)
    name = profile_name(environ, profile)
    tables = overlay(document, name, file)
    people = _people(tables.pop("people", {}), file)
    values, warnings = _from_file(tables, file)
    told = _from_environment(environ)
    config = from_values(values | told, people)
    return replace(config, profile=name, warnings=tuple(warnings), is_set_up=bool(document or told))


def from_environment(environ: Mapping[str, str]) -> Config:
    """The configuration that the environment alone makes; ConfigError for a value of the wrong type."""
    return from_values(_from_environment(environ), {})


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    texts = {key: environ[variable(key)] for key in KEYS if environ.get(variable(key))}
    return {key: checked(key, from_text(key, text), variable(key)) for key, text in texts.items()}


def from_values(values: Mapping[str, Any], people: Mapping[str, PersonConfig]) -> Config:
    """The configuration with these values by their dotted keys, and defaults for the rest."""
    return Config(people=people, is_set_up=True, **{section: _section(section, values) for section in SECTIONS})


def from_tables(tables: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """The checked values of a file's tables by their dotted keys; raises ConfigError as `load` does."""
    _people(tables.get("people", {}), file)
    return _from_file({name: table for name, table in tables.items() if name != "people"}, file)[0]


def _section(section: str, values: Mapping[str, Any]) -> Any:
    """One section's settings, from the values of its dotted keys."""
    mine = {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{section}.")}
    return SECTIONS[section](**mine)


def _from_file(tables: Mapping[str, Any], file: Path) -> tuple[dict[str, Any], list[str]]:
    """The values of the file by their dotted keys, and a warning for each key that nobody reads."""
    values: dict[str, Any] = {}
    warnings: list[str] = []
    for section, table in tables.items():
        if section in SECTIONS and not isinstance(table, dict):
            warnings.append(f"{file}: nobody reads {quoted(section)}: it must be a table, as [{section}] begins one")
            continue
        if section not in SECTIONS:
            warnings.append(_unknown(section, SECTIONS, file))
            continue
        for key, value in table.items():
            dotted = f"{section}.{key}"
            if dotted in KEYS:
                values[dotted] = checked(dotted, value, str(file))
            else:
                warnings.append(_unknown(dotted, KEYS, file))
    return values, warnings


def _people(table: object, file: Path) -> dict[str, PersonConfig]:
    if not isinstance(table, dict) or not all(isinstance(each, dict) for each in table.values()):
        raise ConfigError(
            f"{file}: people must be tables", 'write [people."ana@example.com"] and gitlab = "ana" below it'
        )
    return {
        email: PersonConfig(**{key: str(value) for key, value in each.items() if key in ("gitlab", "slack")})
        for email, each in table.items()
    }


def login(key: str) -> str:
    """What keeps the token that somebody put at a key: it goes to the keyring, for the key's profile."""
    parts = key.split(".")
    service = next((part for part in parts if part in NAMES), "SERVICE")
    return f"oncall auth login {service}" + (f" -p {parts[1]}" if parts[0] == "profile" and parts[1:] else "")


def _unknown(name: str, known: Iterable[str], file: Path) -> str:
    if SECRET.search(name.rpartition(".")[2]):
        return f"{file}: nobody reads {quoted(name)}, and no token belongs there: {login(name)}, then take it out"
    near = nearest(name, known)
    return f"{file}: nobody reads {quoted(name)}" + (f"; did you mean {near}?" if near else "")


def checked(key: str, value: object, where: str) -> Any:
    """The value as its key's type, from `where`; ConfigError says what it must be.

    It never repeats a value: that may be a secret.
    """
    try:
        return fitted(key, value)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}", f"set {key} right, or take it out for its default") from None


def fitted(key: str, value: object) -> Any:
    """The value as its key's type, a list as a tuple; ValueError, without the value, says what it must be."""
    kind = KEYS[key].type
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if choices and value in choices:
        return value
    if kind == tuple[str, ...] and isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if bool in kinds and isinstance(value, bool):
        return value
    if int in kinds and isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST:
        return value
    if str in kinds and isinstance(value, str):
        return value
    raise ValueError(f"{key} must be {_wanted(kind, choices)}")


def _wanted(kind: object, choices: tuple[Any, ...]) -> str:
    if choices:
        return "one of " + ", ".join(map(str, choices))
    number = f"a whole number above 0 and up to {_MOST:,}"
    words = {bool: "true or false", int: number, tuple[str, ...]: "a list of texts"}
    return words.get(kind, "a text")  # type: ignore[call-overload, no-any-return]


def from_text(key: str, text: str) -> object:
    """An environment variable's text as the file would have it: lists are comma-separated."""
    kind = KEYS[key].type
    if kind == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind is bool:
        return WORDS.get(text.strip().lower(), text)
    if kind is int:
        return int(text) if text.strip().isascii() and text.strip().isdigit() else text
    return text
