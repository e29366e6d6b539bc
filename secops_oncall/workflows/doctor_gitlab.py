"""The doctor at GitLab: the places and labels of the settings, the board and its list, and where oncall writes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from secops_oncall import threads
from secops_oncall.domain.doctor import Checks, Settings
from secops_oncall.domain.doctor_gitlab import bot, improvement_label, labels, own_list, project, visible
from secops_oncall.domain.doctor_people import handles
from secops_oncall.domain.doctor_tokens import Kept
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.domain.setup import TokenFacts
from secops_oncall.errors import NotFoundError, OncallError
from secops_oncall.ports import GitLab
from secops_oncall.ports_setup import GitLabSetup
from secops_oncall.workflows.backlog import board_name
from secops_oncall.workflows.doctor import Connection, examine, looked, side_by_side, unused

_CHECKS = Checks("gitlab")
_REST = ("version", "places", "labels", "board", "list", "handover", "improvements", "people")
_Labels = dict[IssueQuery, list[str] | OncallError]


@dataclass(frozen=True)
class AtGitLab:
    """Whom the doctor asks at GitLab."""

    setup: GitLabSetup
    gitlab: GitLab
    settings: Settings


def examine_gitlab(
    connection: Connection, desk: Callable[[], AtGitLab], settings: Settings, now: datetime, *, has_token: bool
) -> list[Finding]:
    """Every check of GitLab, in three waves: the token, then the rest side by side, a board's lists last."""
    if not ("gitlab" in settings.uses or has_token):
        return [unused("gitlab")]

    def rest(_: TokenFacts, __: Kept) -> list[Finding]:
        at = desk()
        checks = {
            "version": lambda: [_CHECKS.fine("version", f"GitLab {at.setup.version()}")],
            "user": lambda: bot(_CHECKS, at.gitlab.me()),
            "labels": lambda: _places(at),
            "board": lambda: _board(at),
            "handover": lambda: _project(at, "handover", "handoff.project", settings.handoff_project),
            "improvements": lambda: _improvements(at),
            "people": lambda: _people(at),
        }
        return side_by_side(*(partial(looked, _CHECKS, name, look) for name, look in checks.items()))

    return examine(connection, now.date(), rest, _REST)


def _places(at: AtGitLab) -> list[Finding]:
    """The places of the settings, by the labels that they list, and whether the labels are among those."""
    settings = at.settings
    bare = {query: IssueQuery(query.place, query.kind) for query in (*settings.places, *settings.incidents)}
    distinct = list(dict.fromkeys(bare.values()))
    there: _Labels = dict(zip(distinct, threads.each(partial(_labels, at.gitlab), distinct), strict=True))
    missing = {query.place: error.message for query, error in there.items() if isinstance(error, OncallError)}
    named = {
        "groups": [query.place for query in settings.places if query.kind == "group"],
        "projects": [query.place for query in settings.places if query.kind == "project"],
        "incidents": [query.place for query in settings.incidents if query not in settings.places],
    }
    found = [finding for check, places in named.items() for finding in visible(_CHECKS, check, places, missing)]
    if not settings.places:
        what = "no group or project: `oncall issues` lists nothing"
        found.append(_CHECKS.warning("groups", what, "oncall config set gitlab.groups GROUP"))
    known = [_known([bare[query] for query in queries], there) for queries in (settings.places, settings.incidents)]
    return found if missing else [*found, *labels(_CHECKS, settings, *known)]


def _labels(gitlab: GitLab, place: IssueQuery) -> list[str] | OncallError:
    """The labels of a place; why not, where it isn't there."""
    try:
        return gitlab.labels(place)
    except NotFoundError as error:
        return error


def _known(places: list[IssueQuery], there: _Labels) -> list[str]:
    return [label for place in places if isinstance(some := there[place], list) for label in some]


def _board(at: AtGitLab) -> list[Finding]:
    settings = at.settings
    if not settings.board:
        what = "no board: `oncall backlog` lists nothing"
        return [_CHECKS.warning("board", what, 'oncall config set backlog.board "GROUP:BOARD NAME"')]
    name = board_name(settings.board, settings.backlog, settings.doing)
    return own_list(_CHECKS, at.gitlab.board(name.place, name.board), settings)


def _project(at: AtGitLab, check: str, key: str, path: str | None) -> list[Finding]:
    return project(_CHECKS, check, key, at.setup.project(path)) if path else []


def _improvements(at: AtGitLab) -> list[Finding]:
    path = at.settings.improvement_project
    if not path:
        return []
    there = threads.start(lambda: at.gitlab.labels(IssueQuery(path, "project")))
    found = _project(at, "improvements", "issues.improvement_project", path)
    return [*found, *improvement_label(_CHECKS, at.settings, there.result())]


def _people(at: AtGitLab) -> list[Finding]:
    names = sorted({one.gitlab for one in at.settings.people if one.gitlab})
    found = threads.each(at.gitlab.user, names)
    return handles(_CHECKS, at.settings.people, [user.username for user in found if user])
