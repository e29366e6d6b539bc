"""The configuration file as it is written: found, read, a profile laid over it; its values are checked elsewhere."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secops_oncall.domain.text import quoted
from secops_oncall.errors import BrokenConfigError, ConfigError, UsageError

DEFAULT_PROFILE = "default"
PAGERDUTY_URL = "https://api.pagerduty.com"
WORDS = {**dict.fromkeys(("1", "true", "yes", "on"), True), **dict.fromkeys(("0", "false", "no", "off"), False)}
_Tables = dict[str, Any]
_LONGEST = 2_000_000  # characters: 10,000 people, read in a second


def read(environ: Mapping[str, str], path: Path | None, default_path: Path) -> tuple[Path, _Tables]:
    """The file that counts, `path`, else `$ONCALL_CONFIG`, else `default_path`, and what it holds.

    Raises BrokenConfigError for a file that was named and isn't there, that can't be read, or isn't TOML (with line
    and column).
    """
    named = named_file(environ, path)
    file = named or default_path
    if not named and not file.is_absolute():
        return file, {}  # there is no home folder, and one that is called `~` is nobody's
    try:
        if not _is_readable(file):
            raise BrokenConfigError(f"the configuration {file} is no file", "name another with --config FILE")
        return file, parsed(file, file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if named:
            raise BrokenConfigError(
                f"there is no configuration file {file}", "name another with --config FILE, or leave it out"
            ) from None
        return file, {}
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BrokenConfigError(
            f"can't read the configuration {file}: {cause}", "mend the file, or name another with --config FILE"
        ) from None


def _is_readable(file: Path) -> bool:
    """Whether reading it comes to an end: a device may never, nor a pipe, unless it is one that a shell has opened."""
    mode = file.stat().st_mode
    if stat.S_ISFIFO(mode):
        return file.parts[:2] in (("/", "dev"), ("/", "proc"))
    return not stat.S_ISBLK(mode) and (not stat.S_ISCHR(mode) or str(file) == os.devnull)


def named_file(environ: Mapping[str, str], path: Path | None) -> Path | None:
    """The file that somebody named: `path`, else `$ONCALL_CONFIG`; None where nobody did."""
    return path or (Path(environ["ONCALL_CONFIG"]) if environ.get("ONCALL_CONFIG") else None)


def file_that_counts(environ: Mapping[str, str], path: Path | None) -> Path:
    """The same, else the usual one, whether it is there or not."""
    return named_file(environ, path) or default_file()


def table(tables: Mapping[str, Any], name: str) -> _Tables:
    """A table of a file by its name; an empty one where there is none, or something else."""
    found = tables.get(name)
    return found if isinstance(found, dict) else {}


def profile_name(environ: Mapping[str, str], profile: str | None) -> str:
    """The profile that counts: the option, else `$ONCALL_PROFILE`, else the default one.

    Raises UsageError for a name that can't be told from another as it is printed: an option's empty one, too.
    """
    name = profile if profile is not None else environ.get("ONCALL_PROFILE") or DEFAULT_PROFILE
    if not name.isprintable() or name != name.strip() or not name:
        raise UsageError(f"{quoted(name)} is no name of a profile", "-p NAME, such as -p staging")
    return name


def overlay(document: _Tables, profile: str, file: Path) -> _Tables:
    """The file's tables with those of a profile laid over them, key by key; ConfigError where there is no such."""
    profiles = document.get("profile", {})
    base = {name: table for name, table in document.items() if name != "profile"}
    if not isinstance(profiles, dict) or not all(isinstance(each, dict) for each in profiles.values()):
        raise ConfigError(f"{file}: profile must be tables", "write [profile.NAME.section], and its keys below it")
    if profile == DEFAULT_PROFILE and profile not in profiles:
        return base
    if profile not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise ConfigError(
            f"there is no profile {quoted(profile)} in {file}", f"its profiles are: {known}; add [profile.NAME.section]"
        )
    for section, table in profiles[profile].items():
        below = base.get(section, {})
        base[section] = {**below, **table} if isinstance(below, dict) and isinstance(table, dict) else table
    return base


def pagerduty_url(environ: Mapping[str, str], path: Path | None, default_path: Path, profile: str | None) -> str:
    """Where a profile's PagerDuty is, with nothing else of the configuration looked at.

    Raises what `read` and `overlay` do, and BrokenConfigError where it is no text.
    """
    file, document = read(environ, path, default_path)
    tables = overlay(document, profile_name(environ, profile), file)
    url = environ.get("ONCALL_PAGERDUTY_URL") or table(tables, "pagerduty").get("url", PAGERDUTY_URL)
    if not isinstance(url, str):
        raise BrokenConfigError(f"{file}: pagerduty.url must be a text", "mend that line of the file")
    return url


def truthy(environ: Mapping[str, str], name: str) -> bool:
    """Whether an on-off variable such as `ONCALL_SANDBOX` is on; ConfigError for what is neither on nor off."""
    value = environ.get(name, "").strip().lower()
    if value and value not in WORDS:
        raise ConfigError(f"{name} is neither on nor off: {quoted(value)}", f"export {name}=1, or unset {name}")
    return WORDS.get(value, False)


def default_file() -> Path:
    """Where the configuration lies unless something else is said; below `~` for a user who has no home folder."""
    from platformdirs import user_config_path

    try:
        return user_config_path("oncall") / "config.toml"
    except RuntimeError:
        return Path("~", ".config", "oncall", "config.toml")


def parsed(file: Path, text: str) -> _Tables:
    """What the text of a file holds; BrokenConfigError, with line and column, where it isn't TOML."""
    import re
    import tomllib

    another = "mend the file, or name another with --config FILE"
    if len(text) > _LONGEST:
        raise BrokenConfigError(f"the configuration {file} is longer than {_LONGEST:,} characters", another)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise BrokenConfigError(f"{file}: something in it is nested too deeply", another) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        lines = text.split("\n")
        line, column = (found[1], found[2]) if found else (len(lines), len(lines[-1]) + 1)
        reason = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise BrokenConfigError(
            f"{file}:{line}:{column}: {reason}", "mend that line of the file and run the command again"
        ) from None
