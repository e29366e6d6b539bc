"""`oncall handoff edit` by flags: one event an edit, no network write, and no network at all where there is none."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.said import NAMES
from secops_oncall.journal import SqliteJournal
from tests.cli.conftest import Oncall, Ran, Served, two_lines
from tests.cli.test_hostile import POISON, dangerous

CANARY, KEY = "acme-security/operations#103", "acme-security/operations#101"  # the issues of pages 4117 and 4112
MAIL = "Q1HOSTILEMAIL03"  # page 4115, which has no issue
DEAD = "http://127.0.0.1:9"
named = pytest.mark.parametrize


def edit(oncall: Oncall, *arguments: str, **environ: Any) -> Ran:
    return oncall("handoff", "edit", *arguments, **environ)


def events(oncall: Oncall) -> list[dict[str, Any]]:
    """The edits that the journal holds."""
    journals = [SqliteJournal(path) for path in oncall.state.rglob("journal.db")]
    return [{"subject": each.subject, **each.data} for one in journals for each in one.events("handoff_field")]


def incident(oncall: Oncall, id: str) -> Any:
    return next(work for work in oncall("handoff", "--json").json["incidents"] if work["id"] == id)


def test_flags_for_every_field_are_in_the_hand_off(oncall: Oncall) -> None:
    flags = {
        "--summary": "Canary file was opened",
        "--state": "contained\nour own scanner",
        "--tried": "no session in the VPN",
        "--confidence": "high",
        "--posture": "watch",
        "--next": "close the rule | Ben | 15:00",
        "--if": "it opens again => page Dana",
        "--engaged": "@ben, forensics",
        "--related": "acme/infra#7 (Infrastructure)",
        "--zoom": "https://zoom.us/j/1",
        "--slack-thread": "https://acme.slack.com/archives/C1/p2",
    }
    ran = edit(oncall, "4117", *(word for flag in flags.items() for word in flag), "--json")
    assert (ran.code, ran.writes) == (0, [])
    assert ran.json["id"] == CANARY
    assert set(ran.json) == {"id", *NAMES, "noise", "changed"}
    assert set(ran.json["changed"]) == set(NAMES)
    assert ran.json["next_steps"] == [{"action": "close the rule", "who": "Ben Okafor", "by": "2026-11-23T15:00:00Z"}]
    assert ran.json["if_then"] == ["If it opens again, then page Dana"]
    assert len(events(oncall)) == 1
    told = incident(oncall, CANARY)
    assert (told["state"], told["posture"], told["summary"]) == (flags["--state"], "watch", flags["--summary"])
    assert (told["next_steps"][0], told["if_then"]) == (ran.json["next_steps"][0], ran.json["if_then"])
    printed = oncall("handoff").out
    for words in ("Canary file was opened", "our own scanner", "no session in the VPN", "acme/infra#7", "forensics"):
        assert words in printed


def test_the_answer_is_what_is_said_now_with_times_in_both_zones_and_numbers(oncall: Oncall) -> None:
    edit(oncall, "4117", "--next", "one | Ben | 2h", "--state", "fine")
    ran = edit(oncall, CANARY, "--next", "two | Infrastructure | Sun 04:00", "--done", "1")
    assert ran.err == f"✓ kept for {CANARY}: Next Steps\n"
    assert ran.out.splitlines() == [
        f"{CANARY} Canary token opened: finance-share/passwords.xlsx",
        "  State       fine",
        "  Next steps  1 two, Infrastructure, by 2026-11-29 04:00 UTC",
    ]


@named(
    ("flags", "field", "value"),
    [
        (["--next", "b | Ben | 15:00"], "next_steps", ["a", "b"]),
        (["--next", "A | Ben | 15:00"], "next_steps", ["A"]),
        (["--clear", "next"], "next_steps", []),
        (["--clear", "--next", "--next", "c"], "next_steps", ["c"]),
        (["--related", "g/p#2", "--related", "g/p#3"], "related", ["g/p#1", "g/p#2", "g/p#3"]),
        (["--related", "none"], "related", ["None"]),
        (["--clear", "related"], "related", []),
        (["--clear", "slack-thread"], "slack", []),
        (["--state", "new"], "state", "new"),
        (["--clear", "state"], "state", ""),
    ],
)
def test_what_repeats_is_added_and_what_is_cleared_is_empty(
    oncall: Oncall, flags: list[str], field: str, value: object
) -> None:
    edit(oncall, "4117", "--next", "a", "--related", "g/p#1", "--state", "old", "--slack-thread", "#secops")
    told = edit(oncall, "4117", *flags, "--json").json
    found = [step["action"] for step in told["next_steps"]] if field == "next_steps" else told[field]
    assert found == value
    assert told["changed"] == [field]


def test_a_page_and_its_issue_are_one_incident(oncall: Oncall) -> None:
    edit(oncall, "4117", "--state", "by its number")
    edit(oncall, CANARY, "--tried", "by its issue")
    told = edit(oncall, "Q1CANARYTOKEN01", "--posture", "watch", "--json").json
    assert (told["id"], told["state"], told["tried"], told["posture"]) == (
        CANARY,
        "by its number",
        "by its issue",
        "watch",
    )
    assert edit(oncall, "4115", "--state", "no issue", "--json").json["id"] == MAIL
    assert incident(oncall, MAIL)["state"] == "no issue"


def test_a_page_is_read_from_a_pipe(oncall: Oncall) -> None:
    ran = edit(oncall, "-", "--state", "x", "--json", stdin=oncall("pages", "--search", "Canary").out)
    assert (ran.code, ran.json["id"]) == (0, CANARY)


def test_noise_is_told_of_the_page(oncall: Oncall) -> None:
    assert edit(oncall, "4117", "--noise", "--json").json["noise"] is True
    ran = edit(oncall, "4117", "--real", "--state", "a real one")
    assert ran.err == f"✓ kept for {CANARY}: State now, noise or real\n"
    assert "  Page        real\n" in ran.out
    assert events(oncall) == [
        {"subject": "Q1CANARYTOKEN01", "noise": True},
        {"subject": CANARY, "state": "a real one", "pages": ["Q1CANARYTOKEN01"]},
        {"subject": "Q1CANARYTOKEN01", "noise": False},
    ]


@named("dry", ["-n", "--dry-run"])
def test_a_dry_run_shows_what_would_change_and_keeps_nothing(oncall: Oncall, dry: str) -> None:
    ran = edit(oncall, "4117", "--state", "fine", "--noise", dry)
    assert (ran.code, ran.writes) == (0, [])
    assert ran.err == f"{CANARY}: would change: State now, noise or real; not kept: this is a dry run\n"
    assert "  State       fine\n" in ran.out
    assert events(oncall) == []


def test_what_is_so_already_is_not_said_again(oncall: Oncall) -> None:
    edit(oncall, "4117", "--state", "fine")
    ran = edit(oncall, "4117", "--state", "fine", "--json")
    assert (ran.code, ran.err, ran.json["changed"]) == (0, "Nothing changed.\n", [])
    assert len(events(oncall)) == 1


@named(
    ("arguments", "code", "said"),
    [
        (["--state", "x"], 2, "the flags are about one incident"),
        (["4117", "--state", "x", "--editor"], 2, "contradict"),
        (["4117", "--state", ""], 2, "--state is empty"),
        (["4117", "--state", "x", "--clear", "state"], 2, "contradict"),
        (["4117", "--confidence", "sure"], 2, "'low', 'medium', 'high'"),
        (["4117", "--posture", "calm"], 2, "'stable', 'watch', 'active'"),
        (["4117", "--clear", "mood"], 2, "'mood' is no field"),
        (["4117", "--next", "x | Ben | soon"], 2, "'soon' is no time"),
        (["4117", "--next", "x | Ben | 2026-11-23T09:00"], 2, "2026-11-23 09:00 UTC is past"),
        (["4117", "--next", "x | Ben | 15:00 | 16:00"], 2, "more parts"),
        (["4117", "--next", " | Ben"], 2, "has no action"),
        (["4117", "--if", "page me"], 2, "is no contingency"),
        (["4117", "--done", "1"], 2, "there is no next step 1 that somebody typed: none"),
        (["4117", "--done", "0"], 2, "--done"),
        (["4117", "--json", "-o", "text", "--state", "x"], 2, "contradict"),
        (["99999", "--state", "x"], 5, "99999"),
        (["acme-security/operations#99999", "--state", "x"], 5, "99999"),
        (["what", "--state", "x"], 2, "neither a page nor an issue"),
        (["4117"], 2, "no terminal to write on"),
        (["--editor"], 2, "no terminal to write on"),
        ([], 2, "incidents lack what only you know"),
    ],
)
def test_what_can_not_be_meant_is_refused_and_nothing_is_kept(
    oncall: Oncall, arguments: list[str], code: int, said: str
) -> None:
    ran = edit(oncall, *arguments)
    assert (ran.code, ran.out, two_lines(ran.err)) == (code, "", True), ran.err
    assert said in ran.err
    assert events(oncall) == []


def test_a_time_that_the_clock_skips_or_shows_twice(oncall: Oncall, served: Served) -> None:
    """Dana's clock is Los Angeles's."""
    environ = {**served.environ("dana"), "ONCALL_ROLES_ENGINEER": "Security Responder:2"}
    skipped = edit(oncall, "4117", "--next", "x | Ben | 2027-03-14T02:30", **environ)
    assert (skipped.code, two_lines(skipped.err)) == (2, True)
    assert "is no time: the clock skips 2027-03-14 02:30 America/Los_Angeles" in skipped.err
    twice = edit(oncall, "4117", "--next", "x | Ben | 2027-11-07T01:30", "--json", **environ)
    assert twice.json["next_steps"][0]["by"] == "2027-11-07T08:30:00Z"
    assert "the clock shows '2027-11-07T01:30' twice that day: the first is taken" in twice.err
    assert "2027-11-07 08:30 UTC (01:30 PDT)" in edit(oncall, "4117", "-n", "--real", **environ).out


def test_what_lint_will_refuse_is_kept_and_said(oncall: Oncall) -> None:
    ran = edit(oncall, "4117", "--next", "think", "--zoom", "the usual")
    assert ran.code == 0
    assert ran.err.splitlines() == [
        f"! {CANARY}: Active Zoom Bridge: 'the usual' is neither a URL nor None: it is kept, and lint refuses it",
        f"! {CANARY}: Next Steps: 'think' has no person and time: it is kept, and lint refuses it",
        f"✓ kept for {CANARY}: Active Zoom Bridge, Next Steps",
    ]


def test_what_the_hand_off_may_not_have_is_said(oncall: Oncall) -> None:
    ran = edit(oncall, "acme-security/operations#40", "--state", "x")
    assert (ran.code, "names no page" in ran.err) == (0, True)


def test_what_is_missing_is_told_without_a_terminal(oncall: Oncall) -> None:
    told = edit(oncall, "-n", "--json").json
    assert {"id": CANARY, "field": "state", "message": "nobody has said what is true now"} in told
    assert told[0]["id"] == CANARY, "what wants attention most comes first"
    edit(
        oncall, "4117", "--state", "x", "--tried", "y", "--confidence", "low", "--posture", "watch", "--next", "a|b|2h"
    )
    assert CANARY not in [gap["id"] for gap in edit(oncall, "-n", "--json").json]
    assert f"{KEY}  State now: nobody has said" in edit(oncall, "-n").out


# Without network


def warm(oncall: Oncall, served: Served) -> dict[str, Any]:
    """An account that was used before, whose services are down."""
    environ = served.environ()
    oncall("ack", "4117", **environ)
    oncall("handoff", "edit", "4117", "--tried", "before it", **environ)
    return environ


def both_down(served: Served) -> None:
    served.fail("*", "/pagerduty/", 503, times=-1)
    served.fail("*", "/gitlab/", 503, times=-1)


@named("name", ["4117", "Q1CANARYTOKEN01", CANARY])
def test_flags_work_in_an_outage(oncall: Oncall, served: Served, name: str) -> None:
    environ = warm(oncall, served)
    both_down(served)
    ran = edit(oncall, name, "--state", "the services are down", "--next", "look again | Ben | 2h", "--json", **environ)
    assert ran.code == 0
    assert (ran.json["state"], ran.json["next_steps"][0]["who"]) == ("the services are down", "Ben")
    assert f"{'page ' if name != CANARY else ''}{name} is taken as it was typed" in ran.err
    assert not [asked for asked in served.asked if asked.startswith(("POST", "DELETE")) and "gitlab" in asked]


def test_what_was_said_in_an_outage_is_in_the_hand_off_when_it_is_over(oncall: Oncall, served: Served) -> None:
    environ = warm(oncall, served)
    with_fault = served.services.store
    both_down(served)
    edit(oncall, "4117", "--state", "the services are down", **environ)
    with with_fault.state() as state:
        state._connection.execute("DELETE FROM documents WHERE kind = 'fault'")
    (work,) = [one for one in oncall("handoff", "--json", **environ).json["incidents"] if one["id"] == CANARY]
    assert (work["state"], work["tried"]) == ("the services are down", "before it")


def test_a_number_that_the_journal_does_not_know_can_not_be_found_in_an_outage(oncall: Oncall, served: Served) -> None:
    environ = warm(oncall, served)
    both_down(served)
    ran = edit(oncall, "4112", "--state", "x", **environ)
    assert (ran.code, ran.out, two_lines(ran.err)) == (6, "", True)
    assert "name page 4112 by its id, or its issue" in ran.err


def test_flags_work_for_an_account_that_was_never_online(oncall: Oncall, served: Served) -> None:
    dead = {"ONCALL_PAGERDUTY_URL": DEAD, "ONCALL_GITLAB_URL": DEAD}
    ran = edit(oncall, CANARY, "--state", "x", "--next", "a | Ben | 15:00", "--json", **served.environ(**dead))
    assert (ran.code, ran.json["state"], ran.json["next_steps"][0]["by"]) == (0, "x", "2026-11-23T15:00:00Z")
    assert "times without UTC behind them are taken as UTC" in ran.err


def test_asking_needs_pagerduty_and_says_so(oncall: Oncall, served: Served) -> None:
    ran = edit(oncall, "-n", **served.environ(ONCALL_PAGERDUTY_URL=DEAD))
    assert (ran.code, ran.out, two_lines(ran.err)) == (6, "", True)


def test_whoever_is_not_on_call_has_nothing_to_write_for(oncall: Oncall, served: Served) -> None:
    for arguments in (["4117", "--state", "x"], ["-n"]):
        ran = edit(oncall, *arguments, **served.environ("hugo"))
        assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
        assert "you have no current shift" in ran.err


# Bad input


@named("flag", ["--summary", "--state", "--tried", "--zoom", "--related", "--engaged", "--slack-thread"])
def test_hostile_text_is_kept_harmless(oncall: Oncall, flag: str) -> None:
    ran = edit(oncall, "4117", flag, POISON)
    assert ran.code == 0
    assert not dangerous(ran.out + ran.err)
    assert "oncall:handoff" not in ran.out + json.dumps(events(oncall))
    assert not dangerous(oncall("handoff").out, "\n\u2060")  # the one that keeps mentions apart


def test_hostile_steps_too(oncall: Oncall) -> None:
    ran = edit(oncall, "4117", "--next", f"{POISON} | {POISON} | 2h", "--if", f"{POISON} => {POISON}")
    assert (ran.code, dangerous(ran.out + ran.err)) == (0, set())


def test_a_hundred_thousand_characters_are_kept_whole(oncall: Oncall) -> None:
    words = "word " * 20_000 + "\r\nend"
    told = edit(oncall, "4117", "--state", words, "--json").json
    assert told["state"] == "word " * 19_999 + "word\nend"
    assert incident(oncall, CANARY)["state"] == told["state"]


def test_words_count_until_the_next_shift_of_mine(oncall: Oncall) -> None:
    edit(oncall, "4117", "--state", "x")
    oncall.now += timedelta(hours=1)
    assert edit(oncall, "4117", "--tried", "y", "--json").json["state"] == "x"


def test_a_shift_that_is_over_has_words_of_its_own(oncall: Oncall) -> None:
    lint = oncall("handoff", "lint", "--shift", "-1", "--json")
    (fix,) = [
        one["fix"] for one in lint.json if one["code"] == "E1" and one["field"] == "state" and "4021" in one["fix"]
    ]
    start = oncall("handoff", "--shift", "-1", "--json").json["shift"]["start"]
    assert fix.startswith(f"oncall handoff edit --shift {start} 4021 --state"), fix
    edit(oncall, "4021", "--state", "of this shift")
    ran = edit(oncall, "4021", "--state", "of the one before", "--shift", start)
    assert ran.code == 0, ran.err
    edit(oncall, "4021", "--tried", "late, too", "--shift", "-1")

    def told(*shift: str) -> tuple[str | None, str | None]:
        work = oncall("handoff", *shift, "--json").json["incidents"]
        (one,) = [each for each in work if 4021 in [page["number"] for page in each["pages"]]]
        return one["state"], one["tried"]

    assert told("--shift", "-1") == ("of the one before", "late, too")
    assert told() == ("of this shift", None)


def test_edits_at_once_lose_no_line(oncall: Oncall, served: Served) -> None:
    environ = served.environ()
    edit(oncall, CANARY, "--state", "old", **environ)
    codes: list[int] = []

    def one(number: int) -> None:
        ran = edit(oncall, CANARY, "--state", f"{number}", "--next", f"step {number}", "-q", **environ)
        codes.append(ran.code)

    running = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for each in running:
        each.start()
    for each in running:
        each.join(timeout=60)
    told = edit(oncall, CANARY, "-n", "--real", "--json", **environ).json
    assert codes == [0] * 6
    assert sorted(step["action"] for step in told["next_steps"]) == [f"step {number}" for number in range(6)]
    assert told["state"] in {f"{number}" for number in range(6)}
