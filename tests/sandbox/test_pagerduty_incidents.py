"""Incidents as they are listed and read: filters, windows, pagination, references, alerts, notes and the log."""

from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.times import iso
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty_changes import trigger
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.conftest import NOW

ALL = {"date_range": "all"}
OLD = "Q1OLDERTHAN0012"


def ids(pagerduty: Any, **params: Any) -> set[str]:
    return {incident["id"] for incident in pagerduty.iter_all("/incidents", params=params)}


def refused(pagerduty: Any, path: str, **params: Any) -> tuple[int, int]:
    answer = pagerduty.get(path, params=params)
    return answer.status_code, answer.json()["error"]["code"]


def test_without_a_window_only_the_last_month_is_listed(pagerduty: Any) -> None:
    assert OLD not in ids(pagerduty)
    assert ids(pagerduty, **ALL) - ids(pagerduty) == {OLD}


def test_a_window_with_one_end_is_a_month_from_it(pagerduty: Any) -> None:
    old = NOW - timedelta(minutes=58_000)
    assert ids(pagerduty, since=iso(old - timedelta(days=1))) == {OLD}
    assert ids(pagerduty, until=iso(old + timedelta(days=1))) == {OLD}
    assert ids(pagerduty, since=iso(old), until=iso(NOW)) == {page.id for page in cast.PAGES}


def test_a_window_of_more_than_six_months_is_refused(pagerduty: Any) -> None:
    half_a_year = NOW - timedelta(days=181)
    assert refused(pagerduty, "/incidents", since=iso(half_a_year), until=iso(NOW)) == (400, 2001)
    assert refused(pagerduty, "/incidents", since="last week") == (400, 2001)


def test_filters_intersect_and_their_values_unite(pagerduty: Any) -> None:
    triggered = ids(pagerduty, **{"statuses[]": ["triggered"], **ALL})
    assert triggered == {"Q1CANARYTOKEN01", "Q1IMPOSSIBLE002", "Q1HOSTILEMAIL03", "Q1MISSEDEDR0004"}
    both = ids(pagerduty, **{"statuses[]": ["triggered", "acknowledged"], **ALL})
    assert len(both) == 9
    mine = ids(pagerduty, **{"statuses[]": ["triggered"], "user_ids[]": ["PANA001"], "urgencies[]": ["high"]})
    assert mine == {"Q1CANARYTOKEN01", "Q1IMPOSSIBLE002"}
    assert ids(pagerduty, **{"service_ids[]": ["PSVCCAN", "PSVCSEC"]}) == {"Q1CANARYTOKEN01", "Q1LEAKEDKEY0005"}
    assert ids(pagerduty, **{"team_ids[]": ["PNOTEAM"]}) == set()
    assert len(ids(pagerduty, **{"team_ids[]": [cast.TEAM[0]]})) == 11


def test_an_assigned_user_has_no_resolved_incidents(pagerduty: Any) -> None:
    assert ids(pagerduty, **{"statuses[]": ["resolved"], "user_ids[]": ["PANA001"], **ALL}) == set()


def test_sorting_takes_two_fields(pagerduty: Any) -> None:
    numbers = [each["incident_number"] for each in pagerduty.rget("/incidents", params=ALL)]
    assert numbers == sorted(numbers)
    found = pagerduty.rget("/incidents", params={"sort_by": "urgency:asc,incident_number:desc", **ALL})
    low = [each["incident_number"] for each in found if each["urgency"] == "low"]
    assert [each["incident_number"] for each in found[: len(low)]] == sorted(low, reverse=True)
    assert refused(pagerduty, "/incidents", sort_by="colour") == (400, 2001)


