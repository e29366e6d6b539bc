"""`oncall snooze` and `oncall resolve --note`, from the words on the screen to what the service holds afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from secops_oncall import threads
from secops_oncall.clients import pagerduty_api
from secops_oncall.domain.times import iso
from tests.cli.conftest import NOW, Oncall, shown, two_lines

CANARY, LEAKED, BENS, RESOLVED = "4117", "4112", "4109", "4108"
END = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)  # of the practice shift
named = pytest.mark.parametrize


def test_an_acked_page_rests_and_the_next_command_knows(oncall: Oncall) -> None:
    ran = oncall("snooze", LEAKED, "--for", "2h")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("✓ snoozed 4112 Leaked key: AWS access key in acme/mobile-app commit 3f2a91c: ")
    assert ran.out.endswith(": back at 16:07 UTC, in your shift\n")
    assert ran.writes == ["POST /pagerduty/incidents/Q1LEAKEDKEY0005/snooze"]
    assert shown(oncall, LEAKED)["snoozed_until"] == iso(NOW + timedelta(hours=2))


def test_a_triggered_page_is_acked_first(oncall: Oncall) -> None:
    ran = oncall("snooze", CANARY, "--until", "18:30", "--json")
    assert [(one["number"], one["result"]) for one in ran.json] == [(4117, "done")]
    assert ran.writes == ["PUT /pagerduty/incidents", "POST /pagerduty/incidents/Q1CANARYTOKEN01/snooze"]
    after = shown(oncall, CANARY)
    assert (after["status"], after["owner"]["name"]) == ("acknowledged", "Ana Ferreira")
    assert after["snoozed_until"] == "2026-11-23T18:30:00Z"


def test_an_end_past_my_shift_is_a_warning(oncall: Oncall) -> None:
    ran = oncall("snooze", LEAKED, "--until", "Tue 04:00", "-q")
    assert (ran.code, ran.err) == (0, "! that is 7 h after your shift ends: it will wake Chen Wei\n")
    assert ran.out.endswith("back at 2026-11-24 04:00 UTC, in Chen Wei's shift\n")


def test_two_waves(oncall: Oncall, monkeypatch: pytest.MonkeyPatch) -> None:
    for room, name in ((pagerduty_api, "AT_ONCE"), (threads, "WORKERS")):
        monkeypatch.setattr(room, name, 200)
    oncall("status")
    oncall.slow()

    def fewest(page: str) -> int:
        """Of three: a busy machine may show more than they are, and never fewer."""
        waves = []
        for _ in range(3):
            waves.append(oncall("snooze", page, "--for", "2h").waves)
            oncall("sandbox", "reset")
            oncall("status")
            oncall.slow()
        return min(waves)

    assert fewest(LEAKED) == 2
    assert fewest(CANARY) == 3  # to be acked first


@named(
    "options",
    [
        [],
        ["--for", "2h", "--until", "07:00"],
        ["--for", "0m"],
        ["--for", "-2h"],
        ["--for=-2h"],
        ["--for", "169h"],
        ["--for", "tomorrow"],
        ["--until", "tomorrow"],
        ["--until", "2026-11-23T14:00Z"],
        ["--until", "2027-11-23T14:00Z"],
        ["--until", "25:00"],
    ],
    ids=" ".join,
)
def test_what_is_no_rest_is_refused_and_nothing_is_sent(oncall: Oncall, options: list[str]) -> None:
    ran = oncall("snooze", LEAKED, *options)
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
    assert ran.writes == []


@named(
    ("now", "typed", "code"),
    [
        (datetime(2027, 3, 27, 20, 0, tzinfo=UTC), "01:30", 2),  # Lisbon's clock skips it
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), "01:30", 0),  # and shows it twice
    ],
)
def test_the_change_of_the_clock(oncall: Oncall, now: datetime, typed: str, code: int) -> None:
    oncall.now = now
    ran = oncall("snooze", LEAKED, "--until", typed)
    assert ran.code == code
    if code:
        assert (two_lines(ran.err), "skips" in ran.err, ran.writes) == (True, True, [])
    else:
        assert "! the clock shows '01:30' twice that day: the first is taken" in ran.err
        assert "back at 2026-10-25 00:30 UTC (01:30 WEST)" in ran.out


def test_within_the_hour_that_comes_twice_it_is_the_one_to_come(oncall: Oncall) -> None:
    oncall.now = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    ran = oncall("snooze", LEAKED, "--until", "01:30")
    assert (ran.code, "! the clock shows '01:30' twice that day: the second is taken" in ran.err) == (0, True)
    assert "back at 01:30 UTC" in ran.out
    assert "Sun 2026-10-25 01:30 UTC\n" in oncall("who", "--at", "01:30").err


def test_an_end_with_my_shift_is_a_warning_too(oncall: Oncall) -> None:
    ran = oncall("snooze", LEAKED, "--until", "21:00", "-q")
    assert ran.err == "! that is when your shift ends: it will wake Chen Wei\n"


@named(("page", "said"), [(BENS, "owned by Ben Okafor"), (RESOLVED, "it is resolved")])
def test_what_is_not_mine_to_snooze(oncall: Oncall, page: str, said: str) -> None:
    ran = oncall("snooze", page, "--for", "1h")
    assert (ran.code, ran.writes) == (7, [])
    assert ran.out.startswith(f"! refused {page}")
    assert said in ran.out


def test_force_snoozes_a_colleague_s_page_and_ownership_stays(oncall: Oncall) -> None:
    assert oncall("snooze", BENS, "--for", "1h", "--force").code == 0
    after = shown(oncall, BENS)
    assert (after["owner"]["name"], [one["name"] for one in after["acknowledged_by"]]) == (
        "Ben Okafor",
        ["Ben Okafor"],
    )


def test_without_a_page_it_is_the_only_one_that_i_acked_and_never_the_focus(oncall: Oncall) -> None:
    oncall("show", BENS)
    several = oncall("snooze", "--for", "1h")
    assert (several.code, several.out, several.writes, two_lines(several.err)) == (2, "", [], True)
    assert LEAKED in several.err
    assert BENS not in several.err
    oncall("resolve", LEAKED, "4111")
    assert oncall("snooze", "--for", "1h").out.split()[:3] == ["✓", "snoozed", "4110"]
    oncall("resolve", "4110")
    none = oncall("snooze", "--for", "1h")
    assert (none.code, two_lines(none.err), none.writes) == (2, True, [])


@named(("page", "code"), [("nope", 2), ("99999", 5), ("https://other.example/incidents/Q1", 2)])
def test_what_is_no_page(oncall: Oncall, page: str, code: int) -> None:
    ran = oncall("snooze", page, "--for", "1h")
    assert (ran.code, ran.out, two_lines(ran.err), ran.writes) == (code, "", True, [])


@named("page", [LEAKED, CANARY])
def test_a_dry_run_sends_no_write(oncall: Oncall, page: str) -> None:
    before = shown(oncall, page)
    ran = oncall("snooze", page, "--for", "9h", "-n")
    assert (ran.code, ran.writes) == (0, [])
    assert ran.out.startswith(f"· would be snoozed {page}")
    assert "in Chen Wei's shift; not sent" in ran.out
    assert shown(oncall, page) == before


@named(("after", "code"), [(True, 0), (False, 7)])
def test_one_that_is_never_answered_is_looked_up(oncall: Oncall, after: bool, code: int) -> None:
    oncall.fail("POST", "/snooze", 0, drop=True, after=after)
    ran = oncall("snooze", LEAKED, "--for", "1h")
    assert (ran.code, ran.out[:1], len(ran.writes)) == (code, "✓" if after else "?", 1)
    assert bool(shown(oncall, LEAKED)["snoozed_until"]) is after


def test_a_note_is_told_beside_the_resolve(oncall: Oncall) -> None:
    ran = oncall("resolve", LEAKED, "4111", "--note", "a scanner of our own")
    assert (ran.code, [line.split()[1:3] for line in ran.out.splitlines()]) == (
        0,
        [["resolved", LEAKED], ["resolved", "4111"], ["noted", LEAKED], ["noted", "4111"]],
    )
    note = shown(oncall, LEAKED)["notes"][-1]
    assert (note["who"], note["text"]) == ("Ana Ferreira", "a scanner of our own")


def test_one_array_for_programs(oncall: Oncall) -> None:
    found = oncall("resolve", LEAKED, CANARY, "--note", "ours", "--json").json
    assert [(one["number"], one["place"], one["result"]) for one in found] == [
        (4112, "pagerduty", "done"),
        (4117, "pagerduty", "refused"),
        (4112, "pagerduty-note", "done"),
        (4117, "pagerduty-note", "refused"),
    ]


def test_a_note_that_is_not_written_is_an_outcome(oncall: Oncall) -> None:
    refused = oncall("resolve", CANARY, "--note", "ours")
    assert (refused.code, refused.writes) == (7, [])
    told = refused.out.splitlines()[1]
    assert told.startswith(f"! refused {CANARY} ")
    assert told.endswith(": the note is not written, since the page is not resolved")
    oncall.fail("PUT", "/incidents", 500)
    failed = oncall("resolve", LEAKED, "--note", "ours", "--json")
    assert (failed.code, [(one["place"], one["result"]) for one in failed.json]) == (
        6,
        [("pagerduty", "failed"), ("pagerduty-note", "failed")],
    )


@named(("after", "said"), [(True, "✓ noted 4112"), (False, "? unknown 4112")])
def test_a_note_that_is_never_answered_is_looked_up_and_never_sent_again(
    oncall: Oncall, after: bool, said: str
) -> None:
    oncall.fail("POST", "/notes", 0, drop=True, after=after)
    ran = oncall("resolve", LEAKED, "--note", "ours")
    assert (ran.code, len(ran.writes)) == (0 if after else 7, 2)
    assert ran.out.splitlines()[1].startswith(said)
    texts = [note["text"] for note in shown(oncall, LEAKED)["notes"]]
    assert texts.count("ours") == int(after)


def test_a_note_that_fails_hides_no_resolve(oncall: Oncall) -> None:
    oncall.fail("POST", "/notes", 403)
    ran = oncall("resolve", LEAKED, "--note", "ours")
    assert (ran.code, [line.split()[1] for line in ran.out.splitlines()]) == (7, ["resolved", "failed"])
    assert shown(oncall, LEAKED)["status"] == "resolved"


def test_notes_and_dry_runs_and_nothing_to_say(oncall: Oncall) -> None:
    planned = oncall("resolve", LEAKED, RESOLVED, "--note", "ours", "-n")
    assert (planned.code, planned.writes) == (0, [])
    empty = oncall("resolve", LEAKED, "--note", " ")
    assert (empty.code, two_lines(empty.err), empty.log) == (2, True, None)
