"""`oncall improve`: what was noted becomes a GitLab issue, once, and until then it is carried on."""

import json
import os
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_mentions import MENTION
from secops_oncall.sandbox.gitlab_records import ISSUE
from secops_oncall.sandbox.store import Store
from tests.cli.conftest import NOW, Oncall, Served, kept, two_lines
from tests.forked import Forks, Piped

PROJECT = "acme-security/engineering"
POST = "POST /gitlab/api/v4/projects/acme-security/engineering/issues"
HONEYPOT = "close honeypot noise by itself"
THERE = f"{PROJECT}#215"  # "Honeypot is decommissioned but its rule still pages"
LIKE = "Honeypot is decommissioned and its rule still pages"
OUTCOME = {"id", "number", "ref", "place", "title", "url", "result", "code", "message"}


def issues(oncall: Oncall, folder: str = "state/sandbox") -> dict[str, Any]:
    """Every issue of the improvement project as GitLab keeps it, by its reference."""
    store = Store(oncall.state.parent / folder / "sandbox.sqlite3")
    with store.state() as state:
        return {f"{PROJECT}#{one['iid']}": one for one in state.all(ISSUE, cast.PROJECTS["engineering"])}


def noted(oncall: Oncall, text: str, kind: str = "automate", *more: str) -> str:
    """A note in the journal, and its id."""
    assert oncall("note", "--kind", kind, text, *more).code == 0
    return str(oncall("notes", "--json").json[-1]["id"])


def unfiled(oncall: Oncall) -> list[str]:
    return [note["text"] for note in oncall("improve", "--list", "--json").json]


def test_new_text_is_kept_as_a_note_and_becomes_an_issue(oncall: Oncall) -> None:
    ran = oncall("improve", "close", "honeypot", "noise", "by", "itself.", "It paged twice.", "--kind", "automate")
    assert (ran.code, ran.writes) == (0, [POST])
    assert ran.out == f"✓ filed {PROJECT}#224 {HONEYPOT}\n"
    (note,) = oncall("notes", "--json").json
    assert ran.err == f"✓ noted {note['id'][:8]}\n"
    assert (note["kind"], note["text"]) == ("automate", f"{HONEYPOT}. It paged twice.")
    made = issues(oncall)[f"{PROJECT}#224"]
    assert (made["title"], made["labels"], made["confidential"]) == (HONEYPOT, [cast.IMPROVEMENT_LABEL], False)
    assert made["description"] == (
        "### What happened\n\n**[empty: what happened, when, and how often]**\n\n"
        f"### What would be better\n\n> {HONEYPOT}. It paged twice.\n\n"
        "### Where\n\n* **[empty: the page, issue, rule, runbook or repository that it is about]**\n"
        f"* noted 2026-11-23 14:07 UTC as automate\n\n<!-- oncall:improve {note['id']} -->"
    )
    assert unfiled(oncall) == []


def test_text_from_a_pipe_and_without_a_kind(oncall: Oncall) -> None:
    ran = oncall("improve", "-", stdin="Guest accounts have no runbook\nNobody knew what to do.\n")
    assert (ran.code, ran.out) == (0, f"✓ filed {PROJECT}#224 Guest accounts have no runbook\n")
    assert oncall("notes", "--json").json[0]["kind"] == "process"


def test_what_cannot_be_kept_is_repeated(oncall: Oncall) -> None:
    ran = oncall("improve", "-", "--page", "no page at all", stdin=HONEYPOT)
    assert (ran.code, two_lines(ran.err), f"; not kept: {HONEYPOT}" in ran.err) == (2, True, True)


def test_a_text_of_nothing_is_told_how_to_improve_something(oncall: Oncall) -> None:
    for text in ("", " \x1b[2J\u200b"):
        ran = oncall("improve", text)
        assert (ran.code, ran.out, ran.log) == (2, "", None)
        assert ran.err == 'oncall: the text is empty\n  hint: oncall improve "what would be better"\n'


