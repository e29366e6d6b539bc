"""What `oncall config` does: which settings count and where they come from, and changing those of the file."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from secops_oncall import config_document, config_file, config_writing
from secops_oncall.config import KEYS, Config, PersonConfig, variable
from secops_oncall.config_checks import (
    HIDDEN,
    check,
    check_name,
    form,
    is_token,
    known,
    person,
    refuse_lines,
    refuse_secret,
    refuse_token,
    without_tokens,
)
from secops_oncall.config_document import table
from secops_oncall.domain.settings import Saved, Setting
from secops_oncall.domain.setup import NAMES
from secops_oncall.errors import ConfigError, UsageError
from secops_oncall.secrets import mask, token_variable, tokens


class Settings:
    """The configuration of one run: its environment, the file and profile that were named, None where none was.

    `fixed` answers the settings that nobody can change: the sandbox's.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        path: Path | None,
        profile: str | None,
        fixed: Callable[[], Config] | None = None,
    ) -> None:
        self._environ, self._path = environ, path
        self.profile = config_document.profile_name(environ, profile)
        self._fixed = fixed

    @cached_property
    def file(self) -> Path:
        """The file that counts, whether it is there or not."""
        return config_document.file_that_counts(self._environ, self._path)

    @property
    def is_fixed(self) -> bool:
        """Whether the file doesn't count."""
        return self._fixed is not None

    @property
    def is_default(self) -> bool:
        """Whether no profile was named."""
        return self.profile == config_document.DEFAULT_PROFILE

    def listed(self, warn: Callable[[str], None]) -> list[Setting]:
        """Every setting, then the people, then the tokens that the environment holds, masked.

        `warn` is told what the file holds that nobody reads. Raises ConfigError as every command that reads it does.
        """
        if self._fixed:
            return self._fixed_ones(self._fixed())
        config = config_file.load(self._environ, self._path, self.file, self.profile)
        for warning in config.warnings:
            warn(warning)
        _, document = config_document.read(self._environ, self._path, self.file)
        sections = [self._shown(key, config.value(key), self._source(document, key)) for key in KEYS]
        people = [
            self._shown(key, value, self._where(document, "people", email) or "file")
            for email, key, value in _people(config.people)
        ]
        return [*sections, *people, *self._tokens()]

    def get(self, key: str, warn: Callable[[str], None]) -> Setting:
        """One setting; UsageError for a key that isn't there."""
        who = person(key)
        name = f"people.{who[0]}.{who[1]}" if who and who[1] else known(key)
        found = next((each for each in self.listed(warn) if each.key == name), None)
        return found or Setting(name, None, "default")

    def set(self, key: str, words: tuple[str, ...]) -> Saved:
        """Keep what was typed for a key; raises UsageError for what it can't be, and as `config_writing.save` does."""
        self.refuse_fixed()
        for word in words:
            self._refuse_token(key, word)
        who = person(key)
        if who is None:
            return self._save({key: check(key, *words)})
        email, field = who
        if field is None:
            raise UsageError(f"{key} is a person", f"oncall config set people.{email}.gitlab NAME, or .slack ID")
        return self._save({"people": {email: {field: check_name(key, *words)}}})

    def unset(self, key: str) -> Saved:
        """Take a key out of the file, or a person, or what nobody reads; `changed` is False where it isn't there."""
        self.refuse_fixed()
        who = person(key)
        if who:
            email, field = who
            return self._save({"people": {email: {field: None} if field else None}})
        return self._save({key if self._holds(key) else known(key): None})

    def text(self) -> str | None:
        """The file as it is, even if it is broken; None where it isn't there."""
        self.refuse_fixed()
        return config_writing.text_of(self.file)

    def put(self, before: str | None, text: str) -> Saved:
        """Save a text that somebody made of `before`; raises ConfigError or UsageError where nobody could use it."""
        self._check(text)
        return config_writing.save_text(self.file, before, text)

    def hidden(self, text: str) -> str:
        """A text that was not saved, as it may lie elsewhere: without a token."""
        return without_tokens(text, tokens(self._environ))

    def wins(self, key: str) -> str | None:
        """The variable that is laid over the file for a key; None where there is none."""
        name = variable(key)
        return name if key in KEYS and self._environ.get(name) else None

    def problem(self) -> ConfigError | None:
        """Why the file still can't be used; None where it can."""
        try:
            config_file.load({}, self.file, self.file, self.profile)
        except ConfigError as error:
            return error
        return None

    def refuse_fixed(self) -> None:
        """Raises UsageError in the sandbox."""
        if self._fixed:
            what = "the sandbox's settings are fixed, and no file is read there"
            raise UsageError(what, "leave out --sandbox, or unset ONCALL_SANDBOX")

    def _save(self, changes: Mapping[str, object | None]) -> Saved:
        return config_writing.save(self.file, self.profile, changes)

    def _check(self, text: str) -> None:
        """Every profile of a text has to be one that the program can use, and none holds a token."""
        document = config_document.parsed(self.file, text)
        profiles = document.get("profile", {})
        for name in (config_document.DEFAULT_PROFILE, *(profiles if isinstance(profiles, dict) else ())):
            tables = config_document.overlay(document, name, self.file)
            for key, value in config_file.from_tables(tables, self.file).items():
                refuse_lines(key, value)
                form(key, value)
        for key, word in _words(document):
            refuse_secret(key)
            self._refuse_token(key, word)

    def _refuse_token(self, key: str, word: str) -> None:
        """Raises UsageError for a token of the environment, whatever it looks like, and for what looks like one."""
        refuse_token(key, f"token={word}" if word in tokens(self._environ) else word)

    def _holds(self, key: str) -> bool:
        """Whether the file has the key, known or not."""
        document = config_document.parsed(self.file, config_writing.text_of(self.file) or "")
        section, _, name = key.partition(".")
        if not name:
            return section in document and not isinstance(document[section], dict)
        return self._where(document, section, name) is not None

    def _source(self, document: Mapping[str, Any], key: str) -> str:
        section, _, name = key.partition(".")
        return self.wins(key) or self._where(document, section, name) or "default"

    def _where(self, document: Mapping[str, Any], section: str, name: str) -> str | None:
        """What of the file holds a key: the profile that counts, or the file itself; None where nothing does."""
        if name in table(table(table(document, "profile"), self.profile), section):
            return f"profile {self.profile}"
        return "file" if name in table(document, section) else None

    def _fixed_ones(self, config: Config) -> list[Setting]:
        sources = {key: "default" if config.value(key) == field.default else "sandbox" for key, field in KEYS.items()}
        people = [self._shown(key, value, "sandbox") for _, key, value in _people(config.people)]
        return [self._shown(key, config.value(key), source) for key, source in sources.items()] + people

    def _tokens(self) -> list[Setting]:
        return [
            Setting(f"{service}.token", HIDDEN, name, "a token is never in the file")
            for service in NAMES
            if (name := token_variable(service, self._environ))
        ]

    def _shown(self, key: str, value: Any, source: str) -> Setting:
        meaning = KEYS[key].metadata["meaning"] if key in KEYS else ""
        hidden = tuple(map(self._masked, value)) if isinstance(value, tuple) else self._masked(value)
        return Setting(key, hidden, source, meaning)

    def _masked(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return HIDDEN if is_token(value) else mask(value, tokens(self._environ))


def _people(people: Mapping[str, PersonConfig]) -> Iterator[tuple[str, str, str]]:
    """Each name that is known of each person: their e-mail, its key and its value."""
    for email, each in people.items():
        for field, name in (("gitlab", each.gitlab), ("slack", each.slack)):
            if name:
                yield email, f"people.{email}.{field}", name


def _words(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a document, with the key that it stands at; an empty one for what is neither text nor table."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _words(each, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for each in value:
            yield from _words(each, key)
    else:
        yield key, value if isinstance(value, str) else ""
