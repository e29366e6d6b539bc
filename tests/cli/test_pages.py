"""`oncall pages` and `oncall show`: every format, every filter, and what is in focus."""

import csv
import io
from datetime import datetime, timedelta

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import ISSUE, key, save
from secops_oncall.sandbox.pagerduty_changes import escalate
from secops_oncall.sandbox.pagerduty_records import INCIDENT, POLICY, require
from secops_oncall.sandbox.store import Store
from secops_oncall.workflows import banner
from tests.cli.conftest import NOW, Oncall, Served, shown, two_lines

OPEN = ["4117", "4116", "4114", "4115", "4112", "4111", "4110", "4109", "4021"]
PAGE = {
    *("id", "number", "title", "status", "urgency", "priority", "service", "created_at", "url", "assigned_to"),
    *("acknowledged_by", "owner", "owner_source", "ack_deadline", "snoozed_until", "issue", "whose_shift"),
}
DETAIL = PAGE | {"details", "links", "alerts", "notes", "timeline", "engaged", "similar", "runbook", "conference_url"}
DETAIL |= {"acting", "related", "custom_fields", "pending_actions"}


def numbers(oncall: Oncall, *options: str) -> list[str]:
    return [line.split("\t")[1] for line in oncall("pages", *options, "-o", "tsv").out.splitlines()]


def test_the_most_urgent_first_then_the_newest_however_old(oncall: Oncall) -> None:
    ran = oncall("pages")
    assert (ran.code, ran.err) == (0, "")
    assert numbers(oncall) == OPEN


def test_tsv_has_the_id_first_no_header_and_iso_times(oncall: Oncall) -> None:
    first = oncall("pages").out.splitlines()[0].split("\t")
    assert first == [
        "Q1CANARYTOKEN01",
        "4117",
        "triggered",
        "high",
        "2026-11-23T14:18:00Z",
        "",
        "2026-11-23T14:03:00Z",
        "Canary Tokens",
        "Canary token opened: finance-share/passwords.xlsx",
        "https://acme-security.pagerduty.com/incidents/Q1CANARYTOKEN01",
        "P1",
        "Ana Ferreira",
        "",
        "",
        "acme-security/operations#103",
        "",
    ]


def test_json_is_an_array_of_pages_and_nothing_else(oncall: Oncall) -> None:
    ran = oncall("pages", "--json")
    assert oncall("pages", "-o", "json").out == ran.out
    assert [page["number"] for page in ran.json] == [int(number) for number in OPEN]
    assert all(set(page) == PAGE for page in ran.json)
    leaked = next(page for page in ran.json if page["number"] == 4112)
    assert leaked["owner"] == {"id": "PANA001", "name": "Ana Ferreira", "acked_at": "2026-11-23T12:06:00Z"}
    assert [person["name"] for person in leaked["acknowledged_by"]] == ["Ana Ferreira", "Ben Okafor"]
    assert leaked["owner_source"] == "acknowledgement"
    assert set(leaked["issue"]) == {"ref", "url", "title", "state", "confidential"}
    assert leaked["issue"]["confidential"] is True
    snoozed = next(page for page in ran.json if page["number"] == 4110)
    assert (snoozed["snoozed_until"], snoozed["ack_deadline"], snoozed["issue"]) == ("2026-11-23T23:00:00Z", None, None)
    assert {page["number"]: page["whose_shift"] for page in ran.json if page["whose_shift"]} == {4110: "Chen Wei"}


def test_csv_has_a_header_and_a_row_a_page(oncall: Oncall) -> None:
    rows = list(csv.DictReader(io.StringIO(oncall("pages", "-o", "csv").out)))
    assert [row["number"] for row in rows] == OPEN
    assert set(rows[0]) == PAGE - {"owner_source"}


def test_ids_are_ids_alone_and_nothing_else_is_asked(oncall: Oncall) -> None:
    for command in ("status", "pages"):  # my shift, and the deadlines that have to be asked for, are known from then on
        oncall(command)
    ran = oncall("pages", "-o", "ids")
    assert ran.out.splitlines()[0] == "Q1CANARYTOKEN01"
    assert len(ran.out.split()) == len(OPEN)
    for more in ("/gitlab", "/oncalls"):
        assert not [asked for asked in ran.asked if more in asked]
        assert [asked for asked in oncall("pages").asked if more in asked]


