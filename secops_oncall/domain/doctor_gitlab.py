"""Whether what the settings name in GitLab is there, and fit for what is done with it."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from secops_oncall.domain.backlog import OPEN, list_named
from secops_oncall.domain.doctor import AUTH, CONFIG, NOT_FOUND, Checks, Settings, some
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.issues import Board, GitLabUser
from secops_oncall.domain.nearest import nearest
from secops_oncall.domain.setup import Project
from secops_oncall.domain.text import quoted

_REPORTER = 20  # whoever writes internal notes and labels (doc/user/permissions.md)
_ROLES = {0: "none", 5: "Minimal Access", 10: "Guest", 15: "Planner"}


def labels(checks: Checks, settings: Settings, places: Collection[str], incidents: Collection[str]) -> list[Finding]:
    """Whether the labels of the settings are among those of where labelled, and page-created, issues lie."""
    wanted = [("issues.label", settings.label, places)] if settings.places else []
    wanted += [("incidents.labels", label, incidents) for label in settings.incident_labels if settings.incidents]
    found = [_lacks(checks, key, label, there) for key, label, there in wanted if label not in there]
    named = ", ".join(dict.fromkeys(quoted(label) for _, label, _ in wanted))
    return found or ([checks.fine("labels", f"there: {named}")] if named else [])


def own_list(checks: Checks, board: Board, settings: Settings) -> list[Finding]:
    """Which kind of list `backlog.list` is on its board, and whether `backlog.doing` is one of its lists."""
    there = some([*board.lists, OPEN], 12)
    listed = list_named(board, settings.backlog, settings.doing)
    fine = checks.fine("board", f"{quoted(board.name)} of the {board.kind} {board.place}")
    found = [fine]
    if listed is None:
        what = f"{quoted(board.name)} has no list {quoted(settings.backlog)}; there are: {there}"
        found.append(checks.error("list", what, f"oncall config set backlog.list {_first(board)}", NOT_FOUND))
    else:
        kind = f"the list of the label {quoted(listed.label)}" if listed.label else "GitLab's own Open list"
        found.append(checks.fine("list", f"{listed.name}: {kind}"))
    if settings.doing not in board.lists:
        what = f"backlog.doing is {quoted(settings.doing)}, and no list of {quoted(board.name)}; there are: {there}"
        near = nearest(settings.doing, board.lists)
        fix = f"oncall config set backlog.doing {quoted(near) if near else 'LIST'}"
        found.append(checks.error("doing", what, fix, NOT_FOUND))
    return found


def project(checks: Checks, check: str, key: str, found: Project) -> list[Finding]:
    """Whether issues can be made in the project of a setting, and by this token's user."""
    another = f"or oncall config set {key} ANOTHER"
    if found.archived:
        return [
            checks.error(
                check, f"{found.path} is archived: nothing can be written there", f"unarchive it, {another}", CONFIG
            )
        ]
    if not found.issues:
        return [
            checks.error(
                check, f"{found.path} has its issues switched off", f"switch them on in its settings, {another}", CONFIG
            )
        ]
    if found.access is not None and found.access < _REPORTER:
        role = _ROLES.get(found.access, str(found.access))
        what = f"your role in {found.path} is {role}, and internal notes and labels need Reporter"
        return [checks.error(check, what, f"ask for Reporter there, {another}", AUTH)]
    told = "issues can be made there" if found.access is not None else "it is there; your role in it isn't told"
    return [checks.fine(check, f"{found.path}: {told}")]


def improvement_label(checks: Checks, settings: Settings, there: Collection[str]) -> list[Finding]:
    """Whether the label of an improvement is one of its project's: none that isn't there is ever made."""
    if settings.improvement_label in there:
        return []
    return [_lacks(checks, "issues.improvement_label", settings.improvement_label, there)]


def bot(checks: Checks, me: GitLabUser) -> list[Finding]:
    """That a token is a bot's: what it takes, it takes for the bot."""
    if not me.bot:
        return []
    what = f"{me.name} is a bot: nothing can be assigned to you, and nothing of it counts as yours"
    return [checks.warning("user", what, "use a personal access token of your own: oncall auth login gitlab")]


def visible(checks: Checks, check: str, places: Sequence[str], missing: Mapping[str, str]) -> list[Finding]:
    """Whether the places of a setting are there for the token; `missing` are those that aren't, with why."""
    bad = [place for place in places if place in missing]
    if bad:
        fix = f"check the path and that your token may see it, or oncall config set {_KEYS[check]} PATH"
        return [checks.error(check, missing[place], fix, NOT_FOUND) for place in bad]
    return [checks.fine(check, some(places))] if places else []


_KEYS = {"groups": "gitlab.groups", "projects": "gitlab.projects", "incidents": "incidents.projects"}


def _lacks(checks: Checks, key: str, label: str, there: Iterable[str]) -> Finding:
    near = nearest(label, there, 0.5)
    hint = (
        f"oncall config set {key} {quoted(near)}"
        if near
        else f"make that label in GitLab, or oncall config set {key} LABEL"
    )
    return checks.error("labels", f"{key} is {quoted(label)}, and there is no such label", hint, NOT_FOUND)


def _first(board: Board) -> str:
    return quoted(board.lists[0]) if board.lists else OPEN
