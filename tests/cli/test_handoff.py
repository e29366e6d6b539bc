"""`oncall handoff`: six headings for every open incident, as Markdown and as data."""

import re
from datetime import timedelta

import pytest
import tomli_w

from secops_oncall.sandbox import cast, settings
from secops_oncall.sandbox.gitlab_records import ISSUE, add_note, key, new_issue, save
from secops_oncall.sandbox.pagerduty_records import ENTRY, INCIDENT
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


def test_six_headings_verbatim_for_every_open_incident_for_a_reader_and_never_for_a_terminal(oncall: Oncall) -> None:
    ran = oncall("handoff")
    assert (ran.code, ran.err) == (0, "")
    count = len(oncall("handoff", "--json").json["incidents"])
    assert count == 10
    assert re.findall(r"^\* \*\*(.+?)\*\*:", ran.out, re.MULTILINE) == HEADINGS * count
    assert ran.out.startswith("# Hand-off: Ana Ferreira → Chen Wei, 2026-11-23 09:00 UTC to 2026-11-23 21:00 UTC")
    assert "**[empty: " in ran.out  # what no service knows is visibly empty
    shown = oncall("handoff", screen=True, NO_COLOR="").out
    assert shown.split() == ran.out.split(), "a terminal gets the same words, in lines that fit"
    assert oncall("handoff", "-o", "markdown", screen=True).out == ran.out


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


def test_whoever_is_not_on_call_has_none(oncall: Oncall, served: Served) -> None:
    ran = oncall("handoff", **served.environ("hugo"))
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)


def test_gitlab_down_leaves_the_pages_and_is_said(oncall: Oncall, served: Served) -> None:
    served.fail("*", "/gitlab/", 503, times=-1)
    ran = oncall("handoff", **served.environ())
    assert (ran.code, two_lines(ran.err)) == (7, True)
    assert "Canary token opened" in ran.out
    assert len(re.findall(r"^\* \*\*(.+?)\*\*:", ran.out, re.MULTILINE)) % len(HEADINGS) == 0


# Parts and forms


def test_one_page_is_told_alone(oncall: Oncall) -> None:
    ran = oncall("handoff", "--page", "4112")
    assert (ran.code, ran.err) == (0, "")
    assert re.findall(r"^\* \*\*(.+?)\*\*:", ran.out, re.MULTILINE) == HEADINGS
    assert ran.out.startswith("## Leaked key: AWS access key in acme/mobile-app commit 3f2a91c, [")
    told = oncall("handoff", "--page", "Q1LEAKEDKEY0005", "--json").json
    assert set(told) == HANDOFF
    assert [work["id"] for work in told["incidents"]] == ["acme-security/operations#101"]
    assert {problem["subject"] for problem in told["problems"]} == {"acme-security/operations#101"}
    ran = oncall("handoff", "--page", "4107")
    assert (ran.code, ran.out, two_lines(ran.err)) == (5, "", True)


def test_the_short_form_has_twelve_lines_at_most_and_names_nothing_confidential(oncall: Oncall) -> None:
    ran = oncall("handoff", "--slack")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.rstrip("\n").split("\n")
    assert len(lines) <= 12
    assert lines[0] == "*On-call hand-off* <@U0ANA> → <@U0CHEN> | Mon 12 h shift | 09:00–21:00 UTC"
    assert "Leaked key" not in ran.out and "a confidential incident · <http" in ran.out
    assert "&lt;!channel&gt;" in ran.out and "<!channel>" not in ran.out
    thread = oncall("handoff", "--slack", "--page", "4111").out
    assert thread.startswith("*`Phishing report: 14 employees received a fake payroll update`* · <http")
    assert "*Who's Engaged*: Ana Ferreira, Grace Mbeki" in thread


def test_a_confidential_issue_is_told_in_a_private_channel_alone(oncall: Oncall, served: Served) -> None:
    places = {"ONCALL_HANDOFF_SLACK_CONFIDENTIAL": "six-fields", "ONCALL_SLACK_URL": served.services.addresses.slack}
    token = {"ONCALL_SLACK_TOKEN": cast.token("slack")}
    for channel, told in ((cast.SECOPS_CHANNEL, True), (cast.ACK_CHANNEL, False)):
        where = {**places, "ONCALL_HANDOFF_SLACK_CHANNEL": f"#{channel[1]}"}
        ran = oncall("handoff", "--slack", **served.environ(**where, **token))
        assert (ran.code, "Leaked key" in ran.out) == (0, told)
        ran = oncall("handoff", "--slack", **served.environ(**where))
        assert (ran.code, "Leaked key" in ran.out, two_lines(ran.err)) == (7, False, True), "nobody knows who reads it"


@pytest.mark.parametrize("form", [["--json"], ["-o", "markdown"]])
def test_the_short_form_has_no_other_form(oncall: Oncall, form: list[str]) -> None:
    ran = oncall("handoff", "--slack", *form)
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)


