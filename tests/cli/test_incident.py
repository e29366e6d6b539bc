"""`oncall incident`: the open work, the missing issue of a page, and what is said of an incident in both places."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import tomli_w

from secops_oncall.domain.flight import FLIGHT
from secops_oncall.sandbox import cast, settings
from secops_oncall.sandbox.gitlab_mentions import MENTION
from secops_oncall.sandbox.gitlab_records import ISSUE, NOTE
from secops_oncall.sandbox.slack_records import MESSAGE
from secops_oncall.sandbox.store import Store
from tests.cli.conftest import Oncall, Ran, Served, two_lines

OPERATIONS = cast.INCIDENTS_PROJECT
LEAK, PHISH, ESCAPE = f"{OPERATIONS}#101", f"{OPERATIONS}#100", f"{OPERATIONS}#98"
PROJECT = "/gitlab/api/v4/projects/acme-security/operations"
POST_NOTE, POST_SLACK = f"POST {PROJECT}/issues/100/notes", "POST /slack/chat.postMessage"
OUTCOME = {"id", "number", "ref", "place", "title", "url", "result", "code", "message"}
BOTH = [("gitlab-note", "done"), ("slack", "done")]


class World:
    """What the sandbox's GitLab and Slack hold, beside what they began with."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def notes(self, iid: int) -> list[dict[str, Any]]:
        with self.store.state() as state:
            issue = next(one for one in state.all(ISSUE, cast.PROJECTS["operations"]) if one["iid"] == iid)
            return [note for note in state.all(NOTE, issue["id"]) if "<!-- oncall:" in note["body"]]

    def messages(self) -> list[dict[str, Any]]:
        with self.store.state() as state:
            every = state.all(MESSAGE, cast.SECOPS_CHANNEL[0])
        return [one for one in every if "oncall:" in json.dumps(one.get("blocks", []))]

    def texts(self) -> list[str]:
        return ["\n".join(block["text"]["text"] for block in one["blocks"]) for one in self.messages()]

    def issue(self, iid: int) -> dict[str, Any]:
        with self.store.state() as state:
            return next(one for one in state.all(ISSUE, cast.PROJECTS["operations"]) if one["iid"] == iid)

    def mentions(self) -> list[Any]:
        with self.store.state() as state:
            return list(state.all(MENTION))


@pytest.fixture
def world(oncall: Oncall) -> World:
    """The sandbox of `oncall`."""
    return World(Store(oncall.state / "sandbox" / "sandbox.sqlite3"))


def results(ran: Ran) -> list[tuple[str, str]]:
    return [(one["place"], one["result"]) for one in ran.json]


# The list


def test_the_open_work_is_listed_by_what_is_amiss(oncall: Oncall) -> None:
    ran = oncall("incident")
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert ran.code == 0
    assert [row[0] for row in rows if row[3] == "true"] == [row[0] for row in rows[:4]]
    assert rows[3][0] == "Q1HOSTILEMAIL03" and rows[4][:4] == ["Q1OLDERTHAN0012", "4021", "true", "false"]
    assert {LEAK, PHISH, ESCAPE} <= {row[0] for row in rows}
    assert oncall("incident", "list").out == ran.out
    assert oncall("incident", "-o", "ids", "-L", "2").out.splitlines() == [rows[0][0], rows[1][0]]


def test_what_had_no_update_for_four_hours_is_stale(oncall: Oncall) -> None:
    before = {row.split("\t")[0]: row.split("\t")[2] for row in oncall("incident").out.splitlines()}
    oncall.now += timedelta(minutes=175)
    after = {row.split("\t")[0]: row.split("\t")[2] for row in oncall("incident").out.splitlines()}
    assert (before[PHISH], after[PHISH], before[ESCAPE], after[ESCAPE]) == ("false", "true", "false", "true")


