"""What follows an ack: a few words, the issue's new owner, and nothing that delays or hides the tick."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.sandbox import cast
from secops_oncall.streams import Streams
from tests.cli.conftest import NOW, Oncall, Screen, Served

CANARY, TRAVEL, HOSTILE, BENS = "4117", "4116", "4115", "4109"
ISSUE = "acme-security/operations#103"
NOTES = "/gitlab/api/v4/projects/72/issues/103"
named = pytest.mark.parametrize


def test_a_few_words_after_the_tick(oncall: Oncall) -> None:
    ran = oncall("ack", CANARY)
    assert (ran.code, ran.out) == (0, "✓ acked 4117 Canary token opened: finance-share/passwords.xlsx\n")
    assert ran.err.splitlines()[:3] == [
        "  high urgency, P1, Canary Tokens, nobody else is paged for it any more",
        f"  issue: {ISSUE}, open, assigned to nobody",
        "  2 pages of yours still unacked: 4116 (manager in 8 min), 4115",
    ]


def test_an_ack_that_times_out_is_said_to_from_its_answer(oncall: Oncall) -> None:
    """4114's service takes an ack back after four hours, and 4110 is snoozed: nobody may think that it is over."""
    said = "PagerDuty takes the ack back at 18:07 UTC, in 4 h, and pages again"
    assert oncall("ack", "4114").err.startswith(f"  high urgency, P1, Endpoint Detection, {said}\n")
    for page in ("4114", "4110"):
        manager = oncall("escalate", page, "--json").json[0]
        assert (manager["automatic_at"], "PagerDuty takes the ack back at" in manager["why"]) == (None, True)


def test_the_tick_is_out_before_anything_else_is_asked(oncall: Oncall) -> None:
    """Standard output has the tick when GitLab's first request arrives."""
    seen: list[tuple[str, bool]] = []
    out = StringIO()
    world = {"ONCALL_STATE_DIR": str(oncall.state), "ONCALL_SANDBOX": "1", "NO_COLOR": "1"}
    app = App(world, Streams(out, StringIO(), StringIO(), environ=world), lambda: NOW)
    add = app.sandbox.log.add

    def noted(request: Any) -> None:
        seen.append((f"{request.method} {request.path}", "✓ acked" in out.getvalue()))
        add(request)

    app.sandbox.log.add = noted  # type: ignore[method-assign, assignment]
    try:
        assert run(["ack", CANARY], app) == 0
    finally:
        app.close()
    put = [path for path, _ in seen].index("PUT /pagerduty/incidents")
    assert not any(ticked for _, ticked in seen[: put + 1])
    assert any("/gitlab/" in path for path, _ in seen)
    assert all(ticked for path, ticked in seen if "/gitlab/" in path)


@named("options", [["-q"], ["--json"], ["-n"]], ids=" ".join)
def test_nothing_is_asked_for_who_doesn_t_want_to_hear_it(oncall: Oncall, options: list[str]) -> None:
    ran = oncall("ack", CANARY, *options)
    assert (ran.code, ran.err.count("issue:")) == (0, 0)
    assert not [asked for asked in ran.asked if "/gitlab" in asked]


def test_fewer_words_about_each_of_several(oncall: Oncall) -> None:
    ran = oncall("ack", CANARY, HOSTILE, "4112")
    assert (ran.code, ran.err.splitlines()[:3]) == (
        0,
        [
            f"  4117: high urgency, P1, Canary Tokens; issue: {ISSUE}, open, assigned to nobody",
            "  4115: low urgency, Phishing Reports; issue: no open one names this page yet",
            "  1 page of yours still unacked: 4116 (manager in 8 min)",
        ],
    )
    assert "no other page of yours is unacked" in oncall("ack", "--all").err


def test_the_next_command_after_several(oncall: Oncall) -> None:
    assert "oncall ack 4116" in on_a_terminal(oncall, "ack", CANARY, HOSTILE)
    assert "oncall show 4116" in on_a_terminal(oncall, "ack", "--all")


def on_a_terminal(oncall: Oncall, *arguments: str) -> str:
    """What a command says on standard error, where that is a terminal."""
    err = Screen()
    world = {"ONCALL_STATE_DIR": str(oncall.state), "ONCALL_SANDBOX": "1", "NO_COLOR": "1", "TERM": "dumb"}
    app = App(world, Streams(StringIO(), err, StringIO(), environ=world), lambda: NOW)
    try:
        assert run(arguments, app) == 0
    finally:
        app.close()
    return err.getvalue()


@named("fault", [{"status": 503}, {"status": 0, "drop": True}, {"status": 401}])
def test_gitlab_being_down_is_one_line_and_no_other_exit_code(oncall: Oncall, fault: dict[str, Any]) -> None:
    oncall.fail("*", "/gitlab", times=-1, **fault)
    ran = oncall("ack", CANARY)
    assert (ran.code, ran.out.split()[:3]) == (0, ["✓", "acked", CANARY])
    assert len([line for line in ran.err.splitlines() if "GitLab" in line]) == 1
    assert "issue:" not in ran.err
    assert "still unacked" in ran.err


def test_a_page_without_an_issue(oncall: Oncall) -> None:
    assert "  issue: no open one names this page yet\n" in oncall("ack", HOSTILE).err


def test_without_a_setting_nothing_more_is_written(oncall: Oncall) -> None:
    assert oncall("ack", CANARY).writes == ["PUT /pagerduty/incidents"]


@pytest.fixture
def world(served: Served) -> dict[str, Any]:
    """An engineer whose acks assign the issue."""
    return served.environ(ONCALL_PAGES_ASSIGN_ISSUE="true")