def test_another_shift_and_another_engineer(oncall: Oncall) -> None:
    ran = oncall("handoff", "--shift", "-1", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["shift"]["end"] < oncall("handoff", "--json").json["shift"]["start"]
    told = oncall("handoff", "--to", "farid", "--json").json
    assert told["incoming"]["name"] == "Farid Haddad"
    problems = oncall("handoff", "lint", "--to", "ana@example.com", "--json").json
    assert [each["fix"] for each in problems if each["code"] == "E6"] == ["oncall handoff post --to USER"], "to myself"
    assert oncall("handoff", "--to", "nobody").code == 5
    assert oncall("handoff", "--shift", "whenever").code == 2


# What the last shift left


def test_what_the_last_shift_said_comes_with_its_hand_over(oncall: Oncall, served: Served) -> None:
    """Eva had the shift before: her hand-off is a note on the issue, and a hand-over issue that Ana accepted."""
    before = "engineer/PEVA005/2026-11-22T21:00:00Z"
    note = (
        f"<!-- oncall:handoff {before} issue-1 -->\n## Hand-off: @eva → @ana, 2026-11-23 09:00 UTC\n"
        "**Owner (unchanged):** @ana (acked 2026-11-23 12:06 UTC) | **Posture:** watch\n\n"
        "* **Issue Summary**: the key\n  - State now: dead\n* **Next Steps**:\n"
        "  - [x] disable it, @ana, by 2026-11-23 12:00 UTC\n"
        "  - [ ] read S3, @ben, by 2026-11-23 18:00 UTC (13:00 EST)\n"
    )
    issue = f"<!-- oncall:handover {before} shift -->\n"
    with served.services.store.state() as state:
        leak = state.get(ISSUE, key(cast.PROJECTS["operations"], 101)) or {}
        add_note(state, leak, cast.PEOPLE["eva"].number, note, oncall.now - timedelta(hours=1), internal=True)
        add_note(state, leak, cast.SECURITY_BOT.number, note.replace("dead", "forged"), oncall.now, internal=True)
        at = oncall.now - timedelta(hours=5)
        handover = new_issue(state, cast.PROJECTS["engineering"], cast.PEOPLE["eva"].number, at, 900)
        handover = save(
            state, handover | {"title": "On-Call Handover 2026-11-22 21:00/09:00 UTC", "description": issue}
        )
        accepted = f"<!-- oncall:readback {before} shift -->\n**Read-back** by @ana"
        add_note(state, handover, cast.PEOPLE["ana"].number, accepted, oncall.now - timedelta(hours=4))
    people = served.services.addresses
    file = served.services.store.path.with_name("config.toml")
    file.write_text(tomli_w.dumps(settings.file(people)), "utf-8")
    environ = served.environ(ONCALL_CONFIG=str(file), ONCALL_HANDOFF_PROJECT=f"{cast.ACCOUNT}/engineering")
    told = oncall("handoff", "--json", **environ).json
    assert (told["previous"]["by"], told["previous"]["accepted"]["by"]) == ("eva", "ana")
    (leak,) = [work for work in told["incidents"] if work["id"] == "acme-security/operations#101"]
    assert leak["state"] is None, "it is suggested, not taken over"
    assert ("read S3", "Ben Okafor", "2026-11-23T18:00:00Z") in [tuple(step.values()) for step in leak["next_steps"]]
    text = oncall("handoff", "--page", "4112", **environ).out
    assert "**Since last hand-off:** +2 facts, 1 step closed" in text, "a forged hand-off is a comment"
    whole = oncall("handoff", **environ).out
    assert "* Previous hand-over: 2026-11-23 09:07 UTC by @eva, [its issue](<" in whole
    assert "accepted 2026-11-23 10:07 UTC by @ana" in whole
    assert "forged" not in whole.replace("noted by Security Bot", "")


# Lint


def test_lint_lists_errors_then_warnings_with_what_mends_each_and_exits_8(oncall: Oncall) -> None:
    ran = oncall("handoff", "lint", "--json")
    assert (ran.code, ran.err) == (8, "")
    told = ran.json
    assert told == oncall("handoff", "--json").json["problems"]
    assert all(set(each) == {"code", "severity", "subject", "field", "message", "fix"} for each in told)
    severities = [each["severity"] for each in told]
    assert severities == sorted(severities) and set(severities) == {"error", "warning"}
    assert {"E1", "E3", "E4", "E7", "W1", "W10", "W14"} <= {each["code"] for each in told}
    rows = oncall("handoff", "lint")
    assert (rows.code, len(rows.out.splitlines())) == (8, len(told))
    assert "acme-security/operations#101\tE1\terror\tstate\tnobody has said what is true now\t" in rows.out
    assert oncall("handoff", "--json", "lint").json == told


def test_lint_on_a_terminal_stands_incident_by_incident(oncall: Oncall) -> None:
    shown = oncall("handoff", "lint", screen=True).out
    assert re.match(r"\d+ errors\n", shown)
    assert (
        "  acme-security/operations#101 Leaked key: AWS access key in acme/mobile-app commit 3f2a91c\n"
        "    E1  state: nobody has said what is true now\n"
        '        oncall handoff edit 4112 --state "…"\n'
    ) in shown
    assert "\x1b" not in shown


def test_with_warnings_alone_lint_exits_0(oncall: Oncall, served: Served) -> None:
    with served.services.store.state() as state:
        for kind in (INCIDENT, ENTRY):
            for document in state.all(kind):
                state.delete(kind, document["id"])
    elsewhere = served.environ(ONCALL_INCIDENTS_PROJECTS=f"{cast.ACCOUNT}/engineering")
    ran = oncall("handoff", "lint", "--json", **elsewhere)
    assert (ran.code, [each["code"] for each in ran.json]) == (0, ["W1"])
    assert len(oncall("handoff", **elsewhere).out.splitlines()) == 2, "a quiet shift is two lines"
    assert len(oncall("handoff", "--slack", **elsewhere).out.splitlines()) == 2


def test_lint_tells_an_outage_by_its_own_code(oncall: Oncall, served: Served) -> None:
    served.fail("*", "/gitlab/", 503, times=-1)
    ran = oncall("handoff", "lint", **served.environ())
    assert (ran.code, two_lines(ran.err)) == (7, True)
    assert "GitLab\tE2\terror\tincidents" in ran.out
