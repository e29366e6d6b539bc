"""`oncall review` by options: verdicts, reviews made elsewhere, the list, and what becomes of `issues`."""

from datetime import timedelta
from typing import Any

import pytest

from tests.cli.conftest import Oncall, Served, two_lines

FIRST, SECOND, THIRD = (f"acme-security/operations#{iid}" for iid in (45, 40, 31))
EVERY = (FIRST, SECOND, THIRD)


@pytest.fixture
def few(oncall: Oncall, served: Served) -> dict[str, Any]:
    """The settings with which three issues are reviewed."""
    return served.environ(ONCALL_ISSUES_LABEL="runbook")


@pytest.fixture
def bens(served: Served) -> dict[str, Any]:
    """The same as a colleague has it."""
    return served.environ("ben", ONCALL_ISSUES_LABEL="runbook")


def changes(oncall: Oncall, few: dict[str, Any]) -> dict[str, Any]:
    return {issue["ref"]: issue["change"] for issue in oncall("issues", "--json", **few).json}


def test_verdicts_by_options_make_a_review_that_status_and_hand_off_show(oncall: Oncall, few: dict[str, Any]) -> None:
    for left, ref in zip((2, 1), EVERY, strict=False):
        ran = oncall("review", ref, "--verdict", "noise", **few)
        assert (ran.code, ran.err) == (0, f"{left} issue{'s' * (left > 1)} left: oncall review\n")
        assert ran.out.startswith(f"✓ reviewed {ref} ")
    ran = oncall("review", THIRD, "--verdict", "human", **few)
    assert ran.err.splitlines() == [
        "✓ reviewed: 3 seen, 3 new, 0 changed: 1 needs a human, 2 noise",
        f"  Needs a human: {THIRD}",
        "  It counts: 1 of 2 in this shift.",
    ]
    assert (
        f"  Reviews     1 of 2 done, 14:07 UTC\n              needs a human: {THIRD}\n" in oncall("status", **few).out
    )
    assert oncall("status", "--json", **few).json["reviews"] == {"done": 1, "due": 2}
    told = oncall("handoff", **few).out
    assert "## Reviews of labelled issues: 1/2\n\n* 2026-11-23 14:07 UTC by Ana Ferreira: 3 seen" in told
    assert "W1 warning" in told
    assert [each["verdicts"] for each in oncall("handoff", "--json", **few).json["reviews"]] == [
        {FIRST: "noise", SECOND: "noise", THIRD: "human"}
    ]


def test_after_it_nothing_is_new_and_my_own_comment_changes_nothing(
    oncall: Oncall, few: dict[str, Any], bens: dict[str, Any]
) -> None:
    assert set(changes(oncall, few).values()) == {"new"}
    for ref in EVERY:
        oncall("review", ref, "--verdict", "skip", **few)
    oncall.now += timedelta(minutes=20)
    assert set(changes(oncall, few).values()) == {"unchanged"}
    oncall("review", FIRST, "--verdict", "handled", "--comment", "closing it", **few)
    oncall.now += timedelta(minutes=20)
    assert changes(oncall, few)[FIRST] == "unchanged"
    oncall("review", SECOND, "--verdict", "skip", "--comment", "not yet", **bens)
    assert changes(oncall, few) == {FIRST: "unchanged", SECOND: "changed", THIRD: "unchanged"}
    assert oncall("issues", "--unreviewed", "-o", "ids", **few).out == f"{SECOND}\n"


def test_a_comment_of_mine_made_elsewhere_changes_nothing_either(oncall: Oncall, few: dict[str, Any]) -> None:
    """What the journal knows nothing of is found by my own events, and looked at closer: one more wave."""
    for ref in EVERY:
        oncall("review", ref, "--verdict", "skip", **few)
    oncall.now += timedelta(minutes=5)
    another = {**few, "ONCALL_STATE_DIR": str(oncall.state / "another")}
    oncall("review", FIRST, "--verdict", "skip", "--comment", "from my other machine", **another)
    assert changes(oncall, few)[FIRST] == "unchanged"


def test_what_a_verdict_writes_is_told_from_gitlabs_answer(oncall: Oncall, few: dict[str, Any]) -> None:
    ran = oncall("review", FIRST, "--verdict", "human", "--comment", "/close @chen", "--take", "--json", **few)
    assert [(one["place"], one["result"]) for one in ran.json] == [
        ("gitlab-note", "done"),
        ("gitlab", "done"),
        ("journal", "done"),
    ]
    [issue] = [each for each in oncall("issues", "--mine", "--json", **few).json if each["ref"] == FIRST]
    assert (issue["state"], issue["assignees"]) == ("opened", ["ana"])


def test_somebody_elses_issue_is_not_taken_unless_that_is_said(
    oncall: Oncall, few: dict[str, Any], bens: dict[str, Any]
) -> None:
    oncall("review", FIRST, "--verdict", "skip", "--take", **bens)
    ran = oncall("review", FIRST, "--verdict", "human", "--take", **few)
    assert (ran.code, ran.out.splitlines()[0][-17:]) == (7, "it belongs to ben")
    assert "no verdict" in ran.out.splitlines()[1]
    ran = oncall("review", FIRST, "--verdict", "human", "--take", "--force", **few)
    assert (ran.code, "to you, from ben" in ran.out) == (0, True)