def test_a_configuration_that_is_broken_loses_no_text(oncall: Oncall) -> None:
    broken = oncall.state.parent / "broken.toml"
    broken.write_text("[issues", "utf-8")
    ran = oncall("improve", HONEYPOT, ONCALL_SANDBOX="", ONCALL_CONFIG=str(broken))
    assert (ran.code, ran.out, "✓ noted " in ran.err) == (3, "", True)
    broken.write_text("", "utf-8")
    kept = oncall("improve", "--list", "--json", ONCALL_SANDBOX="", ONCALL_CONFIG=str(broken)).json
    assert [note["text"] for note in kept] == [HONEYPOT]


def test_it_links_back_to_the_page_and_its_issue_without_a_title(oncall: Oncall) -> None:
    oncall("show", "4112")
    ran = oncall("improve", "Keys are found by luck", "--kind", "risk")
    assert ", for page 4112 Leaked key" in ran.err
    assert ran.out.endswith("Keys are found by luck: confidential\n")
    made = issues(oncall)[f"{PROJECT}#224"]
    assert made["confidential"]
    assert f"* [page 4112](<{cast.page_url('Q1LEAKEDKEY0005')}>)\n" in made["description"]
    assert "* [`acme-security/operations#101`](<http" in made["description"]
    assert "Leaked key" not in made["description"]
    told = oncall("handoff").out
    assert ("found by luck" in told, told.count(f"`{PROJECT}#224`")) == (False, 2)


def test_a_page_and_an_issue_may_be_named(oncall: Oncall) -> None:
    oncall("improve", HONEYPOT, "--page", "4116", "--issue", "acme-security/operations#40", "--title", "Less noise")
    made = issues(oncall)[f"{PROJECT}#224"]
    assert made["title"] == "Less noise"
    assert "[page 4116]" in made["description"]
    assert "[`acme-security/operations#40`](<" in made["description"]


def test_an_issue_that_is_named_goes_before_the_page_in_focus(oncall: Oncall) -> None:
    oncall("show", "4112")
    oncall("improve", HONEYPOT, "--issue", "acme-security/operations#40")
    told = issues(oncall)[f"{PROJECT}#224"]["description"]
    assert ("[`acme-security/operations#40`](<" in told, "page 4112" in told) == (True, False)


def test_several_notes_at_once_by_the_beginnings_of_their_ids(oncall: Oncall) -> None:
    one, other = noted(oncall, HONEYPOT), noted(oncall, "who owns the bucket?", "question")
    plain = noted(oncall, "a plain note", "note")
    ran = oncall("improve", "--note", one[:8], "--note", other, "--note", plain[:4], "--note", one, "--json")
    assert (ran.code, ran.writes, len(ran.json)) == (0, [POST] * 3, 3)
    assert {outcome["id"]: outcome["result"] for outcome in ran.json} == dict.fromkeys((one, other, plain), "done")
    assert all(set(outcome) == OUTCOME and outcome["place"] == "gitlab" for outcome in ran.json)
    filed = {note["id"]: note["filed"] for note in oncall("notes", "--json").json}
    assert filed == {outcome["id"]: outcome["ref"] for outcome in ran.json}


def test_what_is_unfiled_goes_through_a_pipe(oncall: Oncall) -> None:
    noted(oncall, HONEYPOT), noted(oncall, "who owns the bucket?", "question")
    ran = oncall("improve", "--note", "-", stdin=oncall("improve", "--list").out)
    assert (ran.code, len(ran.writes)) == (0, 2)
    nothing = oncall("improve", "--note", "-", stdin=oncall("improve", "--list").out)
    assert (nothing.code, nothing.out, nothing.err, nothing.log) == (0, "", "Nothing to file.\n", None)


