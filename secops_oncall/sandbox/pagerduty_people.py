"""The sandbox's PagerDuty, its people: users, who is on call, policies, schedules, services and the team."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from secops_oncall.domain.times import iso
from secops_oncall.sandbox import cast, wire
from secops_oncall.sandbox.pagerduty_records import POLICY, SCHEDULE, SERVICE, USER, abilities
from secops_oncall.sandbox.pagerduty_requests import flag, found, include, invalid, listed, moment, not_found
from secops_oncall.sandbox.pagerduty_rota import oncalls, overlaps
from secops_oncall.sandbox.pagerduty_shapes import Shapes, team
from secops_oncall.sandbox.store import Document

blueprint = Blueprint("people", __name__)

_TWO_WEEKS = timedelta(days=14)
_USER_INCLUDES = ("contact_methods",)
# The schedule `null` means a user who is a level's own target (S:3481).
_ONCALL_FILTERS = {"user_ids[]": "user", "escalation_policy_ids[]": "policy", "schedule_ids[]": "schedule"}


@blueprint.get("/users/me")
def _me() -> ResponseReturnValue:
    if g.caller is None:  # a bare string, which pdpyras looks into (PP:1626)
        text = "The current user can't be told from an account-level access token: use a user's"
        return jsonify({"error": text}), 400
    return jsonify({"user": Shapes(wire.state(), include(*_USER_INCLUDES)).user(g.caller)})


@blueprint.get("/users")
def _users() -> ResponseReturnValue:
    shapes = Shapes(wire.state(), include(*_USER_INCLUDES))
    users = _of_team(_matching(wire.state().all(USER), "name", "email"))
    return jsonify(listed("users", users, shapes.user))


@blueprint.get("/users/<key>")
def _user(key: str) -> ResponseReturnValue:
    return jsonify({"user": Shapes(wire.state(), include(*_USER_INCLUDES)).user(found(USER, key))})


@blueprint.get("/users/<key>/contact_methods")
def _contact_methods(key: str) -> ResponseReturnValue:
    return jsonify({"contact_methods": Shapes(wire.state()).contact_methods(found(USER, key))})


@blueprint.get("/oncalls")
def _oncalls() -> ResponseReturnValue:
    """On-call entries that overlap `since` to `until`, each now unless given; schedules of no policy aren't seen."""
    since, until = moment("since") or g.now, moment("until") or g.now
    if until < since:
        raise invalid("Until must be after since")
    filters = [(field, values) for name, field in _ONCALL_FILTERS.items() if (values := wire.args(name))]
    entries = [
        entry
        for policy in wire.state().all(POLICY)
        for entry in oncalls(wire.state(), policy)
        if overlaps(entry, iso(since), iso(until))
        and all((entry[field] or "null") in values for field, values in filters)
    ]
    entries.sort(key=lambda entry: (entry["policy"], entry["level"], entry["start"] or ""))
    shapes = Shapes(wire.state(), include("users", "schedules", "escalation_policies"))
    return jsonify(listed("oncalls", _earliest(entries) if flag("earliest") else entries, shapes.oncall))


@blueprint.get("/escalation_policies")
def _policies() -> ResponseReturnValue:
    shapes = Shapes(wire.state(), include("services", "targets"))
    return jsonify(listed("escalation_policies", _of_team(_matching(wire.state().all(POLICY), "name")), shapes.policy))


@blueprint.get("/escalation_policies/<key>")
def _policy(key: str) -> ResponseReturnValue:
    shapes = Shapes(wire.state(), include("services", "targets"))
    return jsonify({"escalation_policy": shapes.policy(found(POLICY, key))})


@blueprint.get("/schedules")
def _schedules() -> ResponseReturnValue:
    shapes = Shapes(wire.state())
    return jsonify(listed("schedules", _of_team(_matching(wire.state().all(SCHEDULE), "name")), shapes.schedule))


@blueprint.get("/schedules/<key>")
def _schedule(key: str) -> ResponseReturnValue:
    """A schedule; its turns are rendered only where `since` or `until` is given (S:17100)."""
    schedule = found(SCHEDULE, key)
    since, until = moment("since"), moment("until")
    if since is None and until is not None:
        since = until - _TWO_WEEKS
    final = _rendered(schedule, since, until or since + _TWO_WEEKS) if since else _subschedule("Final Schedule", [])
    shape = Shapes(wire.state()).schedule(schedule)
    given = _overrides(schedule, since, until or since + _TWO_WEEKS) if since else []
    overrides = _subschedule("Overrides", [{key: one[key] for key in ("start", "end", "user")} for one in given])
    return jsonify({"schedule": {**shape, "final_schedule": final, "overrides_subschedule": overrides}})


