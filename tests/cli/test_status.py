"""`oncall status`: the shift on one screen, and as data."""

from datetime import timedelta

from tests.cli.conftest import NOW, Oncall, Served, two_lines

STATUS = {
    *("me", "shift", "pages", "reviews", "incidents", "backlog", "handoff", "coming_up", "queued", "stale"),
    "takeover",
}
SHIFT = {"id", "start", "end", "kind", "role", "user", "policy", "source", "gap", "swap"}
INCIDENT = {
    *("id", "pages", "issue", "owner", "acting", "engaged", "posture", "summary", "state", "tried", "confidence"),
    *("related", "next_steps", "if_then", "zoom", "slack", "timeline", "stale", "uncovered", "problems", "said"),
}


def test_the_shift_on_one_screen(oncall: Oncall) -> None:
    ran = oncall("status")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "Ana Ferreira, engineer until 21:00 UTC, 6 h 53 min left"
    assert [line for line in lines if line and not line.startswith(" ")][1:] == [
        "9 open pages",
        "Open work",
        "To do",
        "Coming up",
    ]
    assert "  Reviews     0 of 2 done\n" in ran.out
    assert "14:15 UTC  manager is paged" in ran.out


def test_json_has_the_fields_of_the_interface(oncall: Oncall) -> None:
    told = oncall("status", "--json").json
    assert set(told) == STATUS
    assert told["me"] == {"id": "PANA001", "name": "Ana Ferreira", "role": "engineer"}
    assert set(told["shift"]) == SHIFT
    assert (told["shift"]["id"], told["shift"]["kind"]) == ("engineer/PANA001/2026-11-23T09:00:00Z", "weekday")
    assert told["reviews"] == {"done": 0, "due": 2}
    assert all(set(work) == INCIDENT for work in told["incidents"])
    assert [issue["ref"] for issue in told["backlog"]] == ["acme-security/engineering#209"]
    assert {coming["kind"] for coming in told["coming_up"]} == {"escalates", "snooze_ends", "shift_ends"}
    assert all(set(coming) == {"at", "kind", "page", "text", "whose_shift"} for coming in told["coming_up"])
    assert (told["queued"], told["stale"]) == ([], [])


def test_what_the_other_commands_do_shows_here(oncall: Oncall) -> None:
    before = {work["id"] for work in oncall("status", "--json").json["incidents"]}
    oncall("ack", "4117")
    oncall("backlog", "pick", "acme-security/operations#40")
    after = oncall("status", "--json").json
    assert {work["id"] for work in after["incidents"]} - before == {"acme-security/operations#103"}
    assert "acme-security/operations#40" in [issue["ref"] for issue in after["backlog"]]
    oncall("resolve", "4117")  # the alarm is off, and the work is still mine
    resolved = oncall("status", "--json").json
    assert 4117 not in [page["number"] for page in resolved["pages"]]
    assert "acme-security/operations#103" in [work["id"] for work in resolved["incidents"]]


def test_whoever_is_not_on_call_is_told_so(oncall: Oncall, served: Served) -> None:
    ran = oncall("status", **served.environ("hugo"))
    assert ran.code == 0
    assert ran.out.startswith("Hugo Souza, not on call\n")
    told = oncall("status", "--json", **served.environ("hugo")).json
    assert (told["me"]["role"], told["shift"]) == ("none", None)


def test_backup_and_manager_are_roles(oncall: Oncall, served: Served) -> None:
    for login, role in {"ben": "backup", "dana": "manager"}.items():
        assert oncall("status", "--json", **served.environ(login)).json["me"]["role"] == role


def test_a_shift_that_has_just_ended_is_still_this_one(oncall: Oncall, served: Served) -> None:
    oncall.now = NOW + timedelta(hours=8)
    assert "engineer until 21:00 UTC, over 1 h 7 min ago" in oncall("status", **served.environ()).out
    assert oncall("status", "--json", **served.environ()).json["me"]["role"] == "none"


def test_gitlab_down_is_said_and_the_pages_are_there(oncall: Oncall, served: Served) -> None:
    served.fail("*", "/gitlab/", 503, times=-1)
    ran = oncall("status", **served.environ())
    assert (ran.code, two_lines(ran.err)) == (7, True)
    assert "GitLab could not be asked: nothing is shown of it" in ran.out
    assert "9 open pages" in ran.out
    told = oncall("status", "--json", **served.environ()).json
    assert told["stale"] == [{"service": "GitLab", "age": None}]