def test_a_snoozed_page_says_until_when_and_in_whose_shift_that_ends(oncall: Oncall, served: Served) -> None:
    assert "back 23:00 UTC, Chen Wei's shift" in oncall("pages", screen=True, COLUMNS="140").out
    narrow = oncall("pages", screen=True, COLUMNS="80").out
    assert "4110  · snoozed    3 h     23:00 UTC, Chen Wei  Ana Ferreira  VPN: " in narrow
    assert all(len(line) <= 80 for line in narrow.splitlines())
    (listed,) = [page for page in oncall("status", "--json").json["pages"] if page["number"] == 4110]
    assert listed["whose_shift"] == shown(oncall, "4110")["whose_shift"] == "Chen Wei"
    served.fail("GET", "/oncalls", 500, times=-1)
    ran = oncall("pages", "--json", **served.environ())
    assert (ran.code, ran.err, {page["whose_shift"] for page in ran.json}) == (0, "", {None})
    assert "back 23:00 UTC  " in oncall("pages", screen=True, COLUMNS="140", **served.environ()).out


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("--mine", ["4117", "4116", "4115", "4112", "4111", "4110"]),
        ("--triggered", ["4117", "4116", "4114", "4115"]),
        ("--mine --triggered", ["4117", "4116", "4115"]),
        ("--mine --triggered --urgency low", ["4115"]),
        ("--acked", ["4112", "4111", "4110", "4109", "4021"]),
        ("--urgency low", ["4115"]),
        ("--service identity", ["4116", "4110", "4109", "4021"]),
        ("--search CANARY", ["4117"]),
        ("--all-teams", OPEN),
        ("--limit 2", ["4117", "4116"]),
        ("--search nothing-like-it", []),
    ],
)
def test_filters(oncall: Oncall, options: str, found: list[str]) -> None:
    assert numbers(oncall, *options.split()) == found


def test_a_limit_says_what_is_left_out(oncall: Oncall) -> None:
    ran = oncall("pages", "-L", "2", "--json")
    assert (len(ran.json), ran.err) == (2, "2 of 9 shown\n")
    assert oncall("pages", "-L", "2", "--json", "-q").err == ""


def test_nothing_to_list_is_success_in_every_format(oncall: Oncall) -> None:
    for form, out in {"json": "[]\n", "tsv": "", "ids": ""}.items():
        ran = oncall("pages", "--search", "nothing-like-it", "-o", form)
        assert (ran.code, ran.out, ran.err) == (0, out, "")
    seen = oncall("pages", "--search", "nothing-like-it", screen=True)
    assert (seen.code, seen.out, seen.err) == (0, "", "No such pages.\n")


def test_gitlab_down_is_said_and_the_pages_are_there(oncall: Oncall, served: Served) -> None:
    served.fail("*", "/gitlab/", 503, times=-1)
    ran = oncall("pages", "--json", **served.environ())
    assert (ran.code, [page["number"] for page in ran.json]) == (7, [int(number) for number in OPEN])
    assert [page["issue"] for page in ran.json] == [None] * len(OPEN)
    assert two_lines(ran.err)
    assert "GitLab" in ran.err
    assert "503" in ran.err
    one = oncall("show", "4112", **served.environ())
    assert (one.code, one.out[:15], two_lines(one.err)) == (7, "4112 Leaked key", True)
    ids = oncall("pages", "-o", "ids", **served.environ())
    assert (ids.code, len(ids.out.split()), ids.err) == (0, len(OPEN), "")
    acked = oncall("ack", "4117", "--json", **served.environ())
    assert (acked.code, acked.json[0]["result"], acked.err) == (0, "done", "")


def test_a_page_that_nobody_acks_goes_to_the_manager(oncall: Oncall) -> None:
    assert "manager in 11 min" in oncall("pages", screen=True).out
    oncall.now = NOW + timedelta(minutes=12)
    late = next(page for page in oncall("pages", "--json").json if page["number"] == 4117)
    assert [person["name"] for person in late["assigned_to"]] == ["Dana Cohen"]
    assert "manager paged 1 min ago" in oncall("pages", screen=True, COLUMNS="140").out
    assert "4117" not in numbers(oncall, "--mine")