def test_a_dry_run_sends_no_write_and_keeps_no_verdict(oncall: Oncall, few: dict[str, Any], served: Served) -> None:
    ran = oncall("review", FIRST, "--verdict", "human", "--comment", "x", "--take", "-n", "--json", **few)
    assert {one["result"] for one in ran.json} == {"planned"}
    assert not [asked for asked in served.asked if not asked.startswith("GET ")]
    assert changes(oncall, few)[FIRST] == "new"


def test_a_comment_without_an_answer_is_looked_up(oncall: Oncall, few: dict[str, Any], served: Served) -> None:
    served.fail("POST", "/notes", 0, drop=True, after=True)
    ran = oncall("review", FIRST, "--verdict", "noise", "--comment", "once", **few)
    assert (ran.code, ran.out.count("✓")) == (0, 2)
    assert len([asked for asked in served.asked if asked.startswith("POST") and "notes" in asked]) == 1


def test_a_review_made_elsewhere_counts_by_the_hour(oncall: Oncall) -> None:
    ran = oncall("review", "--done", "--why", "on the board, with Ben")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "✓ reviewed: made elsewhere: on the board, with Ben\n  It counts: 1 of 2 in this shift.\n"
    oncall.now += timedelta(minutes=59)
    ran = oncall("review", "--done", "--why", "again")
    assert "! it does not count yet: one that ends from 15:07 UTC on does\n  1 of 2 in this shift.\n" in ran.err
    oncall.now += timedelta(minutes=1)
    assert oncall("review", "--done", "--why", "third", "--json").json["counts"] is True
    listed = oncall("review", "--list", "--json").json
    assert [each["counts"] for each in listed] == [True, False, True]
    assert [each["source"] for each in listed] == ["elsewhere"] * 3
    assert oncall("status", "--json").json["reviews"] == {"done": 2, "due": 2}
    assert "W1 " not in oncall("handoff").out


def test_a_clock_that_was_fast_ends_no_review_and_hides_no_change(
    oncall: Oncall, few: dict[str, Any], bens: dict[str, Any]
) -> None:
    now = oncall.now
    oncall.now += timedelta(minutes=30)
    assert "It counts: 1 of 2" in oncall("review", "--done", "--why", "on the board", **few).err
    oncall.now = now + timedelta(minutes=1)
    oncall("review", FIRST, "--verdict", "skip", "--comment", "I have it", **bens)
    assert oncall("review", SECOND, "--verdict", "noise", **few).err == "2 issues left: oncall review\n"
    assert oncall("review", FIRST, "--verdict", "noise", **few).err == "1 issue left: oncall review\n"
    oncall.now += timedelta(minutes=1)
    oncall("review", THIRD, "--verdict", "skip", "--comment", "this too", **bens)
    assert changes(oncall, few) == {FIRST: "unchanged", SECOND: "unchanged", THIRD: "changed"}
    ran = oncall("review", THIRD, "--verdict", "human", **few)
    assert "✓ reviewed: 3 seen" in ran.err
    assert "It counts: 1 of 2" in ran.err
    assert [(one["seen"], one["counts"]) for one in oncall("review", "--list", "--json", **few).json] == [
        (3, True),
        (0, False),
    ]


def test_the_list_of_reviews(oncall: Oncall) -> None:
    assert oncall("review", "--list", "--json").out == "[]\n"
    empty = oncall("review", "--list", screen=True)
    assert (empty.out, empty.err) == ("", "No review in this shift yet.\n")
    oncall("review", "--done", "--why", "on the board")
    assert "made elsewhere: on the board" in oncall("review", "--list", screen=True).out
    assert oncall("review", "--list", "-o", "csv").out.splitlines()[0] == (
        "at,by,seen,new,changed,verdicts,source,why,counts"
    )
    assert oncall("review", "--list", "-o", "ids").out == "2026-11-23T14:07:00Z\n"


def test_who_is_not_on_call_reviews_for_no_shift(oncall: Oncall, served: Served) -> None:
    eves = served.environ("eva", ONCALL_ISSUES_LABEL="runbook")
    ran = oncall("review", "--done", "--why", "a look", **eves)
    assert (ran.code, "! it counts for no shift: you are not on call" in ran.err) == (0, True)
    [told] = oncall("review", "--list", "--json", **eves).json
    assert told["counts"] is False
    for ref in EVERY:
        last = oncall("review", ref, "--verdict", "skip", **eves)
    assert "counts for no shift" in last.err


def test_where_pagerduty_is_down_a_review_goes_on_and_counts_by_the_journal(
    oncall: Oncall, few: dict[str, Any], served: Served
) -> None:
    oncall("review", "--list", **few)
    served.fail("GET", "/oncalls", 503, times=-1)
    ran = oncall("review", FIRST, "--verdict", "noise", **few)
    assert (ran.code, ran.out[:10]) == (6, "✓ reviewed")
    assert two_lines("".join(ran.err.splitlines(keepends=True)[-2:]))
    ran = oncall("review", "--done", "--why", "by hand", **few)
    assert (ran.code, "It counts: 1 of 2" in ran.err) == (7, True)


