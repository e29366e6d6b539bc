"""Whom a hand-off may mention: only people of the `people` table, and everybody else by plain name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from secops_oncall.domain import slack as mrkdwn
from secops_oncall.domain.markdown import inline
from secops_oncall.domain.people import Person


@dataclass(frozen=True)
class Handles:
    """GitLab user names and Slack ids by e-mail in PagerDuty, and the names that these people have there."""

    gitlab: Mapping[str, str] = field(default_factory=dict)
    slack: Mapping[str, str] = field(default_factory=dict)
    emails: Mapping[str, str] = field(default_factory=dict)  # by name, in lower case

    def known(self, people: Iterable[Person]) -> "Handles":
        """The same with the names of people whose e-mail is known."""
        named = {person.name.casefold(): person.email for person in people if person.email}
        return Handles(self.gitlab, self.slack, {**named, **self.emails})

    def user(self, name: str | None, email: str | None = None) -> str | None:
        """The GitLab user name of somebody who is named as in PagerDuty, by e-mail, or as in GitLab with an `@`."""
        word = (name or "").strip().casefold()
        own = {user.casefold(): user for user in self.gitlab.values()}
        if word.startswith("@"):
            return own.get(word.removeprefix("@"))
        return self.gitlab.get(email or self.emails.get(word, word))

    def mention(self, person: Person | None) -> str:
        """A person in GitLab's Markdown: a mention where the table maps them, else their name as text."""
        return self.named(person.name, person.email) if person else ""

    def named(self, name: str, email: str | None = None) -> str:
        """The same for a name that somebody typed."""
        user = self.user(name, email)
        return f"@{user}" if user else inline(name)

    @property
    def slack_names(self) -> dict[str, str]:
        """Slack ids by GitLab user name, in lower case: what stands behind an `@` in a text."""
        return {user.casefold(): self.slack[email] for email, user in self.gitlab.items() if email in self.slack}

    def slack_id(self, name: str, email: str | None = None) -> str | None:
        """The Slack id of somebody, by name, e-mail, or as in GitLab with an `@`."""
        word = name.strip().casefold()
        if word.startswith("@"):
            return self.slack_names.get(word.removeprefix("@"))
        return self.slack.get(email or self.emails.get(word, name))

    def slack_mention(self, person: Person | None) -> str:
        """A person in Slack's mrkdwn: a mention where the table maps them, else their name as text."""
        return self.slack_named(person.name, person.email) if person else ""

    def slack_named(self, name: str, email: str | None = None) -> str:
        """The same for a name that somebody typed."""
        id = self.slack_id(name, email)
        return f"<@{id}>" if id else mrkdwn.inline(name)
