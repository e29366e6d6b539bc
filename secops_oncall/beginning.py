"""What `oncall init` finds on this machine before it asks anything, and where the answers go."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secops_oncall import config_document
from secops_oncall.app import App
from secops_oncall.config_writing import probe, save, text_of
from secops_oncall.domain.init import changes
from secops_oncall.domain.setup import Service
from secops_oncall.domain.tokens import KEYRING, Token, host_of
from secops_oncall.errors import KeyringError
from secops_oncall.secrets import VARIABLES, in_environment
from secops_oncall.workflows.init_connecting import TYPED

if TYPE_CHECKING:
    from secops_oncall.config import Config
    from secops_oncall.domain.settings import Saved

_PLACES = ("gitlab.groups", "gitlab.projects")


class Beginning:
    """The file and the profile that are to be set up, what they say now, and the tokens that are there already.

    Raises ConfigError where the file could not be written in the end, BrokenConfigError where it can't be read.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._environ = app.environ
        self.profile = config_document.profile_name(app.environ, app.options.profile)
        self.file = config_document.file_that_counts(app.environ, app.options.config)
        probe(self.file)
        _, self._document = config_document.read({}, None, self.file.absolute())

    @property
    def is_new(self) -> bool:
        """Whether the file doesn't have the profile yet."""
        profiles = self._document.get("profile")
        has_it = isinstance(profiles, dict) and self.profile in profiles
        return not has_it and (self.profile != config_document.DEFAULT_PROFILE or not self._document)

    @cached_property
    def known(self) -> dict[str, Any]:
        """What holds now by dotted key, defaults too; ConfigError for a value of the wrong type.

        The channel for acks holds only where acks are announced. `people` is a mapping from an e-mail to handles.
        """
        config = self._config
        known = _values(config)
        known["slack.channel"] = config.slack.channel if config.slack.announce else None
        handles = {email: {"gitlab": one.gitlab, "slack": one.slack} for email, one in config.people.items()}
        known["people"] = {
            email: {name: text for name, text in each.items() if text} for email, each in handles.items()
        }
        return known

    @cached_property
    def written(self) -> frozenset[str]:
        """The keys that the file or the environment sets."""
        from secops_oncall.config import KEYS, variable

        return frozenset(self._written) | {key for key in KEYS if self._environ.get(variable(key))}

    @property
    def is_set_up(self) -> bool:
        """Whether there is nothing that has to be asked, but for a token."""
        return not self.is_new and any(self.known[key] for key in _PLACES)

    def found(self, service: Service, url: str) -> Token | None:
        """The token in the environment, else the keyring's for the address; None for neither. Raises AuthError."""
        if token := in_environment(service, self._environ):
            return token
        try:
            kept = self._app.keyring.get(service, self.profile, host_of(url))
        except KeyringError:
            return None
        return self._app.given(kept.strip(), KEYRING) if kept else None

    def typed(self, text: str) -> Token:
        """A token that was typed, kept out of everything that is printed."""
        return self._app.given(text, TYPED)

    def variable(self, service: Service) -> str:
        """The variable in which a service's token is looked for first."""
        return VARIABLES[service][0]

    def text(self) -> str | None:
        """What the file says now, None where it isn't there; raises ConfigError."""
        return text_of(self.file)

    def save(self, answers: Mapping[str, Any]) -> "Saved":
        """Write what is new of the answers into the file; `config_writing.save` tells what is raised."""
        from secops_oncall.config import Config

        changed = changes(answers, self._written, self._below, _values(Config()))
        if self.is_new:  # a profile that says nothing would not be there
            changed |= {key: answers[key] for key in ("pagerduty.url", "gitlab.url")}
        return save(self.file.absolute(), self.profile, changed)

    def renewed(self, tokens: Mapping[Service, str]) -> App:
        """Another run, of what is there now; with tokens that nothing keeps as their variables would have them."""
        told = {VARIABLES[service][0]: token for service, token in tokens.items()}
        app = App({**self._environ, **told}, self._app.streams, self._app.now)
        app.use(self._app.options)
        app.keyring = self._app.keyring  # one that didn't answer in time is not waited for again
        return app

    @cached_property
    def _config(self) -> "Config":
        from secops_oncall import config_file

        environ = {
            name: value for name, value in self._environ.items() if name not in ("ONCALL_CONFIG", "ONCALL_PROFILE")
        }
        return config_file.load(environ, None, self.file.absolute(), self._holding)

    @property
    def _holding(self) -> str:
        """The profile whose values hold now: a new one begins with what the file says without it."""
        return config_document.DEFAULT_PROFILE if self.is_new else self.profile

    @cached_property
    def _written(self) -> dict[str, Any]:
        return _flat(config_document.overlay(self._document, self._holding, self.file))

    @cached_property
    def _below(self) -> dict[str, Any]:
        """What the file says without the profile's own tables."""
        if self.profile == config_document.DEFAULT_PROFILE:
            return {}
        return _flat({name: table for name, table in self._document.items() if name != "profile"})


def _values(config: "Config") -> dict[str, Any]:
    from secops_oncall.config import KEYS

    return {key: config.value(key) for key in KEYS}


def _flat(tables: Mapping[str, Any]) -> dict[str, Any]:
    """A file's values by their dotted keys, lists as the settings have them."""
    return {
        f"{section}.{key}": tuple(value) if isinstance(value, list) else value
        for section, table in tables.items()
        if isinstance(table, dict) and section != "people"
        for key, value in table.items()
    }