def test_json_has_what_the_notes_tell_and_a_list_reads_none(oncall: Oncall) -> None:
    oncall("incident", "engage", "ben", "--page", "4111")
    listed = oncall("incident")
    assert not [asked for asked in listed.asked if "/notes" in asked]
    told = {one["id"]: one for one in oncall("incident", "--json").json}
    assert (told[PHISH]["owner"]["name"], told[PHISH]["acting"]["id"]) == ("Ana Ferreira", "PANA001")
    assert [person["name"] for person in told[PHISH]["engaged"]] == ["Ana Ferreira", "Ben Okafor"]


def test_with_gitlab_down_the_pages_are_there_and_it_is_said(oncall: Oncall, served: Served) -> None:
    served.fail("GET", "/issues", 502, times=-1)
    ran = oncall("incident", **served.environ())
    assert ran.code == 7 and "Q1LEAKEDKEY0005" in ran.out and two_lines(ran.err)


@pytest.mark.parametrize("path", ["/pagerduty", "/gitlab"])
@pytest.mark.parametrize("command", ["file 4110", "update x --page 4111 -y"])
def test_with_a_service_down_nothing_is_written_and_it_is_said(
    oncall: Oncall, served: Served, command: str, path: str
) -> None:
    served.fail("GET", path, 503, times=-1)
    ran = oncall("incident", *command.split(), **served.environ())
    assert (ran.code, ran.out, [asked for asked in served.asked if asked.startswith("POST")]) == (6, "", [])
    assert two_lines(ran.err)


# The missing issue


def test_the_missing_issue_of_a_page_is_made_once(oncall: Oncall, world: World) -> None:
    dry = oncall("incident", "file", "4110", "-n")
    assert (dry.code, dry.writes, "title: VPN: repeated MFA pushes" in dry.err) == (0, [], True)
    ran = oncall("incident", "file", "4110")
    assert ran.code == 0
    assert ran.out.startswith("✓ filed 4110 VPN: repeated MFA pushes") and "confidential, assigned to ana" in ran.out
    made = world.issue(105)
    assert (made["confidential"], made["labels"]) == (True, [cast.INCIDENT_LABEL])
    assert f"[4110](<{cast.page_url('Q1SNOOZEDVPN007')}>)" in made["description"]
    again = oncall("incident", "file", "Q1SNOOZEDVPN007", "--json")
    assert (again.code, again.json[0]["result"], again.writes) == (0, "already", [])
    assert set(again.json[0]) == OUTCOME
    assert f"{OPERATIONS}#105" in oncall("incident", "-o", "ids").out


def test_a_page_that_has_an_issue_gets_none(oncall: Oncall) -> None:
    ran = oncall("incident", "file", "4112", "--json")
    (outcome,) = ran.json
    assert (ran.code, outcome["result"], outcome["code"], outcome["ref"], ran.writes) == (
        7,
        "refused",
        "named",
        LEAK,
        [],
    )


def test_a_hostile_page_becomes_an_issue_in_which_nothing_acts(oncall: Oncall, world: World) -> None:
    assert oncall("incident", "file", "4115").code == 0
    made = world.issue(105)
    assert (made["state"], made["assignees"], world.mentions()) == ("opened", [], [])
    assert "![pixel](" not in made["description"]


def test_without_a_page_the_bare_ones_are_named(oncall: Oncall) -> None:
    ran = oncall("incident", "file")
    assert ran.code == 2 and two_lines(ran.err)
    assert "2 incidents may be meant: page 4115" in ran.err and "oncall incident file PAGE" in ran.err


def test_a_label_or_project_that_is_not_there(oncall: Oncall, served: Served) -> None:
    known = served.environ(ONCALL_INCIDENTS_LABELS="no-such-label")
    ran = oncall("incident", "file", "4110", **known)
    assert ran.code == 5 and "has no label 'no-such-label'" in ran.err
    gone = oncall("incident", "file", "4110", "--project", "acme-security/none", **served.environ())
    assert gone.code == 5 and two_lines(gone.err)
    assert not [asked for asked in served.asked if asked.startswith("POST /gitlab")]


# What is said