def test_a_page_that_the_manager_has_already_goes_to_the_next_level(
    oncall: Oncall, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served.services.store.state() as state:
        policy = require(state, POLICY, cast.POLICY[0])
        state.put(POLICY, cast.POLICY[0], {**policy, "loops": 2})
        escalate(state, require(state, INCIDENT, "Q1CANARYTOKEN01"), 2, None, NOW)
    for command in ("pages", "show 4117", "status"):
        assert "next level in 15 min" in oncall(*command.split(), screen=True, **served.environ()).out
    assert "next level is paged" in oncall("status", screen=True, **served.environ()).out
    monkeypatch.setattr(banner, "GRACE", 10 * banner.GRACE)  # a busy machine decides no test
    assert "4117 Canary" in oncall("who", **served.environ("dana")).banner
    assert "next level in 15 min" in oncall("who", **served.environ("dana")).banner
    assert "manager in 8 min" in oncall("pages", screen=True, **served.environ()).out


def test_an_ack_that_runs_out_is_told(oncall: Oncall) -> None:
    oncall("ack", "4114", "--force")
    assert "  Next        ack runs out in 4 h, 18:07 UTC\n" in oncall("show", "4114").out
    assert "ack runs out in 4 h" in oncall("pages", screen=True).out


def test_who_acts_is_the_owner(oncall: Oncall) -> None:
    owner = "  Owner       Ana Ferreira, acked 12:06 UTC\n  Acting      Ana Ferreira, the owner\n"
    assert owner in oncall("show", "4112").out
    assert shown(oncall, "4112")["acting"] == {"id": "PANA001", "name": "Ana Ferreira", "email": "ana@example.com"}
    assert shown(oncall, "4117")["acting"] is None


def test_open_pages_are_listed_beside_resolved_ones_however_old(oncall: Oncall) -> None:
    assert numbers(oncall, "--acked", "--resolved") == [*OPEN[4:], "4108", "4106", "4107"]
    assert numbers(oncall, "--acked", "--resolved", "--since", "205m") == ["4112", "4111", "4108", "4106"]


def test_what_counts_is_when_a_page_was_resolved(oncall: Oncall) -> None:
    assert "4021" not in numbers(oncall, "--resolved")
    oncall("resolve", "4021", "--force")
    ran = oncall("pages", "--resolved", "-o", "tsv", "-q")
    assert "4021" in [line.split("\t")[1] for line in ran.out.splitlines()]
    assert len([asked for asked in ran.asked if asked.endswith("/pagerduty/incidents")]) == 1
    assert "4107" not in numbers(oncall, "--resolved", "--since", "210m")
    oncall.now = NOW + timedelta(hours=12, minutes=1)
    assert numbers(oncall, "--resolved", "--search", "Dormant") == []


@pytest.mark.parametrize("since", ["179d23h30m", "180d", "400d", "2020-01-01"])
def test_since_may_be_any_time(oncall: Oncall, since: str) -> None:
    assert numbers(oncall, "--since", since) == OPEN
    assert numbers(oncall, "--resolved", "--since", since) == ["4108", "4106", "4107"]


def test_resolved_pages_that_are_to_be_mine_are_refused(oncall: Oncall) -> None:
    ran = oncall("pages", "--triggered", "--resolved", "--mine")
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
    assert "hint: oncall pages --resolved --all-teams" in ran.err


def test_show_tells_one_page_whole(oncall: Oncall) -> None:
    ran = oncall("show", "4112")
    assert (ran.code, ran.err) == (0, "")
    for told in (
        "4112 Leaked key: AWS access key in acme/mobile-app commit 3f2a91c\n",
        "  Owner       Ana Ferreira, acked 12:06 UTC\n",
        "  Engaged     Ana Ferreira, Ben Okafor\n",
        "acme-security/operations#101, open, confidential, assigned to ana",
        "  Bridge      https://example.zoom.us/j/98765432100\n",
        "  repository  acme/mobile-app\n",
        "Notes in PagerDuty\n",
        "Notes in the issue\n",
        "Time line\n",
        "  oncall resolve 4112 ",
    ):
        assert told in ran.out


def test_show_as_json_has_the_fields_of_the_interface(oncall: Oncall) -> None:
    whole = shown(oncall, "4112")
    assert set(whole) >= DETAIL
    assert {each for entry in whole["timeline"] for each in entry} == {"at", "kind", "who", "text"}
    assert whole["owner_source"] == "log"
    assert whole["issue"]["ref"] == "acme-security/operations#101"
    assert whole["details"]["commit"] == "3f2a91c"
    assert [person["name"] for person in whole["engaged"]] == ["Ana Ferreira", "Ben Okafor"]
    assert [note["who"] for note in whole["notes"]] == ["Ana Ferreira", "Ben Okafor"]


def test_show_of_a_resolved_page_still_names_its_owner(oncall: Oncall) -> None:
    whole = shown(oncall, "4108")
    assert (whole["status"], whole["owner"]["name"], whole["acknowledged_by"]) == ("resolved", "Ana Ferreira", [])


def test_show_without_a_page_uses_the_focus_and_echoes_it(oncall: Oncall) -> None:
    oncall("show", "4112")
    ran = oncall("show")
    assert ran.err == "in focus: 4112 Leaked key: AWS access key in acme/mobile-app commit 3f2a91c\n"
    assert ran.out.startswith("4112 Leaked key")
    quiet = oncall("show", "--json", "-q")
    assert (quiet.json["number"], quiet.err) == (4112, "")


def test_ack_moves_the_focus_and_a_refused_one_does_not(oncall: Oncall) -> None:
    oncall("ack", "--all")
    assert oncall("show", "--json").json["number"] == 4117
    oncall.now = NOW + timedelta(minutes=1)
    oncall("ack", "4116")
    oncall.now = NOW + timedelta(minutes=2)
    assert oncall("ack", "4109").code == 7
    assert oncall("show", "--json").json["number"] == 4116


def test_nothing_is_in_focus_before_nor_after_the_shift(oncall: Oncall) -> None:
    for ran in (oncall("show"), oncall("show", "--json")):
        assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
    oncall("show", "4112")
    oncall.now = NOW + timedelta(hours=12)
    assert oncall("show").code == 2


def test_what_is_in_focus_ends_with_the_shift_that_status_has_seen(oncall: Oncall) -> None:
    ends = datetime.fromisoformat(oncall("status", "--json").json["shift"]["end"])
    oncall.now = ends - timedelta(minutes=10)
    oncall("show", "4112")
    oncall.now = ends - timedelta(minutes=1)
    assert oncall("note", "x").err.startswith("✓ noted, for page 4112 ")
    oncall.now = ends + timedelta(minutes=10)
    assert oncall("show").code == 2


@pytest.mark.parametrize("look", ["show", "status"])
def test_what_is_in_focus_ends_when_it_is_resolved_and_its_issue_closed(oncall: Oncall, look: str) -> None:
    assert shown(oncall, "4112")["issue"]["ref"].endswith("#101")
    oncall("resolve", "4112")
    assert oncall("show", "--json").json["number"] == 4112  # the work goes on
    with Store(oncall.state / "sandbox" / "sandbox.sqlite3").state() as state:
        issue = state.get(ISSUE, key(cast.PROJECTS["operations"], 101)) or {}
        save(state, {**issue, "state": "closed"})
    ran = oncall(look)
    assert ("its work is closed, so page 4112 is in focus no longer\n" in ran.err) is (look == "show")
    assert oncall("show").code == 2
    assert oncall("note", "x").err == "✓ noted\n"


def test_a_page_whose_work_is_closed_comes_not_into_focus(oncall: Oncall) -> None:
    oncall("show", "4112")
    assert oncall("show", "4106").code == 0  # resolved, and no issue was ever filed
    assert oncall("show", "--json").json["number"] == 4112


def test_a_page_that_is_not_there_never_comes_into_focus(oncall: Oncall) -> None:
    oncall("show", "4112")
    assert oncall("show", "99999").code == 5
    assert oncall("show", "--json").json["number"] == 4112


def test_a_journal_that_cannot_be_written_hides_no_page(oncall: Oncall) -> None:
    (oncall.state / "sandbox").mkdir(parents=True)
    (oncall.state / "sandbox" / "PANA001").write_text("in the way", "utf-8")
    ran = oncall("show", "4112")
    assert ran.out.startswith("4112 Leaked key")
    assert ran.code == 7
    assert two_lines(ran.err)
    acked = oncall("ack", "4117", "--json")
    assert (acked.code, acked.json[0]["result"], two_lines(acked.err)) == (3, "done", True)


def test_with_gitlab_down_a_page_still_tells_the_issue_that_it_links(oncall: Oncall, served: Served) -> None:
    served.fail("*", "/gitlab/", 503, times=-1)
    ran = oncall("show", "4117", "--json", **served.environ())
    assert ran.code == 7
    assert ran.json["issue"]["ref"] == "acme-security/operations#103"
    assert ran.json["issue"]["state"] is None