def sent(served: Served) -> list[str]:
    return [asked for asked in served.asked if not asked.startswith("GET ")]


def test_the_issue_is_assigned_to_me_with_one_internal_note(
    oncall: Oncall, served: Served, world: dict[str, Any]
) -> None:
    ran = oncall("ack", CANARY, **world)
    assert (ran.code, [line.split()[1:3] for line in ran.out.splitlines()]) == (
        0,
        [["acked", CANARY], ["assigned", ISSUE], ["noted", f"{ISSUE}:"]],
    )
    assert [(path.split()[0], path.rpartition("/")[2]) for path in sent(served)] == [
        ("PUT", "incidents"),
        ("PUT", "103"),
        ("POST", "notes"),
    ]
    again = oncall("show", CANARY, **world)
    assert "assigned to ana" in again.out
    assert "Ana Ferreira acked page [4117]" in again.out
    assert "14:07 UTC, ana, internal" in again.out
    assert "oncall:ack" not in again.out


def test_one_array_of_every_outcome(oncall: Oncall, world: dict[str, Any]) -> None:
    found = oncall("ack", CANARY, "--json", **world).json
    assert [(one["place"], one["number"], one["ref"], one["result"]) for one in found] == [
        ("pagerduty", 4117, None, "done"),
        ("gitlab", None, ISSUE, "done"),
        ("gitlab-note", None, ISSUE, "done"),
    ]


def test_a_page_without_an_issue_is_no_failure(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    ran = oncall("ack", HOSTILE, **world)
    assert (ran.code, len(ran.out.splitlines()), len(sent(served))) == (0, 1, 1)
    assert "no open issue names page 4115 yet" in ran.err


def test_who_joins_owns_nothing(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    assert oncall("ack", BENS, "--force", **world).code == 0
    assert sent(served) == ["PUT /pagerduty/incidents"]


def test_a_dry_run_assigns_nothing(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    assert oncall("ack", "--all", "-n", **world).code == 0
    assert sent(served) == []


@named(
    ("path", "results"),
    [
        (r"/issues/103$", ["acked", "failed", "noted"]),
        (r"/issues/103/notes$", ["acked", "assigned", "failed"]),
    ],
)
def test_a_write_that_fails_is_told_and_the_ack_stays_done(
    oncall: Oncall, served: Served, world: dict[str, Any], path: str, results: list[str]
) -> None:
    served.fail("*", path, 403, times=-1)
    ran = oncall("ack", CANARY, **world)
    assert (ran.code, [line.split()[1] for line in ran.out.splitlines()]) == (7, results)


def test_gitlab_that_is_down_fails_the_assignment_only(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    served.fail("*", "/gitlab", 503, times=-1)
    ran = oncall("ack", "--all", "--json", **world)
    results = [(one["place"], one["result"]) for one in ran.json]
    assert (ran.code, results) == (7, [("pagerduty", "done")] * 3 + [("gitlab", "failed")] * 3)


def test_the_same_ack_again_does_what_could_not_be_done(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    served.fail("*", "/gitlab", 503, times=1)
    assert oncall("ack", CANARY, **world).code == 7
    oncall.now = NOW + timedelta(minutes=9)
    again = oncall("ack", CANARY, **world)
    assert (again.code, [line.split()[1:3] for line in again.out.splitlines()]) == (
        0,
        [["already", "acked"], ["assigned", ISSUE], ["noted", f"{ISSUE}:"]],
    )
    notes = [note["text"] for note in oncall("show", CANARY, "--json", **world).json["issue"]["notes"]]
    assert any("14:07 UTC" in note for note in notes), "it was acked then"
    writes = len(sent(served))
    third = oncall("ack", CANARY, "--json", **world)
    assert (third.code, [one["result"] for one in third.json], len(sent(served))) == (0, ["already"] * 3, writes)


def test_a_dry_run_of_an_ack_that_is_done_assigns_nothing(
    oncall: Oncall, served: Served, world: dict[str, Any]
) -> None:
    oncall("ack", CANARY, **served.environ())
    oncall("ack", CANARY, "-n", **world)
    assert sent(served) == ["PUT /pagerduty/incidents"]


@named(("after", "result"), [(True, "noted"), (False, "unknown")])
def test_a_note_that_is_never_answered_is_looked_up(
    oncall: Oncall, served: Served, world: dict[str, Any], after: bool, result: str
) -> None:
    served.fail("POST", "/notes", 0, drop=True, after=after)
    ran = oncall("ack", CANARY, **world)
    assert (ran.code, ran.out.splitlines()[2].split()[1]) == (0 if after else 7, result)
    assert len([path for path in sent(served) if path.startswith("POST")]) == 1


def test_a_bot_s_token_assigns_nothing(oncall: Oncall, served: Served, world: dict[str, Any]) -> None:
    ran = oncall("ack", CANARY, **{**world, "ONCALL_GITLAB_TOKEN": cast.token("gitlab", "bot")})
    assert len(sent(served)) == 1
    assert ran.code in (0, 7)  # a bot may not even see the issue


def test_no_gitlab_token_is_an_outcome(oncall: Oncall, world: dict[str, Any]) -> None:
    ran = oncall("ack", CANARY, "--json", **{**world, "ONCALL_GITLAB_TOKEN": ""})
    assert (ran.code, [(one["place"], one["result"], one["code"]) for one in ran.json]) == (
        7,
        [("pagerduty", "done", ""), ("gitlab", "failed", "auth")],
    )