@pytest.mark.parametrize(
    "line",
    [
        "review",
        f"review {FIRST}",
        f"review {FIRST} --verdict maybe",
        "review --verdict noise",
        "review --take",
        "review --comment x",
        "review -n",
        f"review {FIRST} --list",
        f"review {FIRST} --done --why x",
        "review --list --done --why x",
        f"review {FIRST} --verdict noise -L 3",
        f"review {FIRST} --verdict noise -o csv",
        "review --done --why x -L 3",
        "review --done --why x -o ids",
        "review -L 3",
        "review --json",
        "review -o table",
        "review --done",
        "review --why x",
        f"review {FIRST} --verdict noise --comment",
        "review 4117x --verdict noise",
        "issues --mine --unassigned",
        "issues --label a,b",
        "issues --since yesterday",
        "issues --state open",
    ],
)
def test_what_makes_no_sense_is_a_usage_error(oncall: Oncall, line: str) -> None:
    ran = oncall(*line.split())
    assert (ran.code, ran.out, two_lines(ran.err.replace("Usage", ""))) == (2, "", True), ran.err
    assert ran.writes == []


@pytest.mark.parametrize(
    "words", [["--done", "--why", ""], ["--done", "--why", " "], ["--verdict", "skip", "--comment", " "]]
)
def test_empty_words_are_a_usage_error(oncall: Oncall, words: list[str]) -> None:
    ran = oncall("review", *([FIRST] if "--verdict" in words else []), *words)
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
    assert oncall("review", "--list", "--json").json == []


def test_why_is_repeated_where_it_can_not_be_kept(oncall: Oncall) -> None:
    oncall("review", "--done", "--why", "first")
    [journal] = oncall.state.rglob("journal.db")
    journal.unlink()
    journal.mkdir()
    ran = oncall("review", "--done", "--why", "on the board")
    assert (ran.code, ran.out, two_lines(ran.err)) == (3, "", True)
    assert ran.err.endswith("; not kept: on the board\n")


def test_without_a_terminal_the_error_names_what_scripts_use(oncall: Oncall) -> None:
    for more in ({}, {"screen": True, "TERM": "dumb"}):
        ran = oncall("review", **more)  # type: ignore[arg-type]
        assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
        assert all(word in ran.err for word in ("--list", "--done --why", "ISSUE --verdict"))


def test_an_issue_that_is_not_there(oncall: Oncall) -> None:
    ran = oncall("review", "acme-security/operations#9999", "--verdict", "noise")
    assert (ran.code, ran.out, two_lines(ran.err)) == (5, "", True)
    assert "not found or no access" in ran.err


def test_a_label_that_nobody_has_is_no_empty_review(oncall: Oncall, served: Served) -> None:
    ran = oncall("review", FIRST, "--verdict", "skip", **served.environ(ONCALL_ISSUES_LABEL="runbok"))
    assert (ran.code, ran.out, two_lines(ran.err)) == (5, "", True)
    assert "did you mean 'runbook'?" in ran.err


@pytest.mark.parametrize(
    ("iid", "why"), [("46", "it is closed"), ("40", "it has no label oncall")], ids=["closed", "without the label"]
)
def test_what_is_not_to_be_reviewed_is_refused_and_stands_in_no_hand_off(oncall: Oncall, iid: str, why: str) -> None:
    ran = oncall("review", f"acme-security/operations#{iid}", "--verdict", "human", "--comment", "x")
    assert (ran.code, ran.writes, why in ran.out) == (7, [], True)
    assert oncall("status", "--json").json["reviews"]["done"] == 0
    assert "Needs a human" not in oncall("handoff").out


def test_a_token_that_may_only_read_is_told_first_and_verdicts_still_work(
    oncall: Oncall, few: dict[str, Any], served: Served
) -> None:
    few["ONCALL_GITLAB_TOKEN"] = "sandbox-gitlab-ana-readonly"
    for more in (["--comment", "x"], ["--take"]):
        ran = oncall("review", FIRST, "--verdict", "skip", *more, **few)
        assert (ran.code, ran.out, two_lines(ran.err)) == (4, "", True)
        assert "read_api" in ran.err
    assert oncall("review", FIRST, "--verdict", "skip", **few).code == 0
    assert not [asked for asked in served.asked if not asked.startswith("GET ")]


def test_a_bot_takes_nothing_and_comments_in_its_own_name(oncall: Oncall, few: dict[str, Any], served: Served) -> None:
    few["ONCALL_GITLAB_TOKEN"] = "sandbox-gitlab-bot"
    ran = oncall("review", FIRST, "--verdict", "skip", "--take", **few)
    assert (ran.code, ran.out, two_lines(ran.err)) == (4, "", True)
    assert "bot" in ran.err
    assert oncall("review", FIRST, "--verdict", "skip", "--comment", "seen", **few).code == 0
    assert [asked.split()[0] for asked in served.asked if not asked.startswith("GET ")] == ["POST"]
