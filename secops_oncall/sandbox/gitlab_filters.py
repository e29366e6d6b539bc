"""Which issues a list's query asks for, and in which order: tests of one issue each, from the query's parameters."""

from collections.abc import Callable, Iterable
from typing import Any

from secops_oncall.sandbox import wire
from secops_oncall.sandbox.gitlab_records import TYPES, premium
from secops_oncall.sandbox.gitlab_requests import caller, choice, flag, invalid, moment, user_number, values, whole
from secops_oncall.sandbox.store import Document

Test = Callable[[Document], bool]

_NONE, _ANY = "none", "any"


def asked(default_scope: str) -> list[Test]:
    """The tests that an issue must pass; 400 for a value that GitLab would refuse."""
    if _sent("assignee_id") and _sent("assignee_username"):
        raise invalid("assignee_id, assignee_username are mutually exclusive")
    if _sent("milestone") and _sent("milestone_id"):
        raise invalid("milestone, milestone_id are mutually exclusive")
    tests = [build(name) for name, build in _FILTERS.items() if _sent(name)]
    tests += [_negated(f"not[{name}]", _FILTERS[name]) for name in _NEGATABLE if _sent(f"not[{name}]")]
    if _sent("not[labels]"):
        tests.append(_without_labels("not[labels]"))
    scope = choice("scope", _SCOPES, default_scope).replace("-", "_")
    return [*tests, _SCOPES[scope](caller().number)]


def ordered(issues: Iterable[Document]) -> list[Document]:
    """The issues as `order_by` and `sort` say, newest first unless they do; those without a value come last."""
    by = choice("order_by", _ORDERS, "created_at")
    falling = choice("sort", ("asc", "desc"), "desc") == "desc"
    value = _ORDERS[by]
    rows = list(issues)
    valued = [issue for issue in rows if value(issue) is not None]
    rest = [issue for issue in rows if value(issue) is None]
    valued.sort(key=lambda issue: (value(issue), issue["id"]), reverse=falling)
    rest.sort(key=lambda issue: int(issue["id"]), reverse=falling)
    return valued + rest


def _sent(name: str) -> bool:
    return any(wire.args(name)) or any(wire.args(f"{name}[]"))


def _state(name: str) -> Test:
    state = choice(name, ("opened", "closed", "all"), "all")
    return lambda issue: state in ("all", issue["state"])


def _labels(name: str) -> Test:
    """All of the labels; `None` and `Any` alone; `key::*` is any label of that scope (gitlab.md, "Listing issues")."""
    names = values(name)
    if [one.lower() for one in names] in ([_NONE], [_ANY]):
        wanted = names[0].lower() == _ANY
        return lambda issue: bool(issue["labels"]) == wanted
    return lambda issue: all(_has(issue, one) for one in names)


def _without_labels(name: str) -> Test:
    names = values(name)
    return lambda issue: not any(_has(issue, one) for one in names)


def _has(issue: Document, label: str) -> bool:
    if label.endswith("::*"):
        return any(one.startswith(label[:-1]) for one in issue["labels"])
    return label in issue["labels"]


def _assignee(name: str) -> Test:
    value = wire.arg(name)
    if value.lower() in (_NONE, _ANY):
        wanted = value.lower() == _ANY
        return lambda issue: bool(issue["assignees"]) == wanted
    if not value.isdecimal():
        raise invalid(f"{name} does not have a valid value")
    return lambda issue: int(value) in issue["assignees"]


def _assignee_names(name: str) -> Test:
    """Assigned to all of them; a Free server takes only one name (gitlab.md, "Listing issues")."""
    logins = values(name)
    if len(logins) > 1 and not premium(wire.state()):
        raise invalid(f"{name} allows one value, but found {len(logins)}: {', '.join(logins)}")
    numbers = {user_number(login) for login in logins}
    return lambda issue: numbers <= set(issue["assignees"])


def _author(name: str) -> Test:
    number = whole(name, wire.arg(name))
    return lambda issue: bool(issue["author"] == number)