@blueprint.get("/schedules/<key>/overrides")
def _schedule_overrides(key: str) -> ResponseReturnValue:
    """Who took whose turn in a window, not paged; both its ends must be given (api-schema, listScheduleOverrides)."""
    schedule, since, until = found(SCHEDULE, key), moment("since"), moment("until")
    if since is None or until is None:
        raise invalid(*(f"{name} cannot be empty" for name in ("Since", "Until") if not wire.arg(name.lower())))
    return jsonify({"overrides": _overrides(schedule, since, until)})


@blueprint.get("/schedules/<key>/users")
def _schedule_users(key: str) -> ResponseReturnValue:
    """Whoever is on a schedule in a window, not paged (api-schema, listScheduleUsers); now unless it is given."""
    schedule = found(SCHEDULE, key)
    since, until = iso(moment("since") or g.now), iso(moment("until") or g.now)
    ids = dict.fromkeys(turn["user"] for turn in schedule["turns"] if turn["start"] <= until and turn["end"] > since)
    return jsonify({"users": [Shapes(wire.state()).user(found(USER, id)) for id in ids]})


@blueprint.get("/services/<key>")
def _service(key: str) -> ResponseReturnValue:
    return jsonify({"service": Shapes(wire.state(), include("escalation_policies")).service(found(SERVICE, key))})


@blueprint.get("/teams")
def _teams() -> ResponseReturnValue:
    return jsonify(listed("teams", _matching([team(whole=True)], "name"), lambda shape: shape))


@blueprint.get("/teams/<key>")
def _team(key: str) -> ResponseReturnValue:
    if key != cast.TEAM[0]:
        raise not_found()
    return jsonify({"team": team(whole=True)})


@blueprint.get("/abilities")
def _abilities() -> ResponseReturnValue:
    return jsonify({"abilities": abilities(wire.state())})


def _matching(documents: Iterable[Document], *fields: str) -> list[Document]:
    """Those whose name (or another field) has `query` in it, by name."""
    query = wire.arg("query").lower()
    matching = [each for each in documents if any(query in each[field].lower() for field in fields)]
    return sorted(matching, key=lambda each: str(each["name"]))


def _of_team(documents: list[Document]) -> list[Document]:
    """All of them, unless only other teams were asked for: everything here belongs to the one team."""
    teams = wire.args("team_ids[]")
    return documents if not teams or cast.TEAM[0] in teams else []


def _earliest(entries: list[Document]) -> list[Document]:
    """The first entry of every policy, level and user (S:3512)."""
    first: dict[tuple[str, int, str], Document] = {}
    for entry in entries:
        first.setdefault((entry["policy"], entry["level"], entry["user"]), entry)
    return list(first.values())


def _rendered(schedule: Document, since: datetime, until: datetime) -> dict[str, Any]:
    """The turns of a window, cut at its ends unless `overflow` is set."""
    covered = sum((_length(turn) for turn in _cut(schedule["turns"], since, until)), timedelta())
    entries = _shown(schedule["turns"], since, until)
    return _subschedule("Final Schedule", entries, 100 * (covered / (until - since)) if until > since else 0)


def _overrides(schedule: Document, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The overrides of a window, which the turns have in them already; cut at its ends unless `overflow` is set."""
    return _shown(schedule.get("overrides") or [], since, until)


def _shown(turns: Iterable[Document], since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The turns of a window with their users, cut at its ends unless `overflow` is set."""
    shapes = Shapes(wire.state())
    shown = _within(turns, since, until) if flag("overflow") else _cut(turns, since, until)
    return [{**turn, "user": shapes.named("user", turn["user"])} for turn in shown]


def _cut(turns: Iterable[Document], since: datetime, until: datetime) -> list[Document]:
    first, last = iso(since), iso(until)
    return [
        {**turn, "start": max(turn["start"], first), "end": min(turn["end"], last)}
        for turn in _within(turns, since, until)
    ]


def _within(turns: Iterable[Document], since: datetime, until: datetime) -> list[Document]:
    return [turn for turn in turns if turn["start"] < iso(until) and turn["end"] > iso(since)]


def _length(turn: Document) -> timedelta:
    return datetime.fromisoformat(turn["end"]) - datetime.fromisoformat(turn["start"])


def _subschedule(name: str, entries: list[Document], coverage: float = 0) -> dict[str, Any]:
    return {"name": name, "rendered_schedule_entries": entries, "rendered_coverage_percentage": round(coverage, 1)}