def test_the_list_is_offline_and_goes_on_until_filed_or_dropped(oncall: Oncall) -> None:
    noted(oncall, HONEYPOT), noted(oncall, "a plain note", "note")
    oncall.now = NOW + timedelta(days=2)
    risk = noted(oncall, "a key lies open", "risk")
    listed = oncall("improve", "--list", screen=True)
    assert (listed.code, listed.err, listed.log) == (0, "", None)
    header, first, second = listed.out.splitlines()
    assert header.split() == ["note", "age", "kind", "text"]
    assert re.fullmatch(rf"[0-9a-f]{{8}}  2 d  automate  {HONEYPOT}", first)
    assert second == f"{risk[:8]}  0 s  risk      a key lies open"
    assert oncall("improve", "--list", "--kind", "risk", "-o", "ids").out == f"{risk}\n"
    assert [note["kind"] for note in oncall("handoff", "--json").json["improvements"]] == ["automate", "risk"]
    dropped = oncall("improve", "--drop", risk[:6], "--why", "rotated")
    assert (dropped.code, dropped.out, dropped.log) == (0, f"✓ dropped {risk[:8]} a key lies open: rotated\n", None)
    assert unfiled(oncall) == [HONEYPOT]
    again = oncall("improve", "--drop", "--note", risk, "--json")
    assert (again.code, again.json[0]["result"], again.json[0]["code"]) == (0, "already", "dropped")


def test_nothing_unfiled_is_success(oncall: Oncall) -> None:
    for command, said in (
        (["--list"], "Nothing is unfiled.\n"),
        ([], "Nothing to file.\n"),
        (["--drop"], "Nothing to drop.\n"),
    ):
        ran = oncall("improve", *command, screen=True)
        assert (ran.code, ran.out, ran.err, ran.log) == (0, "", said, None)
    assert oncall("improve", "--list", "--json").json == []


@pytest.mark.parametrize("option", [[], ["--drop"], ["--as", THERE]], ids=str)
def test_unnamed_notes_are_refused_with_the_list_where_nobody_can_pick(oncall: Oncall, option: list[str]) -> None:
    note = noted(oncall, HONEYPOT)
    ran = oncall("improve", *option)
    assert (ran.code, ran.out, ran.writes, two_lines(ran.err)) == (2, "", [], True)
    assert f"1 note to {'drop' if option == ['--drop'] else 'file'}: {note[:8]} {HONEYPOT}" in ran.err


def test_what_was_filed_is_already(oncall: Oncall) -> None:
    note = noted(oncall, HONEYPOT)
    oncall("improve", "--note", note)
    for command in (["--note", note], ["--drop", note], ["--note", note, "--as", THERE]):
        again = oncall("improve", *command, "--json")
        assert (again.code, again.writes) == (0, [])
        assert (again.json[0]["result"], again.json[0]["ref"]) == ("already", f"{PROJECT}#224")


def test_the_hand_off_links_what_was_filed(oncall: Oncall) -> None:
    oncall("improve", HONEYPOT)
    noted(oncall, "who owns the bucket?", "question")
    text = oncall("handoff").out
    assert re.search(rf"\* \[`{PROJECT}#224`\]\(<http\S+/{PROJECT}/-/issues/224>\) process: {HONEYPOT}\n", text)
    assert "* UNFILED question: who owns the bucket?\n" in text
    oncall.now = NOW + timedelta(hours=13)
    assert "W9 warning" in oncall("handoff").out


def test_one_that_is_like_it_is_named_and_may_be_it(oncall: Oncall) -> None:
    ran = oncall("improve", LIKE)
    (note,) = oncall("improve", "--list", "--json").json
    assert (ran.code, ran.writes) == (7, [])
    assert ran.out.startswith(f"! refused {note['id'][:8]} {LIKE}: {THERE} 'Honeypot is decommissioned but")
    assert f"  hint: oncall improve --note {note['id'][:8]} --as {THERE}, or --force\n" in ran.err
    as_json = oncall("improve", "--note", note["id"], "--json")
    assert (as_json.json[0]["code"], as_json.json[0]["ref"]) == ("duplicate", THERE)
    linked = oncall("improve", "--note", note["id"], "--as", THERE)
    assert (linked.code, linked.writes, unfiled(oncall)) == (0, [], [])
    assert linked.out.startswith(f"✓ filed {THERE} Honeypot is decommissioned but")
    assert oncall("improve", LIKE, "--force").writes == [POST]


