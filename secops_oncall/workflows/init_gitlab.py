"""The GitLab chapter of `oncall init`: host, token, where the issues are, the board, the hand-over project."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from secops_oncall import threads
from secops_oncall.domain.backlog import OPEN
from secops_oncall.domain.init import FLAGS, address, board_choices, board_key, spelt, topmost
from secops_oncall.domain.issues import Board, IssueQuery
from secops_oncall.domain.nearest import nearest
from secops_oncall.domain.setup import TokenFacts
from secops_oncall.domain.text import quoted
from secops_oncall.domain.tokens import Token, made_at
from secops_oncall.errors import AuthError, NotFoundError
from secops_oncall.ports_setup import GitLabSetup
from secops_oncall.workflows.init_asking import Interview
from secops_oncall.workflows.init_connecting import Connecting, called

PLACES = ("gitlab.groups", "gitlab.projects")
BACKLOG = ("backlog.board", "backlog.list", "backlog.doing")
KEYS = ("gitlab.url", *PLACES, "incidents.projects", "incidents.labels", *BACKLOG, "handoff.project", "people")
_OF_THIS_HOST = (*PLACES, "incidents.projects", "backlog.board", "handoff.project")


@dataclass(frozen=True)
class Seen:
    """What GitLab says of a token, and what the token sees."""

    setup: GitLabSetup
    facts: TokenFacts
    groups: list[str]
    projects: list[str]


def ask(connecting: Connecting) -> GitLabSetup | None:
    """Ask all that GitLab needs; None where nothing of it is to be changed."""
    interview = connecting.interview
    if interview.is_idle(*KEYS) and connecting.has("gitlab", interview.known["gitlab.url"]):
        return None

    def prove(url: str, token: Token) -> Seen:
        return _proved(connecting.services.gitlab(url, token), url)

    is_fixed = "gitlab.url" in interview.given or interview.changing
    url, seen = connecting.connected("gitlab", lambda: _address(interview), is_fixed, prove)
    interview.asking.done(called(seen.facts))
    if seen.facts.scopes is not None and "api" not in seen.facts.scopes:
        interview.asking.warn("this GitLab token can only look: what is posted or assigned needs the scope api")
    if url != interview.known["gitlab.url"]:
        interview = interview.afresh(_OF_THIS_HOST)
    _places(interview, seen)
    _incidents(interview, seen)
    _backlog(interview, seen)
    _handoff(interview, seen)
    return seen.setup


def _proved(setup: GitLabSetup, url: str) -> Seen:
    """One wave; whatever the token's own answer is comes first."""
    groups, projects = threads.start(setup.groups), threads.start(setup.projects)
    facts = setup.token()
    if facts.scopes is not None and not facts.scopes & {"api", "read_api"}:
        raise AuthError("the GitLab token has neither the scope api nor read_api", made_at("gitlab", url))
    seen = Seen(setup, facts, groups.result(), projects.result())
    if not seen.groups and not seen.projects:
        raise NotFoundError(
            "the GitLab token's user is a member of no group and of no project with issues",
            "have yourself added to the group of your team, or take another token",
        )
    return seen


def _address(interview: Interview) -> str:
    typed = address(interview.text("gitlab.url", "GitLab host")) or str(interview.known["gitlab.url"])
    interview.keep("gitlab.url", typed)
    return typed


def _places(interview: Interview, seen: Seen) -> None:
    """Where labelled issues are: groups, and projects where there is no group or somebody names them."""
    is_given = "gitlab.projects" in interview.given
    if seen.groups and not (is_given and "gitlab.groups" not in interview.given):
        top = topmost(seen.groups)
        title = "Groups whose labelled issues are yours"
        interview.many("gitlab.groups", title, seen.groups, guess=top if len(top) == 1 else ())
    if is_given or not seen.groups:
        interview.many("gitlab.projects", "Projects whose labelled issues are yours", seen.projects)
    _prove(seen, [name for key in PLACES for name in interview.given.get(key, ())], [*seen.groups, *seen.projects])


def _incidents(interview: Interview, seen: Seen) -> None:
    """Where page-created issues lie, and what marks them."""
    everywhere = "no project of their own: wherever the labelled issues are"
    interview.many("incidents.projects", "Projects with the issues of pages", seen.projects, none=everywhere)
    _prove(seen, interview.given.get("incidents.projects", ()), seen.projects)
    _labels(interview, seen)


