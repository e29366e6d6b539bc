"""The configuration file, changed: whole or not at all, for this user alone, and what it held before beside it."""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from secops_oncall import files, locks
from secops_oncall.config_checks import known
from secops_oncall.config_document import DEFAULT_PROFILE, parsed, table
from secops_oncall.config_file import checked
from secops_oncall.domain.settings import Saved
from secops_oncall.errors import ConfigError

_Tables = dict[str, Any]


def save(file: Path, profile: str, changes: Mapping[str, object | None]) -> Saved:
    """Change keys of a profile in the file, which is made, in a folder of mode 0700, where it isn't there.

    Keys are dotted (`gitlab.groups`); None takes one out. `people` is a mapping from an e-mail to `gitlab` and `slack`,
    laid over what is known of that person; None takes the person, or the name, out. Keys that nobody reads are kept,
    comments are not: the text of before is left in `FILE.bak`, but never in place of one that was written by hand. Of
    two processes at once neither loses anything.

    Raises UsageError for a key that isn't there, ConfigError for a value that isn't of its type and for a file that
    can't be written, and BrokenConfigError for one that isn't TOML: it is never written over.
    """
    values = {key: _fit(key, value) for key, value in changes.items()}

    def change(before: str | None) -> str | None:
        document = parsed(file, before or "")
        changed = changed_document(document, profile, values)
        return before if changed == document else _dumped(changed)

    return _write(file, change)


def save_text(file: Path, before: str | None, text: str) -> Saved:
    """Put a text in the file's place, as it is; `before` is what it was made from, None where there was no file.

    Raises ConfigError where the file has become another meanwhile, and as `save` does.
    """

    def change(now: str | None) -> str:
        if now != before:
            raise ConfigError(f"{file} was changed by somebody else meanwhile", "edit it again, from what it holds now")
        return text

    return _write(file, change)


def text_of(file: Path) -> str | None:
    """The file's text as it is, even where it isn't TOML; None where it isn't there. Raises ConfigError."""
    with _translated(file):
        return _text(_target(file))


def probe(file: Path) -> None:
    """Find out before anything is asked that a file can't be written in the end; ConfigError says why."""
    with _translated(file):
        folder = next(each for each in _target(file).parents if each.exists())
    what, another = f"can't write the configuration {file}: {folder}", "name another with --config FILE"
    if not folder.is_dir():
        raise ConfigError(f"{what} is no folder", another)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"{what} is read-only", f"give yourself the right to write in {folder}, or {another}")


def changed_document(document: _Tables, profile: str, values: Mapping[str, object | None]) -> _Tables:
    """The file's tables with the values of a profile's dotted keys changed in them."""
    changed = deepcopy(document)
    for key, value in values.items():
        if key != "people":
            section, _, name = key.partition(".")
            _put(_of(changed, profile, section, name, make=value is not None), section, name, value)
            continue
        for email, names in (value or {}).items():  # type: ignore[attr-defined]
            _put_person(changed, profile, email, names)
    return changed


def _put_person(document: _Tables, profile: str, email: str, names: Mapping[str, str | None] | None) -> None:
    """A person of a profile takes the place of the one below it: all that is known of them goes there."""
    tables = _of(document, profile, "people", email, make=bool(names))
    before = {**table(table(document, "people"), email), **table(table(tables, "people"), email)}
    after = {key: value for key, value in {**before, **(names or {})}.items() if value is not None}
    _put(tables, "people", email, after if names and after else None)


def _of(document: _Tables, profile: str, section: str, name: str, *, make: bool) -> _Tables:
    """The tables that a key of a profile belongs into; the file's own for the default one, unless it has it itself.

    A profile that isn't there is made only where `make`: nothing can be taken out of it.
    """
    profiles = document.get("profile")
    own = table(table(document, "profile"), profile)
    if profile == DEFAULT_PROFILE and name not in table(own, section):
        return document
    if not make:
        return own
    if not isinstance(profiles, dict):
        profiles = document["profile"] = {}
    if not isinstance(profiles.get(profile), dict):
        profiles[profile] = {}
    return table(profiles, profile)


def _put(tables: _Tables, section: str, name: str, value: object) -> None:
    """Set a key, or take it out, and the section with it once that is empty; a key without a section, too."""
    if not name and value is None:
        tables.pop(section, None)
        return
    if not isinstance(tables.get(section), dict):
        if value is None:
            return
        tables[section] = {}
    if value is not None:
        tables[section][name] = list(value) if isinstance(value, tuple) else value
    else:
        tables[section].pop(name, None)
        if not tables[section]:
            del tables[section]


def _fit(key: str, value: object) -> object:
    if value is None or key == "people":
        return value
    return checked(known(key), value, "oncall")


def _dumped(document: _Tables) -> str:
    import tomli_w

    return tomli_w.dumps(document)


def _write(file: Path, change: Callable[[str | None], str | None]) -> Saved:
    """Write what a change makes of the file's text, one process at a time; its text of before stays beside it."""
    with _translated(file):
        target = _target(file)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locks.alone(target.with_name(f".{target.name}.lock")):
            before = _text(target)
            after = change(before)
            if after == before or after is None:
                return Saved(file, None, changed=False)
            backup = _back_up(target, before)
            files.replace(target, [after])
    return Saved(file, backup)


def _back_up(target: Path, before: str | None) -> Path | None:
    """Put the text of before beside the file; None where there was none, or what lies there is worth more.

    A text written by hand holds comments, which no other place has: one that we wrote doesn't take its place.
    """
    backup = target.with_name(f"{target.name}.bak")
    if before is None or (_is_ours(before) and not _is_ours(_text(backup, "replace") or "")):
        return None
    files.replace(backup, [before])
    return backup


def _is_ours(text: str) -> bool:
    """Whether a text is as `save` would write it, so that nothing is lost when it is written anew."""
    try:
        return not text or _dumped(tomllib.loads(text)) == text
    except tomllib.TOMLDecodeError:
        return False


def _target(file: Path) -> Path:
    """What is written: where a link leads to, so that the link stays. Raises ConfigError for what is no file."""
    if not file.is_absolute() and file.parts[0] == "~":
        raise ConfigError("this user has no home folder to keep a configuration in", "name a file with --config FILE")
    target = file.resolve()
    if target.exists() and not target.is_file():
        raise ConfigError(f"the configuration {file} is no file", "name another with --config FILE")
    return target


def _text(target: Path, errors: str = "strict") -> str | None:
    try:
        return target.read_bytes().decode("utf-8-sig", errors)
    except FileNotFoundError:
        return None


@contextmanager
def _translated(file: Path) -> Iterator[None]:
    """What the system refuses, in two lines."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # 3.11 and 3.12 say so of a link that leads to itself
        why = getattr(error, "strerror", None) or "a link leads to itself"
        hint = "make room, give yourself the right to write it, or name another with --config FILE"
        raise ConfigError(f"can't write the configuration {file}: {why}", hint) from error
    except UnicodeError:
        raise ConfigError(f"the configuration {file} is not UTF-8 text", "mend it, or name another") from None