def test_an_update_is_in_the_issue_and_in_slack(oncall: Oncall, world: World) -> None:
    ran = oncall(
        "incident", "update", "two", "accounts are locked; @chen & @zoe <!channel>", "--page", "4111", "-y", "--json"
    )
    assert (ran.code, results(ran)) == (0, BOTH)
    assert all(set(one) == OUTCOME for one in ran.json)
    (note,) = world.notes(100)
    assert note["internal"] and note["body"].startswith("two accounts are locked; @chen & @\u2060zoe <!channel>\n")
    (text,) = world.texts()
    assert "two accounts are locked; <@U0CHEN> &amp; @zoe &lt;!channel&gt;" in text
    assert [(one["name"], one["kind"]) for one in world.mentions()] == [("chen", "user")]


def test_an_update_asks_and_needs_yes_elsewhere_and_its_words_are_not_lost(oncall: Oncall, world: World) -> None:
    ran = oncall("incident", "update", "all quiet", "--page", "4111")
    assert ran.code == 2 and two_lines(ran.err)
    assert f"Tell of this in {PHISH} (internal note), and #secops?" in ran.err
    assert "add --yes" in ran.err and "not kept: all quiet" in ran.err
    assert (world.notes(100), world.messages()) == ([], [])


def test_an_update_of_several_lines_that_is_not_sent_is_printed_as_it_was(oncall: Oncall) -> None:
    ran = oncall("incident", "update", "-", "--page", "4111", stdin="two steps\n- point a\n- point b\n")
    assert (ran.code, ran.out) == (2, "two steps\n- point a\n- point b\n")
    assert "what was written is not kept; it was:" in ran.err and "not kept: " not in ran.err


def test_a_dry_run_shows_both_texts_and_sends_nothing(oncall: Oncall, world: World) -> None:
    ran = oncall("incident", "update", "all quiet", "--page", "4111", "-n")
    assert (ran.code, ran.writes, world.notes(100)) == (0, [], [])
    assert f"--- note on {PHISH}\nall quiet\n--- message in Slack\n*Update* <" in ran.err
    assert ran.out.count("not sent: this is a dry run") == 2


def test_an_update_may_follow_the_focus_and_says_so(oncall: Oncall, world: World) -> None:
    oncall("show", "4111")
    ran = oncall("incident", "update", "-", "-y", stdin="from a pipe\n")
    assert ran.code == 0 and "in focus: 4111 Phishing report" in ran.err
    assert len(world.notes(100)) == 1


def test_a_moved_issue_is_named_and_a_closed_one_is_told_with_a_warning(oncall: Oncall, served: Served) -> None:
    gitlab = f"{served.services.addresses.gitlab}/api/v4/projects/72/issues"
    head = {"PRIVATE-TOKEN": cast.token("gitlab", "ben")}
    requests.post(f"{gitlab}/100/move", json={"to_project_id": 71}, headers=head, timeout=5).raise_for_status()
    requests.put(f"{gitlab}/99", json={"state_event": "close"}, headers=head, timeout=5).raise_for_status()
    for named in (["--page", "4111"], ["--issue", PHISH]):
        ran = oncall("incident", "update", "x", *named, "-y", **served.environ())
        assert ran.code == 2 and two_lines(ran.err.replace("; not kept: x", ""))
        assert f"{PHISH} was moved: it is acme-security/engineering#" in ran.err
        assert "hint: the same command with --issue acme-security/engineering#" in ran.err
    assert not [asked for asked in served.asked if asked.endswith("/100/notes") and asked.startswith("POST")]
    closed = oncall("incident", "update", "x", "--page", "4109", "-y", **served.environ())
    assert (closed.code, f"{OPERATIONS}#99 is closed" in closed.err) == (0, True)


@pytest.mark.parametrize("text", [[], ["-"], [" "]])
def test_an_empty_update_is_none(oncall: Oncall, text: list[str]) -> None:
    ran = oncall("incident", "update", *text, "--page", "4111", "-y")
    assert ran.code == 2 and two_lines(ran.err)