def test_two_that_say_the_same_are_one(oncall: Oncall) -> None:
    noted(oncall, HONEYPOT), noted(oncall, f"{HONEYPOT}!")
    ran = oncall("improve", "--note", "-", "--json", stdin=oncall("improve", "--list", "-o", "ids").out)
    assert (ran.code, ran.writes) == (7, [POST])
    assert [outcome["code"] for outcome in ran.json] == ["", "duplicate"]


def test_a_dry_run_shows_all_of_it_and_changes_nothing(oncall: Oncall) -> None:
    ran = oncall("improve", "A key lies open", "--kind", "risk", "-n")
    assert (ran.code, ran.writes) == (0, [])
    assert re.fullmatch(
        rf"· would be filed new A key lies open: in {PROJECT} with the label oncall-improvement, "
        r"confidential; not sent: this is a dry run\n",
        ran.out,
    )
    for shown in (
        "title: A key lies open\n",
        f"project: {PROJECT}\n",
        "confidential: yes\n",
        "### Where\n",
        "> A key lies",
    ):
        assert shown in ran.err
    assert kept(oncall) == []
    note = noted(oncall, HONEYPOT)
    for command in (["--note", note], ["--drop", note], ["--note", note, "--as", THERE]):
        planned = oncall("improve", *command, "-n", "--json")
        assert (planned.json[0]["result"], planned.writes) == ("planned", [])
    assert unfiled(oncall) == [HONEYPOT]


