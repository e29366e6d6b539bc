"""`oncall handoff`: six headings for every open incident, as Markdown and as data."""

import re

from tests.cli.conftest import Oncall, Served, two_lines

HEADINGS = [
    "Issue Summary",
    "Related Issues",
    "Who's Engaged",
    "Active Zoom Bridge",
    "Slack Channel(s)/Thread(s)",
    "Next Steps",
]
HANDOFF = {
    *("shift", "outgoing", "incoming", "pages", "incidents", "reviews", "backlog", "improvements", "notes"),
    *("coming_up", "problems", "places", "complete", "accepted", "metrics", "backup", "manager", "previous"),
}


def test_six_headings_verbatim_for_every_open_incident(oncall: Oncall) -> None:
    ran = oncall("handoff")
    assert (ran.code, ran.err) == (0, "")
    count = len(oncall("handoff", "--json").json["incidents"])
    assert count == 10
    assert re.findall(r"^\* \*\*(.+?)\*\*:", ran.out, re.MULTILINE) == HEADINGS * count
    assert ran.out.startswith("# Hand-off: Ana Ferreira → Chen Wei, 2026-11-23 09:00 UTC to 2026-11-23 21:00 UTC")
    assert "**[empty: " in ran.out  # what no service knows is visibly empty


def test_json_has_the_fields_of_the_interface(oncall: Oncall) -> None:
    told = oncall("handoff", "--json").json
    assert set(told) == HANDOFF
    assert (told["outgoing"]["name"], told["incoming"]["name"]) == ("Ana Ferreira", "Chen Wei")
    assert (told["complete"], told["accepted"], told["places"]) == (False, None, [])
    assert all(
        set(problem) == {"code", "severity", "subject", "field", "message", "fix"} for problem in told["problems"]
    )
    assert oncall("handoff", "-o", "json").json == told


def test_what_was_done_in_the_shift_stands_in_it(oncall: Oncall) -> None:
    before = oncall("handoff", "--json").json
    oncall("ack", "4117")
    oncall("note", "one source address, it is our scanner")
    oncall("backlog", "pick", "acme-security/operations#40")
    after = oncall("handoff", "--json").json
    assert [note["text"] for note in after["notes"]] == ["one source address, it is our scanner"]
    assert "our scanner" in oncall("handoff").out
    assert "acme-security/operations#40" in [issue["ref"] for issue in after["backlog"]]
    owners = {work["id"]: work["owner"] for work in before["incidents"]}
    assert owners["acme-security/operations#103"] is None
    owners = {work["id"]: work["owner"] for work in after["incidents"]}
    assert owners["acme-security/operations#103"]["name"] == "Ana Ferreira"


def test_work_goes_on_after_the_alarm_is_off(oncall: Oncall) -> None:
    oncall("ack", "4117")
    oncall("resolve", "4117")
    assert "acme-security/operations#103" in [work["id"] for work in oncall("handoff", "--json").json["incidents"]]


def test_it_is_written_for_a_reader_and_never_for_a_terminal(oncall: Oncall) -> None:
    assert oncall("handoff", screen=True, NO_COLOR="").out == oncall("handoff").out


def test_whoever_is_not_on_call_has_none(oncall: Oncall, served: Served) -> None:
    ran = oncall("handoff", **served.environ("hugo"))
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)


def test_gitlab_down_leaves_the_pages_and_is_said(oncall: Oncall, served: Served) -> None:
    served.fail("*", "/gitlab/", 503, times=-1)
    ran = oncall("handoff", **served.environ())
    assert (ran.code, two_lines(ran.err)) == (7, True)
    assert "Canary token opened" in ran.out
    assert len(re.findall(r"^\* \*\*(.+?)\*\*:", ran.out, re.MULTILINE)) % len(HEADINGS) == 0
