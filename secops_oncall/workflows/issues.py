"""The labelled issues of every configured group and project, and what became of each since I looked last."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from secops_oncall import threads
from secops_oncall.domain.issues import Issue, IssueQuery, OwnComment, newest_activity_first
from secops_oncall.domain.nearest import nearest
from secops_oncall.domain.reviews import Past, news, past
from secops_oncall.domain.text import quoted
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, UsageError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows.writing import owner

MEMORY = timedelta(days=14)  # how far back my own comments are looked for
CLOSER = 50  # changed issues that are looked at one by one where my comments can't be listed
_AT_ONCE = timedelta(seconds=2)  # a comment moves its issue's last activity to its own time, give or take
_SPECIAL = {
    "any": "have a label",
    "none": "have none",
}  # what GitLab's label filter takes for something else than a name


@dataclass(frozen=True)
class IssueFilter:
    """Which of the issues to list: those with any of the labels; `since` is a moment of last activity (aware)."""

    labels: tuple[str, ...]
    mine: bool = False
    unassigned: bool = False
    unreviewed: bool = False
    state: Literal["opened", "closed", "all"] = "opened"
    search: str | None = None
    since: datetime | None = None
    confidential: bool = True  # whether confidential ones are among them


@dataclass(frozen=True)
class Listed:
    """The issues, newest activity first; `problems` are why some may be called changed by my own comment alone."""

    issues: list[Issue]
    problems: list[OncallError]


def list_issues(
    gitlab: GitLab, journal: Journal, places: Sequence[IssueQuery], wanted: IssueFilter, now: datetime
) -> Listed:
    """The issues that a filter wants in any of the places, each once, with what became of it since I looked; one wave.

    One more where the last activity is a comment of mine: whether anybody else did something is looked at closer; so
    is every changed issue, up to 50, where the token may not list my comments. One more, too, for a label that nothing
    has: NotFoundError where no place knows it. Raises ConfigError where no place is configured, UsageError for a filter
    that contradicts itself, AuthError for what is mine by a bot's token, and whatever one of the places raises: a list
    without it would look whole.
    """
    if not places:
        raise ConfigError("gitlab.groups and gitlab.projects are empty", 'set gitlab.groups = ["your-group"]')
    _check(wanted)
    seen = past(journal.events(), now)
    mine = threads.start(lambda: _my_comments(gitlab, seen, now))
    found = _listed(gitlab, places, wanted)
    issues = [seen.judged(issue) for issue in newest_activity_first(found)]
    told = _without_mine(gitlab, seen, issues, mine)
    if not wanted.unreviewed:
        return told
    return replace(told, issues=[issue for issue in told.issues if issue.change != "unchanged"])


def _check(wanted: IssueFilter) -> None:
    if wanted.mine and wanted.unassigned:
        raise UsageError("--mine and --unassigned contradict each other", "give one of them")
    for label in wanted.labels:
        if not label.strip():
            raise UsageError("--label is empty", "oncall issues --label oncall")
        if "," in label:  # GitLab's filter would take it for two labels, both of which are wanted
            raise UsageError(f"{quoted(label)} is no label: none has a comma", "--label A --label B, for any of them")
        if label.casefold() in _SPECIAL:
            what = f"{quoted(label)} is no label: GitLab takes it for issues that {_SPECIAL[label.casefold()]}"
            raise UsageError(what, "oncall issues --label oncall")


def _listed(gitlab: GitLab, places: Sequence[IssueQuery], wanted: IssueFilter) -> list[Issue]:
    """What every place has of every label: GitLab's filter means all labels, so that each is a question of its own."""
    assignee = owner(gitlab).username if wanted.mine else "None" if wanted.unassigned else None
    questions = [
        replace(
            place,
            labels=(*place.labels, label),
            state=wanted.state,
            assignee=assignee,
            search=wanted.search,
            updated_after=wanted.since,
            confidential=None if wanted.confidential else False,
            described=False,
        )
        for label in wanted.labels
        for place in places
    ]
    found = threads.each(gitlab.issues, questions)
    without = {asked.labels[-1] for asked in questions} - {
        asked.labels[-1] for asked, some in zip(questions, found, strict=True) if some
    }
    _must_exist(gitlab, places, sorted(without))
    return [issue for some in found for issue in some]


def _must_exist(gitlab: GitLab, places: Sequence[IssueQuery], labels: Iterable[str]) -> None:
    """Raise NotFoundError for a label that no place knows: a typing error must not look like nothing to do."""
    named = [label for label in labels if not label.endswith("::*")]
    if not named:
        return
    known = {each for some in threads.each(gitlab.labels, places) for each in some}
    for label in named:
        if label not in known:
            where = ", ".join(place.place for place in places)
            raise NotFoundError(f"no label {quoted(label)} in {where}", _near(label, known))


def _near(label: str, known: Collection[str]) -> str:
    near = nearest(label, sorted(known), 0.5)
    return f"did you mean {quoted(near)}?" if near else "check --label, or `issues.label`"


def _my_comments(gitlab: GitLab, seen: Past, now: datetime) -> list[OwnComment]:
    """My comments since the oldest look that the journal knows; nothing is asked where it knows none."""
    looks = [look.at for look in seen.looks.values()] + ([seen.everything] if seen.everything else [])
    return gitlab.my_comments(max(min(looks), now - MEMORY)) if looks else []


def _without_mine(gitlab: GitLab, seen: Past, issues: list[Issue], mine: "Future[list[OwnComment]]") -> Listed:
    """The issues, those unchanged in which all that happened since I looked is my own doing."""
    changed = [issue for issue in issues if issue.change == "changed"]
    try:
        asked = _commented_last(changed, mine.result())
    except AuthError as error:  # a token that only reads issues may not list my comments
        if len(changed) > CLOSER:
            return Listed(issues, [error])
        asked = changed
    except OncallError as error:
        return Listed(issues, [error])
    problems: dict[str, OncallError] = {}

    def is_mine(issue: Issue) -> bool:
        look = seen.of(issue)
        try:
            happened, me = gitlab.activity(issue.ref), gitlab.me().username
            said = [one.at for one in happened if one.kind == "comment" and one.who == me]
            return _is_last(issue, said) and not news(happened, look, me)
        except OncallError as error:
            problems[error.message] = error
            return False

    quiet = {issue.id for issue, alone in zip(asked, threads.each(is_mine, asked), strict=True) if alone}
    kept = [replace(issue, change="unchanged") if issue.id in quiet else issue for issue in issues]
    return Listed(kept, list(problems.values()))


def _commented_last(issues: Iterable[Issue], comments: Iterable[OwnComment]) -> list[Issue]:
    """The issues whose last activity is a comment of mine."""
    own: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    for comment in comments:
        own[comment.project_id, comment.iid].append(comment.at)
    return [issue for issue in issues if _is_last(issue, own.get((issue.project_id, issue.iid), ()))]


def _is_last(issue: Issue, moments: Iterable[datetime]) -> bool:
    """Whether one of the moments is that of an issue's last activity."""
    return any(abs(issue.updated_at - at) <= _AT_ONCE for at in moments)
