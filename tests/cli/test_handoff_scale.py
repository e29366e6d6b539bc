"""A hand-off of many incidents over the whole program: complete, in time, both services asked side by side."""

from datetime import timedelta

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import ISSUE, add_link, add_note, key, new_issue, save
from secops_oncall.sandbox.pagerduty_changes import acknowledge, resolve, trigger
from secops_oncall.sandbox.pagerduty_records import ENTRY, INCIDENT, user_agent
from secops_oncall.sandbox.store import State
from tests.cli.conftest import LATENCY, NOW, Oncall, Served

A_MINUTE = 960  # requests that PagerDuty answers
ELSEWHERE = {"ONCALL_INCIDENTS_PROJECTS": f"{cast.ACCOUNT}/engineering", "ONCALL_INCIDENTS_LABELS": ""}
ANA, BEN = cast.PEOPLE["ana"], cast.PEOPLE["ben"]


def many(served: Served, count: int) -> None:
    """So many pages of ana's and no other, each with an issue that has a comment, a link and a task.

    A third of them is resolved.
    """
    with served.services.store.state() as state:
        for kind in (INCIDENT, ENTRY):
            for document in state.all(kind):
                state.delete(kind, document["id"])
        for number in range(count):
            _page(state, number)
            _issue(state, number)


def _page(state: State, number: int) -> None:
    at = NOW - timedelta(minutes=90, seconds=number)
    page = {"title": f"Storm {number}", "service": "PSVCIDN", "urgency": "high", "priority": "P2", "bridge": None}
    incident = trigger(state, at, {**page, "id": _id(number), "number": 9000 + number}, [], [ANA.pagerduty])
    acknowledge(state, incident, ANA.pagerduty, at + timedelta(minutes=2))
    if number % 3 == 2:
        resolve(state, incident, user_agent(ANA.pagerduty), at + timedelta(minutes=20))


def _issue(state: State, number: int) -> None:
    at = NOW - timedelta(minutes=89)
    issue = new_issue(state, cast.PROJECTS["engineering"], cast.SECURITY_BOT.number, at, 5000 + number)
    told = f"https://{cast.ACCOUNT}.pagerduty.com/incidents/{_id(number)}\n\n- [ ] look at it"
    issue = save(state, issue | {"title": f"Storm {number}", "description": told})
    add_note(state, issue, BEN.number, "nothing yet", NOW - timedelta(minutes=9), internal=True)
    add_link(state, issue, state.get(ISSUE, key(cast.PROJECTS["operations"], 40)) or {}, "relates_to", at)


def _id(number: int) -> str:
    return f"QSTORM{number:06}"


def test_20_incidents_are_whole_within_3_seconds_of_requests(oncall: Oncall, served: Served) -> None:
    """What counts is the longest chain of requests, at a tenth of a second each: a busy machine makes it no longer."""
    many(served, 20)
    world, log = served.environ(**ELSEWHERE), served.services.log
    oncall("status", **world)
    served.fail("*", ".", 0, times=-1, hold=LATENCY)
    log.seen.clear()
    ran = oncall("handoff", "--json", **world)
    assert (ran.code, ran.err) == (0, "")
    whole = [
        work["owner"]["name"] == ANA.name
        and len(work["timeline"]) >= 3
        and [related["ref"] for related in work["related"]] == [f"{cast.ACCOUNT}/operations#40"]
        and [step["action"] for step in work["next_steps"]] == ["look at it"]
        for work in ran.json["incidents"]
    ]
    assert whole == [True] * 20
    asked = {name: [seen for seen in log.seen if f"/{name}/" in seen.path] for name in ("pagerduty", "gitlab")}
    assert len(asked["pagerduty"]) <= 3 * 14 + 4 * 6 + 6 < A_MINUTE
    assert len(asked["gitlab"]) <= 3 * 20 + 6
    assert max(one.end for one in asked["gitlab"]) < max(one.end for one in asked["pagerduty"]), "they overlap"
    assert log.waves() * LATENCY < 3