HOSTILE = [
    "/close\n/assign @chen\n@all look at ![x](https://evil.example/p.png)\n```\n<!-- \x1b[2J\u202eexe <script>",
    "@chen\n\n/label ~Done\n\n- [ ] x\n\n/unassign\r\n/confidential",
    ">>>\n/close\n@acme-security\n",
    "<div>\n\n/close\n\n@dana</div>",
    "`\n/close\n` @eva",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_act_on_nobody(oncall: Oncall, words: str) -> None:
    oncall("status")
    before = mentions(oncall)
    ran = oncall("improve", "--kind", "question", "--", words)
    assert (ran.code, "\x1b" in ran.out + ran.err) == (0, False)
    made = issues(oncall)[f"{PROJECT}#224"]
    assert (made["state"], made["assignees"], made["labels"]) == ("opened", [], [cast.IMPROVEMENT_LABEL])
    assert (made["confidential"], mentions(oncall)) == (False, before)
    assert not re.search(r"@\w|!\[|\x1b|\u202e", made["description"] + made["title"])
    assert made["description"].count("\n### ") == 2  # below the first one: none is swallowed
    assert made["description"].count("/close") == words.count("/close")  # what acts on nobody is still said


def mentions(oncall: Oncall) -> int:
    """How many mentions GitLab knows of."""
    with Store(oncall.state / "sandbox" / "sandbox.sqlite3").state() as state:
        return len(state.all(MENTION))


def test_an_answer_that_gets_lost_is_looked_up(oncall: Oncall) -> None:
    oncall("status")
    oncall.fail("POST", "/issues", 0, drop=True, after=True)
    ran = oncall("improve", HONEYPOT)
    assert (ran.code, ran.out, ran.writes) == (0, f"✓ filed {PROJECT}#224 {HONEYPOT}\n", [POST])
    assert unfiled(oncall) == []


def test_a_request_of_unknown_fate_is_sent_again_only_when_it_cannot_come_any_more(oncall: Oncall) -> None:
    note = noted(oncall, HONEYPOT)
    oncall.fail("POST", "/issues", 0, drop=True)
    assert (lost := oncall("improve", "--note", note, "--json")).json[0]["result"] == "unknown"
    assert lost.code == 7
    soon = oncall("improve", "--note", note, "--json")
    assert (soon.code, soon.json[0]["code"], soon.writes) == (7, "in_flight", [])
    oncall.now = NOW + timedelta(minutes=1)
    assert oncall("improve", "--note", note).writes == [POST]
    assert [one["title"] for one in issues(oncall).values()].count(HONEYPOT) == 1


@pytest.mark.parametrize(("status", "code"), [(403, 4), (422, 6), (500, 6)])
def test_a_refusal_prints_no_tick_and_loses_nothing(oncall: Oncall, status: int, code: int) -> None:
    oncall("status")
    oncall.fail("POST", "/issues", status)
    ran = oncall("improve", HONEYPOT)
    assert (ran.code, ran.out.split()[:2], unfiled(oncall)) == (code, ["✗", "failed"], [HONEYPOT])
    assert oncall("improve", "--note", "-", stdin=oncall("improve", "--list").out).writes == [POST]


def test_text_that_could_not_be_filed_is_noted_once(oncall: Oncall, served: Served) -> None:
    world = world_of(served)
    served.fail("GET", "/labels", 502)
    lost = oncall("improve", HONEYPOT, **world)
    (note,) = oncall("improve", "--list", "--json", **world).json
    assert (lost.code, lost.err.startswith(f"✓ noted {note['id'][:8]}\n")) == (6, True)
    rehearsed = oncall("improve", HONEYPOT, "-n", "--json", **world)
    assert (rehearsed.json[0]["id"], rehearsed.json[0]["result"]) == (note["id"], "planned")
    ran = oncall("improve", HONEYPOT, **world)
    assert (ran.code, ran.err) == (0, f"✓ noted before: {note['id'][:8]}\n")
    (known,) = oncall("notes", "--json", **world).json
    assert known["filed"] == f"{PROJECT}#224"


@pytest.mark.parametrize("token", ["sandbox-gitlab-bot", "sandbox-gitlab-ana-readonly"])
def test_a_token_that_is_a_bot_s_or_may_only_read_files_nothing(oncall: Oncall, served: Served, token: str) -> None:
    world = served.environ(ONCALL_GITLAB_TOKEN=token, ONCALL_ISSUES_IMPROVEMENT_PROJECT=PROJECT)
    ran = oncall("improve", HONEYPOT, **world)
    assert (ran.code, ran.out, two_lines(ran.err.partition("\n")[2])) == (4, "", True)
    assert ran.err.startswith("✓ noted ")
    assert not [asked for asked in served.asked if asked.startswith("POST")]


@pytest.mark.parametrize(
    ("project", "label", "code", "named"),
    [
        ("", "oncall-improvement", 3, "issues.improvement_project"),
        ("acme-security/nowhere", "oncall-improvement", 5, "issues.improvement_project"),
        (PROJECT, "no-such-label", 5, "issues.improvement_label"),
    ],
)
def test_a_setting_that_is_wrong_is_named_and_the_text_is_kept(
    oncall: Oncall, served: Served, project: str, label: str, code: int, named: str
) -> None:
    world = served.environ(ONCALL_ISSUES_IMPROVEMENT_PROJECT=project, ONCALL_ISSUES_IMPROVEMENT_LABEL=label)
    ran = oncall("improve", HONEYPOT, **world)
    assert (ran.code, ran.out, two_lines(ran.err.partition("\n")[2])) == (code, "", True)
    assert named in ran.err
    assert not [asked for asked in served.asked if asked.startswith("POST")]
    assert [note["text"] for note in oncall("improve", "--list", "--json", **world).json] == [HONEYPOT]


def test_without_pagerduty_the_page_is_named_by_its_id(oncall: Oncall, served: Served) -> None:
    world = served.environ(ONCALL_ISSUES_IMPROVEMENT_PROJECT=PROJECT)
    served.fail("*", "/pagerduty/", 503, times=-1)
    ran = oncall("improve", HONEYPOT, "--page", "Q1LEAKEDKEY0005", **world)
    assert (ran.code, ran.out.startswith(f"✓ filed {PROJECT}#224")) == (6, True)
    assert two_lines(ran.err.partition("\n")[2])
    assert "* page Q1LEAKEDKEY0005\n" in issues(oncall, "served")[f"{PROJECT}#224"]["description"]


@pytest.mark.parametrize(
    "arguments",
    [
        [""],
        ["x", "--note", "3f2a"],
        ["x", "--title", " "],
        ["x", "--title", "x" * 256],
        ["x", "--kind", "note"],
        ["x", "--page", "no page at all"],
        ["--list", "x"],
        ["--list", "--drop"],
        ["--list", "-n"],
        ["--drop", "--force"],
        ["--as", THERE, "--title", "x"],
        ["--note", "3f2a", "--why", "x"],
        ["x", "-L", "3"],
        ["x", "-o", "csv"],
        ["--note", "3f"],
    ],
    ids=" ".join,
)
def test_what_does_not_go_together_is_refused_before_anything_is_kept(oncall: Oncall, arguments: list[str]) -> None:
    ran = oncall("improve", *arguments)
    assert (ran.code, ran.out, two_lines(ran.err), ran.log) == (2, "", True, None)
    assert kept(oncall) == []


def test_a_note_that_is_not_there_is_named(oncall: Oncall) -> None:
    ran = oncall("improve", "--note", "3f2a9c01")
    assert (ran.code, ran.out, two_lines(ran.err), "3f2a9c01" in ran.err) == (5, "", True, True)


def test_one_title_is_for_one_note(oncall: Oncall) -> None:
    one, other = noted(oncall, HONEYPOT), noted(oncall, "who owns the bucket?", "question")
    ran = oncall("improve", "--note", one, "--note", other, "--title", "x")
    assert (ran.code, ran.out, two_lines(ran.err), ran.writes) == (2, "", True, [])


def started(forks: Forks, oncall: Oncall, served: Served, *arguments: str) -> Piped:
    """A process of its own, on the services that are served."""
    world = {**os.environ, "ONCALL_STATE_DIR": str(oncall.state), **world_of(served)}
    return forks.begin("improve", *arguments, env=world)


def world_of(served: Served) -> dict[str, Any]:
    return served.environ(ONCALL_ISSUES_IMPROVEMENT_PROJECT=PROJECT)


def wait_until(true: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def faults(served: Served) -> int:
    with served.services.store.state() as state:
        return len(state.all("fault"))


def made(oncall: Oncall) -> int:
    return [one["title"] for one in issues(oncall, "served").values()].count(HONEYPOT)


def test_a_process_killed_between_its_intent_and_the_answer_files_once(
    oncall: Oncall, served: Served, forks: Forks
) -> None:
    served.fail("POST", "/issues", 0, hold=0.5)
    running = started(forks, oncall, served, HONEYPOT)
    wait_until(lambda: not faults(served))  # GitLab has the request, and takes its time
    running.kill()
    running.communicate()
    wait_until(lambda: made(oncall))
    again = oncall(
        "improve", "--note", "-", stdin=oncall("improve", "--list", **world_of(served)).out, **world_of(served)
    )
    assert (again.code, again.out.split()[1:3], made(oncall)) == (0, ["already", "filed"], 1)


def test_processes_that_file_the_same_note_at_once_file_it_once(oncall: Oncall, served: Served, forks: Forks) -> None:
    assert oncall("note", "--kind", "automate", HONEYPOT, **world_of(served)).code == 0
    (note,) = oncall("improve", "--list", "--json", **world_of(served)).json
    served.fail("POST", "/issues", 0, hold=1.5)
    running = [started(forks, oncall, served, "--note", note["id"], "--json") for _ in range(4)]
    told = [json.loads(each.communicate(timeout=60)[0])[0]["result"] for each in running]
    assert (made(oncall), told.count("done"), set(told) <= {"done", "already", "unknown"}) == (1, 1, True)