def test_of_a_confidential_issue_slack_gets_the_reference_in_its_thread(oncall: Oncall, world: World) -> None:
    ran = oncall("incident", "update", "the secret", "--page", "4112", "-y", "--json")
    assert results(ran) == [("gitlab-note", "done"), ("slack-thread", "done")]
    (message,) = world.messages()
    assert message["thread_ts"] == "1760000000.000100"
    assert "the secret" not in json.dumps(message) and "Leaked" not in json.dumps(message)
    assert LEAK in json.dumps(message)


def test_the_manager_of_a_confidential_incident_is_told_in_slack_that_they_are_called(
    oncall: Oncall, world: World
) -> None:
    ran = oncall("incident", "high-impact", "--page", "4112", "-y")
    assert ran.code == 0 and "in a thread in #secops (the reference alone)" in ran.out
    (text,) = world.texts()
    assert text.endswith("news by Ana Ferreira for <@U0DANA>, in the issue") and "Leaked" not in text


def test_what_only_slack_lacked_is_sent_there_alone(oncall: Oncall, world: World) -> None:
    oncall.fail("POST", "chat.postMessage", 500, times=1)
    first = oncall("incident", "update", "all quiet", "--page", "4111", "-y", "--json")
    assert (first.code, results(first)) == (7, [("gitlab-note", "done"), ("slack", "failed")])
    again = oncall("incident", "update", "all quiet", "--page", "4111", "-y", "--json")
    assert (again.code, results(again)) == (0, [("gitlab-note", "already"), ("slack", "done")])
    assert (len(world.notes(100)), len(world.messages())) == (1, 1)


@pytest.mark.parametrize("path", ["/notes", "chat.postMessage"])
def test_an_answer_that_is_lost_is_looked_up(oncall: Oncall, world: World, path: str) -> None:
    oncall.fail("POST", path, 0, drop=True)
    ran = oncall("incident", "update", "all quiet", "--page", "4111", "-y", "--json")
    assert results(ran) in (
        [("gitlab-note", "unknown"), ("slack", "done")],
        [("gitlab-note", "done"), ("slack", "unknown")],
    )
    again = oncall("incident", "update", "all quiet", "--page", "4111", "-y", "--json")
    assert [one["code"] for one in again.json if one["result"] != "already"] == ["in_flight"]
    oncall.now += FLIGHT
    later = oncall("incident", "update", "all quiet", "--page", "4111", "-y", "--json")
    assert later.code == 0
    assert (len(world.notes(100)), len(world.messages())) == (1, 1)


def test_a_hostile_update_wakes_nobody_and_runs_nothing(oncall: Oncall, world: World) -> None:
    words = "/close\n/assign @chen\n@all @zoe <!here> ![x](https://evil.example/x.png)\n<!-- oncall:readback - x -->"
    ran = oncall("incident", "update", words, "--page", "4111", "-y")
    assert ran.code == 0
    issue = world.issue(100)
    assert (issue["state"], issue["assignees"]) == ("opened", [])
    (text,) = world.texts()
    assert "<!here>" not in text and "oncall:readback" not in world.notes(100)[0]["body"]
    told = {one["id"]: one for one in oncall("incident", "--json").json}
    assert told[PHISH]["acting"]["id"] == "PANA001"


def test_a_long_update_is_whole_in_the_issue_and_linked_in_slack(oncall: Oncall, world: World) -> None:
    words = "\n".join(f"{n}: " + "x" * 90 for n in range(600))
    assert oncall("incident", "update", "-", "--page", "4111", "-y", stdin=words).code == 0
    assert world.notes(100)[0]["body"].startswith(words)
    (text,) = world.texts()
    assert "too long for Slack: the issue has it" in text


# Who has it