def _author_name(name: str) -> Test:
    number = user_number(wire.arg(name))
    return lambda issue: bool(issue["author"] == number)


def _confidential(name: str) -> Test:
    wanted = flag(name, wire.arg(name))
    return lambda issue: bool(issue["confidential"] == wanted)


def _search(name: str) -> Test:
    """Every word stands in one of the fields that `in` names, of which none means title and description."""
    words = wire.arg(name).lower().split()
    fields = [field for field in values("in") if field in ("title", "description")] or ["title", "description"]

    def found(issue: Document) -> bool:
        text = " ".join(issue[field] or "" for field in fields).lower()
        return all(word in text for word in words)

    return found


def _iids(name: str) -> Test:
    numbers = {whole(name, value) for value in values(name)}
    return lambda issue: issue["iid"] in numbers


def _type(name: str) -> Test:
    kind = choice(name, TYPES, "issue")
    return lambda issue: bool(issue["issue_type"] == kind)


def _since(name: str) -> Test:
    field, at = name.replace("_after", "_at"), moment(name, wire.arg(name))
    return lambda issue: bool(issue[field] >= at)


def _until(name: str) -> Test:
    field, at = name.replace("_before", "_at"), moment(name, wire.arg(name))
    return lambda issue: bool(issue[field] <= at)


def _milestone(name: str) -> Test:
    """By title, or `None` and `Any` of them."""
    title = wire.arg(name)
    if title.lower() in (_NONE, _ANY):
        wanted = title.lower() == _ANY
        return lambda issue: bool(issue.get("milestone")) == wanted
    return lambda issue: (issue.get("milestone") or {}).get("title") == title


def _timebox(name: str) -> Test:
    """No milestone of the sandbox has dates, so that none is upcoming, and each has started with the first day."""
    word = choice(name, ("None", "Any", "Upcoming", "Started"), "Any")
    return lambda issue: word != "Upcoming" and bool(issue.get("milestone")) == (word != "None")


def _weight(name: str) -> Test:
    value = wire.arg(name)
    if value.lower() in (_NONE, _ANY):
        wanted = value.lower() == _ANY
        return lambda issue: (issue["weight"] is not None) == wanted
    number = whole(name, value)
    return lambda issue: bool(issue["weight"] == number)


def _negated(name: str, build: Callable[[str], Test]) -> Test:
    test = build(name)
    return lambda issue: not test(issue)


_FILTERS: dict[str, Callable[[str], Test]] = {
    "state": _state,
    "labels": _labels,
    "assignee_id": _assignee,
    "assignee_username": _assignee_names,
    "author_id": _author,
    "author_username": _author_name,
    "confidential": _confidential,
    "search": _search,
    "iids": _iids,
    "milestone": _milestone,
    "milestone_id": _timebox,
    "weight": _weight,
    "issue_type": _type,
    "created_after": _since,
    "updated_after": _since,
    "created_before": _until,
    "updated_before": _until,
}
_NEGATABLE = ("assignee_id", "assignee_username", "author_id", "author_username", "milestone", "search", "iids")
_SCOPES: dict[str, Callable[[int], Test]] = {
    "all": lambda me: lambda issue: True,
    "created_by_me": lambda me: lambda issue: bool(issue["author"] == me),
    "assigned_to_me": lambda me: lambda issue: me in issue["assignees"],
}
_SCOPES |= {name.replace("_", "-"): build for name, build in _SCOPES.items()}
_ORDERS: dict[str, Callable[[Document], Any]] = {
    "created_at": lambda issue: issue["created_at"],
    "updated_at": lambda issue: issue["updated_at"],
    "due_date": lambda issue: issue["due_date"],
    "weight": lambda issue: issue["weight"],
    "title": lambda issue: issue["title"].lower(),
    "relative_position": lambda issue: issue["id"],
    "popularity": lambda issue: 0,
    "priority": lambda issue: issue["due_date"],
    "label_priority": lambda issue: None,
    "milestone_due": lambda issue: None,
}
