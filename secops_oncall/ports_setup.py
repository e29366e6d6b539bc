"""What setting up and the doctor ask of each service, and of the keyring."""

from collections.abc import Sequence
from typing import Protocol

from secops_oncall.domain.issues import Board, IssueQuery
from secops_oncall.domain.setup import Account, Policy, Project, Schedule, Service, TokenFacts
from secops_oncall.domain.slack import Channel


class PagerDutySetup(Protocol):
    """PagerDuty, as far as it tells of itself. Everything raises OncallError."""

    def token(self) -> TokenFacts:
        """Whose key it is: a user's, or an account-level one; AuthError for one that PagerDuty rejects."""
        ...

    def policies(self) -> list[Policy]:
        """Every escalation policy that the key sees, by name."""
        ...

    def schedules(self) -> list[Schedule]:
        """Every schedule that the key sees, by name."""
        ...

    def people(self) -> list[Account]:
        """Every user that the key sees, by name; `handle` is None."""
        ...


class GitLabSetup(Protocol):
    """GitLab, as far as it tells of itself. Everything raises OncallError."""

    def token(self) -> TokenFacts:
        """Whose token it is, of which kind, with which scopes, until when; AuthError for one that GitLab rejects."""
        ...

    def version(self) -> str:
        """GitLab's version."""
        ...

    def groups(self) -> list[str]:
        """The full paths of the groups that the token's user is a member of, by path."""
        ...

    def projects(self) -> list[str]:
        """The full paths of the projects with issues that the token's user is a member of, by path."""
        ...

    def boards(self, place: str) -> list[Board]:
        """The boards of a group or project; NotFoundError where there is no such place for this token."""
        ...

    def labels(self, place: IssueQuery) -> list[str]:
        """The names of all labels that issues of a group or project can have."""
        ...

    def project(self, path: str) -> Project:
        """What can be done in a project; NotFoundError where there is none for this token."""
        ...

    def people(self, places: Sequence[IssueQuery]) -> list[Account]:
        """Every person who is a member of one of the places, each once; `handle` is the user name; bots left out."""
        ...


class SlackSetup(Protocol):
    """Slack, as far as it tells of itself. Everything raises OncallError."""

    def token(self) -> TokenFacts:
        """Whose token it is, a bot's or a user's, and its scopes; AuthError for one that Slack rejects."""
        ...

    def channels(self) -> list[Channel]:
        """Every channel that the token sees and that isn't archived, by name."""
        ...

    def people(self) -> list[Account]:
        """Every member who is a person and active; `handle` is the id, `email` None without `users:read.email`."""
        ...


class Keyring(Protocol):
    """The system's keyring: one entry a service, profile and host. Everything answers or raises within 5 s.

    Raises KeyringError (a ConfigError) where there is none, where it is locked or refuses, or doesn't answer.
    """

    def get(self, service: Service, profile: str, host: str) -> str | None:
        """The token that is kept, None where there is none."""
        ...

    def put(self, service: Service, profile: str, host: str, token: str) -> None:
        """Keep a token in place of the one before."""
        ...

    def remove(self, service: Service, profile: str, host: str) -> bool:
        """Forget a token; False where there was none."""
        ...

    @property
    def name(self) -> str:
        """What the keyring calls itself, for people; raises KeyringError where there is none."""
        ...
