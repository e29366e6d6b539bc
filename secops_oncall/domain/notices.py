"""What is said of an incident beside the hand-off, for two places: GitLab's Markdown and Slack's mrkdwn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secops_oncall.domain import declared, slack
from secops_oncall.domain.charge import Kind
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.markdown import typed
from secops_oncall.domain.marks import Mark, issue_key
from secops_oncall.domain.people import Person, same
from secops_oncall.domain.text import shorten
from secops_oncall.domain.times import clock_ahead

_TITLE = 200  # characters
_TOO_LONG = "what there is to say is too long for Slack: the issue has it"
_HEADS: dict[Kind, str] = {
    "update": "Update",
    "engage": "Engaged",
    "release": "Left",
    "break": "Break",
    "back": "Back",
    "high-impact": "High impact",
}


@dataclass(frozen=True)
class About:
    """What a notice is about, an issue's incident, and who says it in which shift; `handles` may be mentioned in it."""

    issue: Issue
    who: Person
    owner: Person | None
    handles: Handles
    shift: str = ""


@dataclass(frozen=True)
class Notice:
    """One thing that is said of an incident; `said` are the words that it is known again by.

    `text` is what goes into the issue; but in an update its first line is what `domain.declared` reads back. `news` is
    what goes into Slack behind the heading, where that may have more than the issue's reference. `typed` is the time in
    it as the engineer typed it, which means another moment whenever it is typed; `called` who is to come and act on it,
    whatever else Slack may be told.
    """

    kind: Kind
    about: About
    said: str
    text: str
    news: str
    typed: str = ""
    called: tuple[Person, ...] = ()

    @property
    def issue(self) -> Issue:
        """The issue of the incident that it is about."""
        return self.about.issue

    @property
    def key(self) -> str:
        """The issue that it is about, as marks have it."""
        return issue_key(self.issue.id)

    @property
    def mark(self) -> Mark:
        """The mark by which its note counts."""
        return Mark(self.kind, self.about.shift, self.key)

    def mrkdwn(self, *, whole: bool) -> str:
        """The notice for Slack; not `whole`: the issue's reference, who is called, and no word of what is in it."""
        where, who = slack.link(self.issue.ref, self.issue.url), slack.inline(self.about.who.name)
        if not whole:
            called = ", ".join(self.about.handles.slack_mention(person) for person in self.called)
            return f"*Incident* {where}: news by {who}{called and f' for {called}'}, in the issue"
        title = slack.inline(shorten(self.issue.title, _TITLE))
        return f"*{_HEADS[self.kind]}* {where} {title}, by {who}\n{self.news}"

    def blocks(self, marker: str, *, whole: bool) -> dict[str, str]:
        """The same as the blocks of one message, the first known by the marker; words too long for one stay behind."""
        first, *more = slack.messages(marker, self.mrkdwn(whole=whole))
        return first if not more else slack.messages(marker, replace(self, news=_TOO_LONG).mrkdwn(whole=whole))[0]


def update(about: About, words: str) -> Notice:
    """What is new about it, in the engineer's own words."""
    text = typed(words, about.handles.gitlab.values())
    return Notice("update", about, words, text, slack.typed(words, about.handles.slack_names))


def engage(about: About, person: Person) -> Notice:
    """That somebody is engaged."""
    line = declared.engages([person], about.handles)
    news = f"{about.handles.slack_mention(person)} is engaged"
    return Notice("engage", about, line, line, news, called=() if same(person, about.who) else (person,))


def release(about: About, person: Person) -> Notice:
    """That somebody is engaged no longer."""
    line = declared.leaves(person, about.handles)
    return Notice("release", about, line, line, f"{slack.inline(person.name)} is engaged no longer")


def go_on_break(about: About, to: Person, back: datetime, now: datetime, typed: str = "") -> Notice:
    """That somebody else acts until the author is back, at a moment that was `typed` so."""
    line = declared.goes_on_break(to, back, about.owner, about.handles)
    text = f"{line}\n\n{about.handles.mention(about.who)} is on a break until then."
    acts = f"{about.handles.slack_mention(to)} acts until {slack.inline(about.who.name)} is back"
    return Notice("break", about, line, text, f"{acts}, {clock_ahead(back, now)}; {_owned(about.owner)}", typed, (to,))


def come_back(about: About) -> Notice:
    """That the author of a break acts again."""
    line = declared.takes_over(about.who, about.owner, about.handles)
    return Notice("back", about, line, line, f"{slack.inline(about.who.name)} acts again; {_owned(about.owner)}")


def high_impact(about: About, managers: Sequence[Person], brief: str) -> Notice:
    """That it is of high impact: managers are engaged, with the six headings (`brief`, Markdown) to begin with."""
    line = declared.is_high_impact(managers, about.owner, about.handles)
    names = ", ".join(about.handles.slack_mention(person) for person in managers)
    news = f"{names} is engaged to coordinate; what is known stands in the issue"
    return Notice("high-impact", about, "high impact", f"{line}\n\n{brief}", news, called=tuple(managers))


def _owned(owner: Person | None) -> str:
    return f"the owner stays {slack.inline(owner.name)}" if owner else "nobody owns it"