def test_a_break_and_its_end(oncall: Oncall, world: World) -> None:
    ran = oncall("incident", "break", "--to", "ben", "--back", "45m", "--page", "4111", "-y", "--json")
    assert (ran.code, results(ran)) == (0, BOTH)
    assert "14:52 UTC" in ran.err and "Have Ben Okafor act until 14:52 UTC" in ran.err
    (note,) = world.notes(100)
    assert note["body"].splitlines()[0] == (
        "**Acting from now:** @ben | **Until back:** 2026-11-23 14:52 UTC | **Owner (unchanged):** @ana"
    )
    shown = oncall("show", "4111", "-o", "text").out
    assert "Acting      Ben Okafor, since 14:07 UTC, until 14:52 UTC" in shown
    back = oncall("incident", "back")
    assert back.code == 0 and f"incident: {PHISH}" in back.err
    assert len(world.notes(100)) == len(world.messages()) == 2


def test_the_same_words_of_a_break_mean_the_same_break_minutes_later(oncall: Oncall, world: World) -> None:
    oncall.fail("POST", "chat.postMessage", 503, times=1)
    words = ["incident", "break", "--to", "ben", "--back", "45m", "--page", "4111", "-y"]
    assert oncall(*words).code == 7
    oncall.now += timedelta(minutes=2)
    again = oncall(*words, "--json")
    assert (again.code, results(again)) == (0, [("gitlab-note", "already"), ("slack", "done")])
    assert "Have Ben Okafor act until 14:52 UTC" in again.err and "14:52 UTC" in world.texts()[0]
    assert (len(world.notes(100)), len(world.messages())) == (1, 1)
    oncall.now += timedelta(minutes=2)
    assert oncall(*words, "--json").json[0]["result"] == "done"  # it was told: now they mean another break
    assert "15:52" not in world.texts()[1] and "14:56 UTC" in world.texts()[1]