def test_pages_of_a_list(pagerduty: Any, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        for number in range(120):
            key = f"QBULK{number:04}"
            names = {"id": key, "number": 9000 + number, "title": key, "service": "PSVCIDN", "urgency": "high"}
            trigger(state, NOW, {**names, "priority": "", "bridge": None}, [], [])
    first = pagerduty.get("/incidents", params={"total": "true", **ALL}).json()
    assert (len(first["incidents"]), first["limit"], first["offset"], first["more"]) == (25, 25, 0, True)
    assert first["total"] == 132
    most = pagerduty.get("/incidents", params={"limit": 500, "offset": 100, **ALL}).json()
    assert (len(most["incidents"]), most["limit"], most["more"], most["total"]) == (32, 100, False, None)
    assert len(ids(pagerduty, **ALL)) == 132
    assert refused(pagerduty, "/incidents", limit=100, offset=9_901) == (400, 2002)
    assert refused(pagerduty, "/incidents", limit="many") == (400, 2001)


def test_an_incident_by_id_or_number_and_what_is_below_it_by_id(pagerduty: Any) -> None:
    assert pagerduty.rget("/incidents/4112")["id"] == "Q1LEAKEDKEY0005"
    assert pagerduty.rget("/incidents/Q1LEAKEDKEY0005")["incident_number"] == 4112
    assert refused(pagerduty, "/incidents/QNOWHERE") == (404, 5001)
    assert refused(pagerduty, "/incidents/4112/notes") == (404, 5001)


def test_references_are_whole_where_they_are_included(pagerduty: Any) -> None:
    bare = pagerduty.rget("/incidents/Q1LEAKEDKEY0005")
    assert bare["service"] == {
        "id": "PSVCSEC",
        "type": "service_reference",
        "summary": "Secret Detection",
        "self": "https://api.pagerduty.com/services/PSVCSEC",
        "html_url": "https://acme-security.pagerduty.com/service-directory/PSVCSEC",
    }
    assert bare["html_url"] == cast.page_url("Q1LEAKEDKEY0005")
    assert "conference_bridge" not in bare
    includes = ["acknowledgers", "assignees", "services", "conference_bridge", "first_trigger_log_entries", "unknown"]
    whole = pagerduty.rget("/incidents/Q1LEAKEDKEY0005", params={"include[]": includes})
    assert whole["acknowledgements"][1]["acknowledger"]["email"] == "ben@example.com"
    assert whole["assignments"][0]["assignee"]["time_zone"] == "Europe/Lisbon"
    assert whole["service"]["acknowledgement_timeout"] is None
    assert whole["conference_bridge"]["conference_url"] == cast.ZOOM_URL
    assert whole["first_trigger_log_entry"]["type"] == "trigger_log_entry"
    assert whole["first_trigger_log_entry"]["created_at"] == whole["created_at"]


def test_a_hostile_title_comes_as_it_was_sent(pagerduty: Any) -> None:
    assert pagerduty.rget("/incidents/4115")["title"] == cast.HOSTILE_TITLE


def test_alerts_have_their_details_in_every_form(pagerduty: Any) -> None:
    bodies = {page.id: pagerduty.rget(f"/incidents/{page.id}/alerts")[0]["body"] for page in cast.PAGES}
    assert isinstance(bodies["Q1HOSTILEMAIL03"]["details"], str)
    assert bodies["Q1LEAKEDKEY0005"]["cef_details"]["details"]["commit"] == "3f2a91c"
    assert "details" not in bodies["Q1LEAKEDKEY0005"]
    objects = [key for key, body in bodies.items() if isinstance(body.get("details"), dict)]
    assert len(objects) == len(cast.PAGES) - 2
    links = [link for body in bodies.values() for link in body["contexts"]]
    assert {link["type"] for link in links} == {"link"}
    assert any("runbook" in link["text"].lower() for link in links)


def test_some_pages_name_their_issue_and_the_others_leave_it_to_the_issue(pagerduty: Any, sandbox: Sandbox) -> None:
    naming = set()
    for page in cast.PAGES:
        text = pagerduty.get(f"/incidents/{page.id}/alerts").text
        if page.issue and f"{sandbox.addresses.gitlab}/{cast.INCIDENTS_PROJECT}/-/issues/{page.issue}" in text:
            naming.add(page.id)
    with_issue = {page.id for page in cast.PAGES if page.issue}
    assert naming
    assert naming < with_issue


def test_notes_are_added_and_logged(pagerduty: Any) -> None:
    before = pagerduty.rget("/incidents/Q1LEAKEDKEY0005/notes")
    assert any(cast.THREAD_URL in note["content"] for note in before)
    added = pagerduty.rpost("/incidents/Q1LEAKEDKEY0005/notes", json={"content": "S3 logs are clean."})
    assert (added["user"]["id"], added["created_at"]) == ("PANA001", iso(NOW))
    assert pagerduty.rget("/incidents/Q1LEAKEDKEY0005/notes") == [*before, added]
    newest = pagerduty.rget("/incidents/Q1LEAKEDKEY0005/log_entries")[0]
    assert (newest["type"], newest["channel"]["summary"]) == ("annotate_log_entry", "S3 logs are clean.")
    blank = pagerduty.post("/incidents/Q1LEAKEDKEY0005/notes", json={"note": {"content": " "}})
    assert (blank.status_code, blank.json()["error"]["code"]) == (400, 2001)


def test_the_log_of_the_account_is_a_window_of_every_incidents_log(pagerduty: Any) -> None:
    window = {"since": iso(NOW - timedelta(minutes=128)), "until": iso(NOW - timedelta(minutes=96))}
    entries = list(pagerduty.iter_all("/log_entries", params=window))
    assert [(entry["type"], entry["incident"]["id"]) for entry in entries] == [
        ("annotate_log_entry", "Q1LEAKEDKEY0005"),
        ("acknowledge_log_entry", "Q1LEAKEDKEY0005"),
        ("notify_log_entry", "Q1LEAKEDKEY0005"),
        ("assign_log_entry", "Q1LEAKEDKEY0005"),
        ("trigger_log_entry", "Q1LEAKEDKEY0005"),
    ]
    everything = list(pagerduty.iter_all("/log_entries"))
    singly = [len(list(pagerduty.iter_all(f"/incidents/{page.id}/log_entries"))) for page in cast.PAGES]
    assert len(everything) == sum(singly)
    assert list(pagerduty.iter_all("/log_entries", params={"team_ids[]": ["PNOTEAM"]})) == []


def test_log_entries_say_who_and_may_carry_their_incident(pagerduty: Any) -> None:
    params = {"include[]": ["incidents", "services"], "is_overview": "true"}
    entries = pagerduty.rget("/incidents/Q1AUTORESOLVE11/log_entries", params=params)
    assert [entry["type"] for entry in entries] == ["resolve_log_entry", "assign_log_entry", "trigger_log_entry"]
    assert entries[0]["agent"]["type"] == "service_reference"
    assert entries[0]["incident"]["status"] == "resolved"
    assert entries[0]["service"]["name"] == "Phishing Reports"
    assert entries[1]["assignees"][0]["id"] == "PANA001"


@pytest.mark.parametrize("body", ["not json", "[]", '{"page": {}}', '{"note": "text"}'])
def test_a_body_that_is_none_is_refused(pagerduty: Any, body: str) -> None:
    answer = pagerduty.post("/incidents/Q1LEAKEDKEY0005/notes", data=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2001)