def _labels(interview: Interview, seen: Seen) -> None:
    """What marks them: labels that are there, where the issues are."""
    key, title = "incidents.labels", "Labels that mark the issues of pages, with commas between them (may be empty)"
    is_asked = interview.asking.interactive and key not in interview.given
    while labels := interview.texts(key, title):
        if interview.is_idle(key) or not (is_asked or key in interview.given):
            return  # it holds already, and the doctor looks at it
        try:
            interview.answers[key] = _named(labels, _sources(interview), seen.setup)
            return
        except NotFoundError as error:
            if not is_asked:
                raise
            interview.asking.error(error.message, error.hint)


def _sources(interview: Interview) -> list[IssueQuery]:
    projects = [IssueQuery(name, "project") for name in interview.value("incidents.projects") or ()]
    groups = [IssueQuery(name, "group") for name in interview.value("gitlab.groups") or ()]
    return projects or groups + [IssueQuery(name, "project") for name in interview.value("gitlab.projects") or ()]


def _named(labels: Sequence[str], places: Sequence[IssueQuery], setup: GitLabSetup) -> tuple[str, ...]:
    """The labels as the places have them; NotFoundError for one that none of them has."""
    there = [label for found in threads.each(setup.labels, places) for label in found]
    for label in labels:
        if not spelt(label, there):
            near = nearest(label, there, 0.5)
            where = ", ".join(place.place for place in places)
            hint = f"did you mean {quoted(near)}?" if near else "make it in GitLab first, or leave it out"
            raise NotFoundError(f"there is no label {quoted(label)} in {where}", hint)
    return tuple(spelt(label, there) or label for label in labels)


def _backlog(interview: Interview, seen: Seen) -> None:
    """The board that the Backlog is on, and its lists; without a board there is no Backlog."""
    if interview.is_idle(*BACKLOG):
        return
    board = str(interview.given.get("backlog.board") or "").partition(":")[0]
    holds = str(interview.known.get("backlog.board") or "").partition(":")[0]
    places = [name for key in PLACES for name in interview.value(key) or ()]
    wanted = [board] if board else [holds] if interview.changing and holds else [*places, *([holds] if holds else [])]
    boards = [one for some in threads.each(seen.setup.boards, dict.fromkeys(wanted)) for one in some]
    if not boards and not interview.given.get("backlog.board"):
        where = f" in {', '.join(wanted)}" if wanted else ""
        interview.asking.warn(f"there is no board{where}: without one there is no Backlog")
        _refuse_lists(interview)
        return
    none = None if len(boards) == 1 else "no board: there is no Backlog"
    name = interview.one("backlog.board", "Board with the Backlog", board_choices(boards), none=none, what="board")
    chosen = next((one for one in boards if board_key(one) == name), None)
    if chosen:
        _lists(interview, chosen)
    else:
        _refuse_lists(interview)


def _refuse_lists(interview: Interview) -> None:
    """A list is a board's: an option that names one would be written unproved, or not at all."""
    for key in ("backlog.list", "backlog.doing"):
        if key in interview.given:
            what = f"there is no board that could have the list {quoted(interview.given[key])}"
            raise NotFoundError(what, f"name it too, --board GROUP:NAME, or leave out {FLAGS[key]}")


def _lists(interview: Interview, board: Board) -> None:
    """The list to pick from and the one to move to: their usual names are taken where the board has them."""
    interview = interview.afresh(())  # a board was chosen, and the lists are its own
    there = [*board.lists, OPEN]
    for key, title, names in (
        ("backlog.list", "List to pick from", there),
        ("backlog.doing", "List for what is being worked on", list(board.lists)),
    ):
        usual = spelt(str(interview.known[key]), names)
        others = [name for name in names if name != interview.answers.get("backlog.list")]
        if key in interview.given or (others and not usual):
            interview.one(key, title, [(name, name) for name in others], what="list")
        elif usual:
            interview.answers[key] = usual
    interview.asking.done(f"the Backlog: {interview.value('backlog.list')} of {board_key(board)}")


def _handoff(interview: Interview, seen: Seen) -> None:
    """The project in which each shift's hand-over issue is kept."""
    key, none = "handoff.project", "none: hand-overs are kept in no issue of their own"
    given = interview.given.get(key)
    offered = [*seen.projects, *([given] if given and given not in seen.projects else [])]
    interview.one(key, "Project for hand-over issues", [(name, name) for name in offered], none=none, what="project")
    _prove(seen, [given] if given else [], seen.projects)


def _prove(seen: Seen, names: Sequence[str], known: Sequence[str]) -> None:
    """That what an option names is there, where it is none of those the user is a member of; NotFoundError."""
    try:
        threads.each(seen.setup.boards, [name for name in names if name not in known])
    except NotFoundError as error:
        near = [one for name in names for one in get_close_matches(name, known, n=3, cutoff=0.4)] or known
        raise NotFoundError(error.message, f"this token sees {', '.join(near[:3])}" if near else "see --help") from None