def test_a_break_without_a_name_is_never_a_guess(oncall: Oncall) -> None:
    several = oncall("incident", "break", "--to", "ben", "--back", "45m", "-y")
    echo, _, error = several.err.partition("\n")
    assert (several.code, echo) == (2, "Mon 2026-11-23 14:52 UTC")
    assert two_lines(error) and "3 incidents may be meant" in error


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["break", "--to", "ben", "--back", "45m", "--page", "4111"], 2),
        (["break", "--to", "ben", "--back", "nonsense", "--page", "4111", "-y"], 2),
        (["break", "--to", "zoe", "--back", "45m", "--page", "4111", "-y"], 5),
        (["break", "--to", "ben", "--page", "4111", "-y"], 2),
        (["break", "--to", "chen", "--back", "45m", "--page", "4109", "-y"], 7),
        (["engage", "--page", "9999"], 5),
        (["engage", "--page", "4110"], 5),
        (["engage", "--page", "4111", "--issue", PHISH], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_refused_in_two_lines_and_nothing_is_sent(
    oncall: Oncall, arguments: list[str], code: int
) -> None:
    ran = oncall("incident", *arguments)
    assert ran.code == code
    assert not [asked for asked in ran.writes if "/slack/auth" not in asked and "conversations" not in asked]
    if code != 7:
        assert two_lines("".join(line for line in ran.err.splitlines(keepends=True) if line[0] in "o "))


def test_engaged_and_released(oncall: Oncall, world: World) -> None:
    assert oncall("incident", "engage", "ben", "--page", "4111").code == 0
    again = oncall("incident", "engage", "ben", "--page", "4111", "--json")
    assert (again.code, results(again), again.writes) == (0, [("gitlab-note", "already")], [])
    assert "Ben Okafor" in oncall("show", "4111", "-o", "text").out.split("Engaged")[1].splitlines()[0]
    assert oncall("incident", "release", "ben", "--page", "4111").code == 0
    assert "Ben Okafor left 14:07 UTC" in oncall("show", "4111", "-o", "text").out
    assert [text.splitlines()[-1] for text in world.texts()] == [
        "<@U0BEN> is engaged",
        "Ben Okafor is engaged no longer",
    ]


def test_high_impact_engages_the_manager_with_the_six_headings_and_says_how_to_call_them(
    oncall: Oncall, world: World
) -> None:
    ran = oncall("incident", "high-impact", "--page", "4111", "-y")
    assert ran.code == 0 and "hint: oncall escalate 4111 --to manager" in ran.err
    assert "Engage Dana Cohen (manager), told in" in ran.err
    body = world.notes(100)[0]["body"]
    assert body.startswith("**High impact:** yes | **Engaged:** @dana | **Owner (unchanged):** @ana\n")
    assert "**Acting:** @ana" in body and "until accepted" not in body
    assert next(line for line in body.splitlines() if "Who's Engaged" in line).endswith(", @dana")
    for heading in ("Issue Summary", "Related Issues", "Who's Engaged", "Active Zoom Bridge", "Next Steps"):
        assert f"* **{heading}**" in body
    assert "<@U0DANA> is engaged to coordinate" in world.texts()[0]
    assert not [asked for asked in ran.writes if "responder_requests" in asked or "PUT" in asked]
    again = oncall("incident", "high-impact", "--page", "4111", "-y", "--json")
    assert (again.code, results(again)) == (0, [("gitlab-note", "already")])


@pytest.mark.parametrize(
    ("token", "command"),
    [("sandbox-gitlab-bot", "file 4110"), ("sandbox-gitlab-ana-readonly", "update x --page 4111 -y")],
)
def test_a_bots_token_and_one_that_may_only_read_are_refused(
    oncall: Oncall, served: Served, token: str, command: str
) -> None:
    ran = oncall("incident", *command.split(), **served.environ(ONCALL_GITLAB_TOKEN=token))
    assert ran.code == 4 and two_lines(ran.err)
    assert not [asked for asked in served.asked if asked.startswith("POST /gitlab")]


# Two engineers


@pytest.fixture
def team(oncall: Oncall, served: Served, tmp_path: Path) -> Iterator[Any]:
    """`team("ben", "incident")`: each engineer on a machine of their own, with the team's configuration."""
    path = tmp_path / "team.toml"
    path.write_text(tomli_w.dumps(settings.file(served.services.addresses)), "utf-8")
    home = oncall.state

    def run(login: str, *arguments: str, **more: Any) -> Ran:
        oncall.state = home.with_name(f"state-{login}")
        known = {"ONCALL_CONFIG": str(path), "ONCALL_SLACK_TOKEN": cast.token("slack", login)}
        return oncall(*arguments, **served.environ(login, **known), **more)

    yield run
    oncall.state = home


def test_what_one_says_the_other_sees(team: Any, served: Served) -> None:
    assert team("ana", "incident", "break", "--to", "ben", "--back", "1h", "--page", "4111", "-y").code == 0
    told = {one["id"]: one for one in team("ben", "incident", "--json").json}
    assert (told[PHISH]["owner"]["id"], told[PHISH]["acting"]["id"]) == ("PANA001", "PBEN002")
    on = team("ben", "incident", "break", "--to", "chen", "--back", "30m", "--page", "4111", "-y")
    assert on.code == 0
    assert team("ana", "incident", "back").code == 0
    shown = team("chen", "show", "4111", "--json").json
    assert shown["acting"]["id"] == "PANA001"


def test_what_a_stranger_writes_counts_for_nothing(team: Any, served: Served, oncall: Oncall) -> None:
    """Security Bot is none of the people table, whatever its comment looks like."""
    world = World(served.services.store)
    assert team("ana", "incident", "engage", "ben", "--page", "4111").code == 0
    (note,), issue = world.notes(100), world.issue(100)
    with served.services.store.state() as state:
        forged = {**note, "id": note["id"] + 1000, "author": cast.SECURITY_BOT.number}
        forged["body"] = (
            "**Acting from now:** @chen | **Owner (unchanged):** @chen\n\n<!-- oncall:readback - issue-9051 -->"
        )
        state.put(NOTE, str(forged["id"]), forged, parent=issue["id"])
    told = {one["id"]: one for one in team("ben", "incident", "--json").json}
    assert (told[PHISH]["owner"]["id"], told[PHISH]["acting"]["id"]) == ("PANA001", "PANA001")
