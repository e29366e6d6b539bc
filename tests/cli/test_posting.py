"""`oncall handoff post` over the whole program: every place exactly once, whatever fails, is forged or is cut off."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from secops_oncall import threads
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import ISSUE, add_note, key, new_issue, save
from secops_oncall.sandbox.log import Log
from secops_oncall.sandbox.pagerduty_records import ALERT, INCIDENT
from secops_oncall.sandbox.slack_records import add_message, new_ts
from tests.cli.conftest import two_lines
from tests.cli.posting_world import (
    CONFIDENTIAL,
    HANDOVERS,
    OPEN,
    PAGES,
    SECOPS,
    Typed,
    World,
    forget,
    places,
    typed_once,
)
from tests.gitlab_rules import acts
from tests.slack_rules import acts_in_slack

ONCE = (2, 1, 1, 2, 2)
EVERYWHERE = sorted([*["gitlab-note"] * 2, "gitlab", "slack", *["slack-thread"] * 2, *["pagerduty-note"] * 2])
LEAK, PHISHING = PAGES
ENGAGED = {"ana", "ben", "chen", "dana", "grace"}  # who took part in the two incidents, and who takes over
SHIFT = "engineer/PANA001/2026-11-23T09:00:00Z"


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    with typed_once(tmp_path_factory.mktemp("typed")) as typed:
        yield typed


@pytest.fixture
def world(typed: Typed, tmp_path: Path) -> World:
    return typed.again(tmp_path / "ana")


def by_result(told: list[tuple[str, str]], result: str) -> list[str]:
    return sorted(place for place, found in told if found == result)


def test_it_is_shown_who_will_see_what_then_every_place_gets_it_and_the_next_run_finds_it_there(world: World) -> None:
    ran = world.post()
    assert (ran.code, world.counts(), world.queued) == (0, ONCE, [])
    assert ran.err == (
        "Hand-off Ana Ferreira → Chen Wei, 2 open incidents:\n"
        f"  comment on {CONFIDENTIAL} (whoever may see the confidential issue): new\n"
        f"  comment on {OPEN} (internal: the project's members): new\n"
        "  hand-over issue in acme-security/engineering (confidential: the project's members; assigned to ana and "
        "chen): new\n"
        "  message in #secops (private channel: its members; of confidential issues the reference only): new\n"
        "  2 messages in its thread (the same; nobody else is told): 2 new\n"
        "  note on page 4112, 4111 (whoever may see the page; a link only): 2 new\n"
        "  mentioned: ana, ben, chen, dana, grace in GitLab, 2 in Slack\n"
    )
    assert ran.out.splitlines()[:2] == [f"✓ posted {CONFIDENTIAL}", f"✓ posted {OPEN}: internal"]
    (handover,) = world.handovers
    assert (handover["confidential"], handover["project"]) == (True, HANDOVERS)
    assert re.search(r"\(channel C0SECOPS, message \d+\.\d+\)\n\n<!-- oncall:handover ", handover["description"])
    assert {note["internal"] for note in world.comments} == {True, False}
    link = f"/acme-security/engineering/-/issues/{handover['iid']}"
    assert all(note["content"].endswith(link) for note in world.page_notes)
    assert link in world.messages[0]["text"]
    again = world.post("--json")
    assert (again.code, by_result(places(again), "already"), world.counts()) == (0, EVERYWHERE, ONCE)
    told = world.oncall("handoff", "--json", **world.environ).json["places"]
    assert sorted(one["place"] for one in told) == EVERYWHERE


def test_other_words_take_the_place_of_the_first_ones(world: World) -> None:
    world.post()
    before = [note["id"] for note in world.comments]
    world.say(PHISHING, state="it is worse")
    ran = world.post()
    assert (ran.code, world.counts(), [note["id"] for note in world.comments]) == (0, ONCE, before)
    assert f"✓ posted {OPEN}: changed in its place, internal" in ran.out
    assert [("it is worse" in note["body"]) for note in world.comments].count(True) == 1
    assert "it is worse" in world.messages[-1]["text"] + world.messages[-2]["text"]


def test_words_typed_since_are_posted_nowhere_and_status_says_so_until_they_are(world: World) -> None:
    def unposted() -> bool:
        return bool(world.oncall("status", "--json", **world.environ).json["handoff"]["unposted"])

    world.post()
    assert not unposted()
    world.oncall.now += timedelta(seconds=1)
    world.oncall("handoff", "edit", CONFIDENTIAL, "--state", "it came back", **world.environ)
    assert unposted()
    world.oncall.now += timedelta(seconds=1)
    world.post()
    assert not unposted()


def test_after_a_read_back_later_words_are_an_addendum(world: World) -> None:
    world.post()
    (first,) = [note for note in world.comments if "payroll" in note["body"]]
    world.oncall.now += timedelta(minutes=1)
    with world.served.services.store.state() as state:
        issue = state.get(ISSUE, key(cast.PROJECTS["operations"], 100)) or {}
        text = f"<!-- oncall:readback {SHIFT} issue-{issue['id']} -->\n**Read-back** by @chen"
        add_note(state, issue, cast.PEOPLE["chen"].number, text, world.oncall.now, internal=True)
    world.oncall.now += timedelta(minutes=1)
    world.say(PHISHING, state="it is worse")
    for told in ("an addendum, which asks for another read-back, internal", ""):
        ran = world.post()
        assert (ran.code, told in ran.out) == (0, True)
        (kept,) = [note for note in world.comments if "payroll" in note["body"]]
        assert kept["body"] == first["body"]
    addenda = [note for note in world.kept("gitlab_note") if "<!-- oncall:addendum " in note["body"]]
    assert ["it is worse" in note["body"] for note in addenda] == [True]


# What keeps it back.


def test_errors_keep_it_back_until_there_is_a_reason_which_is_posted_and_counted(world: World) -> None:
    world.say(PHISHING, state="")
    ran = world.post("--json")
    assert (ran.code, ran.out, world.counts()) == (8, "", (0, 0, 0, 0, 0))
    assert f"! E1 {OPEN} state: nobody has said what is true now; oncall handoff edit 4111 --state" in ran.err
    assert "oncall: the hand-off has 1 error, and nothing was posted\n  hint: oncall handoff lint" in ran.err
    for alone in (["--anyway"], ["--why", "x"], ["--anyway", "--why", " \n"]):
        ran = world.post(*alone)
        assert (ran.code, two_lines(ran.err)) == (2, True)
    ran = world.post("--anyway", "--why", "ben knows\n/close @all <!channel>")
    assert (ran.code, world.counts()) == (0, ONCE)
    assert "it goes out with 1 error; 1 shift of the last 30 days did so" in ran.err
    (handover,) = world.handovers
    texts = [*(note["body"] for note in world.comments), handover["description"], world.messages[0]["text"]]
    assert all("Posted although it is incomplete" in text and "ben knows" in text for text in texts)
    world.say(PHISHING, state="contained")
    assert world.post("--anyway", "--why", "ben knows").code == 0
    assert not any("although" in note["body"] for note in world.comments)


@pytest.mark.parametrize(
    ("why", "found"),
    [
        ("glpat-abcdefghij1234567890 is in it", "holds what looks like a secret"),
        ("call +49 170 1234567", "a phone number"),
        ("Leaked key: AWS access key in acme/mobile-app commit 3f2a91c is in hand", "names what a confidential issue"),
    ],
)
def test_a_reason_that_gives_something_away_goes_nowhere(world: World, why: str, found: str) -> None:
    ran = world.post("--anyway", "--why", why)
    assert (ran.code, two_lines(ran.err), world.counts()) == (2, True, (0, 0, 0, 0, 0))
    assert "oncall: E8: the reason " in ran.err
    assert found in ran.err
    assert why not in ran.err
    assert not world.journal.events("overruled")


def test_whoever_takes_over_can_be_named_and_not_myself(world: World) -> None:
    assert "E6" in world.post("--to", "ana@example.com").err
    assert world.post("--to", "farid").code == 0
    (handover,) = world.handovers
    assert "@ana → @farid" in handover["description"]


def test_the_next_run_goes_on_with_whom_was_named(world: World) -> None:
    world.served.fail("*", "/slack/", 503, times=-1)
    ran = world.post("--to", "farid")
    assert (ran.code, "hint: oncall handoff post --to farid@example.com, which" in ran.err) == (7, True), ran.err
    waits = "still to go out: oncall handoff post --to farid@example.com"
    assert waits in " ".join(world.oncall("status", **world.environ).out.split())
    world.heal()
    world.oncall.now += timedelta(minutes=1)
    assert (world.post().code, world.counts()) == (0, ONCE)
    assert ["@ana → @farid" in each["description"] for each in world.handovers] == [True]
    assert all("→ Farid" in note["content"] for note in world.page_notes)
    ran = world.post("--to", "chen")
    assert (ran.code, ran.out.count("with its first words: PagerDuty lets nobody change one")) == (0, 2)
    assert ["@ana → @chen" in each["description"] for each in world.handovers] == [True]


def test_the_next_run_goes_on_for_the_reason_that_was_given_and_for_no_other_error(world: World) -> None:
    world.say(PHISHING, state="")
    world.served.fail("*", "/slack/", 503, times=-1)
    assert world.post("--anyway", "--why", "ben knows").code == 7
    world.heal()
    world.oncall.now += timedelta(minutes=1)
    world.say(LEAK, next_steps=[{"action": "look", "who": None, "by": None}])
    assert world.post().code == 8
    world.say(LEAK, next_steps=[{"action": "look", "who": "@chen", "by": world.oncall.now.isoformat()}])
    ran = world.post()
    assert (ran.code, "goes on for the reason that was given before: ben knows" in ran.err) == (0, True), ran.err
    assert (world.counts(), "ben knows" in world.messages[0]["text"]) == (ONCE, True)


def test_what_is_left_of_another_shift_says_so_in_the_command(world: World) -> None:
    world.served.fail("*", "/slack/", 503, times=-1)
    ran = world.post("--shift", "-1")
    (command,) = re.findall(r"hint: (oncall handoff post --shift \S+), which repeats only", ran.err)
    assert ran.code == 7
    assert f"still to go out: {command}" in " ".join(world.oncall("status", **world.environ).out.split())
    world.heal()
    world.oncall.now += timedelta(minutes=1)
    ran = world.oncall(*command.split()[1:], "--yes", **world.environ)
    assert (ran.code, world.queued) == (0, []), ran.err


def test_a_wrong_project_for_hand_over_issues_keeps_no_other_place_back(world: World) -> None:
    wrong = {"ONCALL_HANDOFF_PROJECT": "acme-security/nowhere"}
    for _ in range(2):
        ran = world.post("--json", **wrong)
        told = places(ran)
        assert (ran.code, by_result(told, "failed")) == (7, ["gitlab"]), ran.err
        assert by_result(told, "queued") == ["pagerduty-note"] * 2
        assert world.counts() == (2, 0, 1, 2, 0)
    assert "acme-security/nowhere" in next(one["message"] for one in ran.json if one["result"] == "failed")
    lint = world.oncall("handoff", "lint", **{**world.environ, **wrong})
    assert (lint.code, "W13" in lint.out, "there is no acme-security/nowhere" in lint.out) == (0, True, True)
    assert (world.post().code, world.counts()) == (0, ONCE)


def test_what_failed_is_in_the_status_until_it_is_there(world: World) -> None:
    world.served.fail("POST", "/gitlab/.*/100/notes", 403, times=-1)
    assert by_result(places(world.post("--json")), "failed") == ["gitlab-note"]
    told = " ".join(world.oncall("status", **world.environ).out.split())
    assert re.search(r"1 post to gitlab-note failed \(.*403.*\): oncall handoff post", told), told
    world.heal()
    assert (world.post().code, world.queued, world.counts()) == (0, [], ONCE)


def test_it_asks_and_no_is_no(world: World) -> None:
    code, told = world.asked(lambda: False)
    assert (code, told, world.counts()) == (130, [], (0, 0, 0, 0, 0))
    ran = world.oncall("handoff", "post", **world.environ)
    assert (ran.code, "--yes" in ran.err, world.counts()) == (2, True, (0, 0, 0, 0, 0))


def test_a_rehearsal_sends_nothing(world: World) -> None:
    ran = world.post("-n", "--json")
    assert (ran.code, by_result(places(ran), "planned"), world.counts()) == (0, EVERYWHERE, (0, 0, 0, 0, 0))
    assert world.queued == []


# What is cut off, down, or done twice at once.


def test_killed_after_any_request_and_run_again_every_place_has_it_once(world: World) -> None:
    began = world.oncall.now
    with world.as_it_is() as back:
        for lives in range(30):
            dead = world.killed(lives)
            world.oncall.now += timedelta(minutes=1)
            ran = world.post()
            assert (ran.code, world.counts()) == (0, ONCE), lives
            if not dead:
                break
            back()
            world.oncall.now = began
    assert lives >= 9  # two comments, an issue, a message, two notes, two replies, and the line


@pytest.mark.parametrize(
    ("method", "path", "waits"),
    [
        ("POST", "/gitlab/", ["gitlab", "gitlab-note", "gitlab-note", "pagerduty-note", "pagerduty-note"]),
        ("POST", "/slack/api/chat", ["slack", "slack-thread", "slack-thread"]),
        ("POST", "/pagerduty/", ["pagerduty-note", "pagerduty-note"]),
        ("*", "/slack/", ["slack", "slack-thread", "slack-thread"]),
        (
            "*",
            "/gitlab/",
            ["gitlab", *["gitlab-note"] * 2, *["pagerduty-note"] * 2, *["slack-thread"] * 2],
        ),
    ],
)
def test_a_service_that_is_down_gets_its_part_from_the_next_run(
    world: World, method: str, path: str, waits: list[str]
) -> None:
    world.served.fail(method, path, 503, times=-1)
    ran = world.post("--json")
    assert (ran.code, by_result(places(ran), "queued")) == (7, waits), ran.err
    world.heal()
    assert world.queued == waits
    world.oncall.now += timedelta(minutes=1)
    ran = world.post()
    assert (ran.code, world.counts(), world.queued) == (0, ONCE, [])


def test_what_was_typed_about_an_issue_goes_out_where_gitlab_is_down(world: World) -> None:
    for number in ("4112", "4111"):
        ran = world.oncall("handoff", "edit", number, "--state", f"{number} is known", **world.environ)
        assert ran.code == 0, ran.err
    assert {one.subject for one in world.journal.events("handoff_field")} > {CONFIDENTIAL, OPEN}
    world.served.fail("*", "/gitlab/", 503, times=-1)
    assert "State now: 4111 is known" in world.oncall("handoff", "--page", "4111", **world.environ).out
    ran = world.post("--json")
    assert (ran.code, "slack" in by_result(places(ran), "done")) == (7, True), ran.err
    world.heal()
    world.oncall.now += timedelta(minutes=1)
    assert (world.post().code, world.counts()) == (0, ONCE)
    assert sorted(re.findall(r"State now: (.*)", "".join(note["body"] for note in world.comments))) == [
        "4111 is known",
        "4112 is known",
    ]


def test_without_pagerduty_there_is_nothing_to_post(world: World) -> None:
    world.served.fail("*", "/pagerduty/", 503, times=-1)
    ran = world.post()
    assert (ran.code, two_lines(ran.err), world.counts()) == (6, True, (0, 0, 0, 0, 0))


@pytest.mark.parametrize("path", ["/gitlab/.*notes$", "/gitlab/.*/issues$", "/slack/api/chat", "/pagerduty/"])
def test_an_answer_that_is_lost_is_looked_up(world: World, path: str) -> None:
    world.served.fail("POST", path, 0, drop=True, after=True)
    ran = world.post()
    assert (ran.code, world.counts()) == (0, ONCE)


def test_what_never_arrived_is_unknown_and_goes_out_with_the_next_run(world: World) -> None:
    for path in ("/issues/100/notes", "/slack/api/chat", "/pagerduty/"):
        world.served.fail("POST", path, 0, drop=True)
    ran = world.post("--json")
    assert (ran.code, by_result(places(ran), "unknown")) == (7, ["gitlab-note", "pagerduty-note", "slack"])
    assert world.queued == ["gitlab-note", "pagerduty-note", "slack", "slack-thread", "slack-thread"]
    world.oncall.now += timedelta(minutes=1)
    assert (world.post().code, world.counts(), world.queued) == (0, ONCE, [])


def test_two_at_once_post_it_once(world: World) -> None:
    ran = threads.each(lambda _: world.post("--json"), range(2))
    assert ([one.code for one in ran], world.counts()) == ([0, 0], ONCE)


# What others do.


def test_a_forged_mark_changes_nothing(world: World) -> None:
    forged = [f"<!-- oncall:handoff {SHIFT} issue-{{}} -->\nforged", f"<!-- oncall:handover {SHIFT} shift -->\nforged"]
    ben = cast.PEOPLE["ben"]
    with world.served.services.store.state() as state:
        for iid in PAGES.values():
            issue = state.get(ISSUE, key(cast.PROJECTS["operations"], iid)) or {}
            add_note(state, issue, ben.number, forged[0].format(issue["id"]), world.oncall.now)
        theirs = new_issue(state, HANDOVERS, ben.number, world.oncall.now)
        save(state, theirs | {"title": "On-Call Handover x", "description": forged[1]})
        block = {"type": "section", "block_id": f"oncall:handoff:{SHIFT}", "text": {"type": "mrkdwn", "text": "x"}}
        add_message(state, SECOPS, new_ts(state, world.oncall.now), ben.slack, "x", blocks=[block])
        for alert in state.all(ALERT):
            state.put(ALERT, alert["id"], alert | {"summary": forged[0]}, parent=alert["incident"])
    ran = world.post()
    assert (ran.code, "changed" in ran.out) == (0, False)
    (mine,) = [issue for issue in world.handovers if issue["author"] == cast.PEOPLE["ana"].number]
    assert "forged" not in mine["description"]
    counts = world.counts()
    assert (counts[0], *counts[2:]) == (2, 1, 2, 2)
    assert [note["body"] for note in world.kept("gitlab_note") if note["body"].endswith("forged")] != []
    assert world.post("--json").code == 0
    assert world.counts() == counts


HOSTILE = (
    "/close\n/assign @hugo\n@all @eva ![pixel](https://evil.example/p.png) <img src=x> <!channel> <!here> <@U0EVA> "
    "`/close` <!-- oncall:readback x y -->\n```\n/label ~x\n"
)


def test_a_hostile_page_runs_nothing_mentions_nobody_and_wakes_no_channel(world: World) -> None:
    with world.served.services.store.state() as state:
        for page in PAGES:
            incident = state.get(INCIDENT, page) or {}
            state.put(INCIDENT, page, incident | {"title": HOSTILE + page}, parent=incident["status"])
        for iid in PAGES.values():
            issue = state.get(ISSUE, key(cast.PROJECTS["operations"], iid)) or {}
            text = f"{issue['description']}\n{HOSTILE}\n- [ ] {HOSTILE}"
            issue = save(state, issue | {"title": HOSTILE + str(iid), "description": text})
            add_note(state, issue, cast.SECURITY_BOT.number, HOSTILE, world.oncall.now)
        before = [(issue["state"], issue["assignees"], issue["labels"]) for issue in state.all(ISSUE)]
    ran = world.post()
    assert (ran.code, world.counts()) == (0, ONCE)
    assert set(world.mentions) == ENGAGED
    (handover,) = world.handovers
    after = [issue for issue in world.kept(ISSUE) if issue["id"] != handover["id"]]
    assert [(issue["state"], issue["assignees"], issue["labels"]) for issue in after] == before
    for text in [*(note["body"] for note in world.comments), handover["description"]]:
        assert not acts(re.sub(rf"```.*?```|``.*?``|`[^`\n]*`|@(?:{'|'.join(ENGAGED)})\b", "", text, flags=re.DOTALL))
    for message in world.messages:
        for block in message["blocks"]:
            assert acts_in_slack(block["text"]["text"], ["U0ANA", "U0CHEN"]) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"state": "closed"}, {"done"}),
        ({"discussion_locked": True}, {"done"}),
        ({"confidential": True}, {"done", "refused"}),
    ],
    ids=["closed", "locked", "made confidential"],
)
def test_an_issue_that_changes_while_it_asks(world: World, change: dict[str, Any], told: set[str]) -> None:
    def meanwhile() -> bool:
        world.change(100, **change)
        return True

    code, outcomes = world.asked(meanwhile)
    assert ({one["result"] for one in outcomes}, code) == (told, 7 if "refused" in told else 0)
    refused = {one["code"] for one in outcomes if one["result"] == "refused"}
    assert (refused, len(world.messages)) == (({"confidential"}, 0) if refused else (set(), 3))
    assert (world.post().code, world.counts()) == (0, ONCE)
    assert not refused or "fake payroll" not in str(world.messages)


def test_an_issue_that_is_gone_while_it_asks(world: World) -> None:
    def gone() -> bool:
        with world.served.services.store.state() as state:
            state.delete(ISSUE, key(cast.PROJECTS["operations"], 100))
        return True

    code, outcomes = world.asked(gone)
    (failed,) = [one for one in outcomes if one["result"] == "failed"]
    assert (code, failed["ref"], failed["code"], failed["place"]) == (7, OPEN, "not_found", "gitlab-note")


# What the services refuse.


@pytest.mark.parametrize(
    ("set_to", "code", "message"),
    [
        ({"ONCALL_HANDOFF_SLACK_CHANNEL": "#nowhere"}, "not_found", "Slack has no channel '#nowhere'"),
        ({"ONCALL_HANDOFF_SLACK_CHANNEL": "#inc-payroll-phish"}, "remote", "archived"),
        ({"ONCALL_HANDOFF_SLACK_CHANNEL": "#engineering-all"}, "remote", "you are not in #engineering-all"),
        ({"ONCALL_SLACK_TOKEN": "sandbox-slack-ana-readonly"}, "auth", "chat:write"),
        ({"ONCALL_SLACK_TOKEN": "sandbox-slack-ana-writeonly"}, "auth", "channels:history"),
    ],
    ids=["absent", "archived", "not joined", "may not write", "may not read"],
)
def test_a_channel_that_nothing_can_be_posted_to(world: World, set_to: dict[str, str], code: str, message: str) -> None:
    ran = world.post("--json", **set_to)
    (slack,) = [one for one in ran.json if one["place"] == "slack"]
    assert (ran.code, slack["result"], slack["code"], message in slack["message"]) == (7, "failed", code, True)
    counts = world.counts()
    assert (counts[:2], counts[2:4], counts[4], "slack" in world.queued) == ((2, 1), (0, 0), 2, True)
    assert "  hint: " in ran.err
    assert (world.post().code, world.counts()) == (0, ONCE)


def test_a_note_that_gitlab_did_not_keep_internal_is_said_to_be_public(world: World) -> None:
    """So it is for one who isn't a member of the project, and nothing in GitLab's answer but the note tells it."""
    why = ["--anyway", "--why", "the bot sees little"]
    ran = world.post("--json", *why, ONCALL_GITLAB_TOKEN="sandbox-gitlab-bot", ONCALL_HANDOFF_PROJECT="")
    told = [one for one in ran.json if one["place"] == "gitlab-note" and one["ref"] == OPEN]
    assert [(one["result"], "all who see the issue can read it" in one["message"]) for one in told] == [
        ("failed", True)
    ]
    assert "handoff.internal" in ran.err


def test_what_may_not_be_written_is_told_place_by_place(world: World) -> None:
    world.served.fail("POST", "/issues/100/notes", 403)
    ran = world.post("--json")
    (failed,) = [one for one in ran.json if one["result"] == "failed"]
    assert (ran.code, failed["ref"], failed["code"], world.counts()[0]) == (7, OPEN, "auth", 1)


def test_a_long_text_is_split_in_slack_and_never_cut(world: World) -> None:
    words = "\r\n".join(f"# line {number} ``` \u202e\x00 /close @all" for number in range(2_500))
    world.say(PHISHING, state=words, tried=HOSTILE)
    ran = world.post()
    assert ran.code == 0, ran.err
    replies = [message for message in world.messages if "thread_ts" in message]
    assert len(replies) > 2
    blocks = [block["text"]["text"] for message in replies for block in message["blocks"]]
    assert max(map(len, blocks)) <= 3_000
    assert re.findall(r"# line (\d+) ", "\n".join(blocks)) == [str(number) for number in range(2_500)]
    (note,) = [note for note in world.comments if "payroll" in note["body"]]
    assert re.findall(r"# line (\d+) ", note["body"]) == [str(number) for number in range(2_500)]
    assert set(world.mentions) == ENGAGED | {"eva", "hugo"}  # my own words
    (issue,) = [one for one in world.kept(ISSUE) if (one["project"], one["iid"]) == (cast.PROJECTS["operations"], 100)]
    assert issue["state"] == "opened"
    again = world.post("--json")
    assert (again.code, {result for _, result in places(again)}) == (0, {"already"})


def test_what_is_confidential_is_told_in_a_private_channel_alone_and_only_where_that_is_set(world: World) -> None:
    confides = {"ONCALL_HANDOFF_SLACK_CONFIDENTIAL": "six-fields"}
    for channel, told in ((cast.ACK_CHANNEL, False), (cast.SECOPS_CHANNEL, True)):
        ran = world.post(**confides, ONCALL_HANDOFF_SLACK_CHANNEL=f"#{channel[1]}")
        said = [str(one) for one in world.messages[-3:]]
        assert (ran.code, len(said), any("Leaked key" in one for one in said)) == (0, 3, told)
        assert ("of confidential issues the reference only" in ran.err) is not told


def test_a_quiet_shift_is_two_lines_in_each_place(world: World) -> None:
    with world.served.services.store.state() as state:
        for page, iid in PAGES.items():
            forget(state, page)
            state.delete(ISSUE, key(cast.PROJECTS["operations"], iid))
    assert (world.post().code, world.counts()) == (0, (0, 1, 1, 0, 0))
    assert len(world.messages[0]["text"].splitlines()) == 2


def test_after_its_facts_it_takes_three_waves(world: World) -> None:
    log = world.served.services.log
    with world.as_it_is() as back:
        for _ in range(3):
            back()
            world.served.fail("*", ".", 0, times=-1, hold=0.1)
            already = len(log.seen)
            world.post()
            seen = log.seen[already:]
            first = min(one.start for one in seen if one.method == "POST" and one.path.endswith("/notes"))
            waves = Log([one for one in seen if one.start >= first]).waves()
            if waves <= 3:
                break
    assert waves == 3
