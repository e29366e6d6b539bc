"""`oncall handoff edit` in an editor that does what a test says: what it is given, and what becomes of it."""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.journal import SqliteJournal
from secops_oncall.sandbox import cast
from secops_oncall.streams import Streams
from tests.cli.conftest import Oncall, Ran, Screen, Served, two_lines

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the editor's line is read as a shell's")
CANARY, NEXT = "acme-security/operations#103", "acme-security/operations#104"
KEY = "acme-security/operations#101"
Edit = Callable[..., Ran]
HEADINGS = [
    "Issue Summary",
    "Related Issues",
    "Who's Engaged",
    "Active Zoom Bridge",
    "Slack Channel(s)/Thread(s)",
    "Next Steps",
]


def editor(folder: Path, body: str) -> str:
    """An editor that does something to the text, and keeps what it was given as `seen`."""
    script = folder / "editor.py"
    lines = ["import os, shutil, signal, sys, time", "from pathlib import Path", "file = Path(sys.argv[1])"]
    lines += ["text = file.read_bytes().decode()", f"Path({str(folder / 'seen')!r}).write_text(text)"]
    script.write_text("\n".join([*lines, body, "file.write_bytes(text.encode())"]), "utf-8")
    return f"{sys.executable} '{script}'"


def put(heading: str, words: str) -> str:
    """What an editor does that writes words below a heading."""
    before, after = f"{heading}\n", f"{heading}\n{words}\n"
    return f"assert {before!r} in text\ntext = text.replace({before!r}, {after!r}, 1)"


def events(oncall: Oncall) -> list[dict[str, Any]]:
    """The edits that the journal holds."""
    journals = [SqliteJournal(path) for path in oncall.state.rglob("journal.db")]
    return [{"subject": each.subject, **each.data} for one in journals for each in one.events("handoff_field")]


def said(oncall: Oncall, **environ: Any) -> Any:
    return oncall("handoff", "edit", "4117", "-n", "--real", "--json", **environ).json


def drafts(oncall: Oncall) -> list[Path]:
    return [path for path in (oncall.state / "drafts").rglob("*") if path.is_file()]


@pytest.fixture
def edit(oncall: Oncall, tmp_path: Path) -> Edit:
    """`edit("text = text.replace(…)", "4117")` is the command with somebody at the keyboard and such an editor."""

    def start(body: str, *arguments: str, command: tuple[str, ...] = ("handoff", "edit"), **environ: Any) -> Ran:
        world = {**os.environ, "ONCALL_STATE_DIR": str(oncall.state), "ONCALL_SANDBOX": "1", "COLUMNS": "200"}
        world |= {"TERM": "xterm", "EDITOR": editor(tmp_path, body), **environ}
        out, err = Screen(), io.StringIO()
        app = App(world, Streams(out, err, Screen(), environ=world), lambda: oncall.now)
        try:
            code = run([*command, *arguments], app)
        finally:
            app.close()
        told = [line for line in err.getvalue().splitlines(keepends=True) if not line.startswith("! unacked: ")]
        return Ran(code, out.getvalue(), "".join(told), None)

    return start


def test_it_has_the_six_headings_with_what_is_known_and_only_changes_are_kept(
    edit: Edit, oncall: Oncall, tmp_path: Path
) -> None:
    oncall("handoff", "edit", "4112", "--state", "key revoked", "--next", "tell legal | Dana | 2h")
    ran = edit("text = text.replace('key revoked', 'key is dead\\n\\n# for good')", "4112")
    assert (ran.code, ran.err) == (0, f"✓ kept for {KEY}: State now\n")
    assert "  State       key is dead\n              # for good\n" in ran.out
    assert events(oncall)[-1] == {"subject": KEY, "state": "key is dead\n\n# for good", "pages": ["Q1LEAKEDKEY0005"]}
    seen = (tmp_path / "seen").read_text()
    assert [line[3:] for line in seen.splitlines() if line.startswith("## ")] == HEADINGS
    for fact in (
        "> page 4112 (acknowledged, high, P2, Secret Detection): Leaked key",
        "> owner: Ana Ferreira (acked ",
        "> acme-security/engineering#204, open, ben: Secret scanner",
        "> Ben Okafor\n",
        "> https://example.zoom.us/j/98765432100\n",
        "\n- [ ] tell legal | Dana Cohen | 2026-11-23 16:07 UTC\n",
    ):
        assert fact in seen
    assert drafts(oncall) == []


def test_a_text_that_is_left_as_it_was_changes_nothing(edit: Edit, oncall: Oncall) -> None:
    ran = edit("", "4112")
    assert (ran.code, ran.err, events(oncall)) == (0, "Nothing changed.\n", [])


def test_what_is_unticked_in_the_issue_stands_there_as_it_could_be_typed(edit: Edit, oncall: Oncall) -> None:
    edit("text = text.replace('> - [ ] tell the mobile team', '- [ ] tell the mobile team')", "4112")
    (kept,) = events(oncall)
    assert kept["next_steps"][0]["action"] == "tell the mobile team to rotate what the key could read"


def test_a_text_of_another_system_and_of_any_length_is_read_back(edit: Edit, oncall: Oncall) -> None:
    words = "'word ' * 20000 + '\\n```\\n\\\\## Next Steps\\n```'"
    edit(f"{put('### State now', 'W')}\ntext = text.replace('W\\n', {words} + '\\n').replace('\\n', '\\r\\n')", "4117")
    found = said(oncall)
    assert found["state"] == ("word " * 20000).strip() + "\n```\n## Next Steps\n```"
    assert (found["summary"], found["next_steps"]) == ("", [])


def test_a_whole_text_without_one_incident_leaves_that_as_it_was(edit: Edit, oncall: Oncall) -> None:
    oncall("handoff", "edit", "4117", "--state", "old")
    cut = f"at, end = text.index('\\n# {CANARY}'), text.index('\\n# {NEXT}')\ntext = 'mine\\n' + text[:at] + text[end:]"
    ran = edit(
        f"assert text.count('## Next Steps') == 10\n{cut}\n{put('### Posture: stable, watch or active', 'Watch')}",
        "--editor",
    )
    assert ran.code == 0
    assert f"! {CANARY}: it is not in the text any more, and nothing of it was changed\n" in ran.err
    assert "! what stands before the first incident belongs to none: mine\n" in ran.err
    assert events(oncall)[1:] == [{"subject": NEXT, "posture": "watch", "pages": ["Q1MISSEDEDR0004"]}]
    assert NEXT in ran.out
    assert CANARY not in ran.out


def test_what_can_not_be_read_is_kept_as_it_was_typed(edit: Edit, oncall: Oncall) -> None:
    steps = put("## Next Steps", "- [ ] look | ben | soon\n- [ ] ask | Zoe | 15:00 UTC\n- [ ] call | Dana | in 2h")
    ran = edit(f"{steps}\n{put('### Confidence: low, medium or high', 'rather high')}", "4117")
    assert ran.code == 0
    assert "'soon' is no time: it is kept among the words of 'look | soon'" in ran.err
    assert "'rather high' is none of low, medium, high: it is kept, and lint refuses it" in ran.err
    (kept,) = events(oncall)
    assert kept["confidence"] == "rather high"
    assert [tuple(step.values()) for step in kept["next_steps"]] == [
        ("look | soon", "Ben Okafor", None),
        ("ask", "Zoe", "2026-11-23T15:00:00+00:00"),
        ("call", "Dana Cohen", "2026-11-23T16:07:00+00:00"),
    ]


def test_a_step_that_is_ticked_is_done(edit: Edit, oncall: Oncall) -> None:
    oncall("handoff", "edit", "4117", "--next", "one", "--next", "two")
    edit("text = text.replace('- [ ] one', '- [x] one')", "4117")
    assert [step["action"] for step in said(oncall)["next_steps"]] == ["two"]


@pytest.mark.parametrize(
    ("end", "why"), [("sys.exit(3)", "failed: it ended with 3"), ("os.kill(os.getpid(), 9)", "was ended by SIGKILL")]
)
def test_an_editor_that_fails_keeps_the_draft_and_says_where(edit: Edit, oncall: Oncall, end: str, why: str) -> None:
    ran = edit(f"{put('### State now', 'half of it')}\nfile.write_bytes(text.encode())\n{end}", "4117")
    (draft,) = drafts(oncall)
    assert (ran.code, two_lines(ran.err), events(oncall)) == (130, True, [])
    assert why in ran.err
    assert f"what was written is kept in {draft}" in ran.err
    assert "half of it" in draft.read_text()
    assert edit("", "4117").err.startswith(f"an earlier draft is in {draft}\n")


@pytest.mark.parametrize("body", ["text = ''", "text = '\\n \\n'"])
def test_an_empty_text_is_a_change_of_mind(edit: Edit, oncall: Oncall, body: str) -> None:
    oncall("handoff", "edit", "4117", "--state", "old")
    ran = edit(body, "4117")
    assert (ran.code, two_lines(ran.err), said(oncall)["state"]) == (130, True, "old")


def test_what_can_not_be_kept_is_printed(edit: Edit, oncall: Oncall) -> None:
    oncall("handoff", "edit", "4117", "--tried", "x")
    (path,) = oncall.state.rglob(f"{cast.PEOPLE[cast.ME].pagerduty}/journal.db")
    gone = (
        f"journal = Path({str(path)!r})\nfor each in journal.parent.glob('journal.db*'): each.unlink()\njournal.mkdir()"
    )
    ran = edit(f"{put('### State now', 'precious')}\n{gone}", "4117")
    assert (ran.code, ran.err.startswith("! what was written is not kept; it was:\n")) == (3, True)
    assert "### State now\nprecious\n" in ran.out


def test_a_dry_run_keeps_nothing(edit: Edit, oncall: Oncall) -> None:
    ran = edit(put("### State now", "what if"), "4117", "-n")
    assert (ran.code, events(oncall)) == (0, [])
    assert ran.err == f"{CANARY}: would change: State now; not kept: this is a dry run\n"
    assert "State       what if\n" in ran.out


def test_what_another_terminal_says_meanwhile_stays_and_of_two_words_on_a_field_the_last_one_wins(
    edit: Edit, oncall: Oncall, served: Served, tmp_path: Path
) -> None:
    environ = served.environ()
    oncall("handoff", "edit", "4117", "--state", "old", **environ)
    opened, said_there = tmp_path / "seen", tmp_path / "said"

    def other() -> None:
        until = time.monotonic() + 20
        while not opened.exists() and time.monotonic() < until:
            time.sleep(0.01)
        oncall("handoff", "edit", CANARY, "--state", "theirs", "--tried", "theirs", "--next", "theirs", **environ)
        said_there.touch()

    terminal = Thread(target=other)
    terminal.start()
    wait = f"while not os.path.exists({str(said_there)!r}): time.sleep(0.01)"
    ran = edit(f"{wait}\ntext = text.replace('old', 'mine')", "4117", **environ)
    terminal.join()
    assert ran.code == 0
    assert f"! {CANARY}: State now: yours is the last word; meanwhile it was said: theirs\n" in ran.err
    found = said(oncall, **environ)
    assert (found["state"], found["tried"], found["next_steps"][0]["action"]) == ("mine", "theirs", "theirs")


def test_in_an_outage_it_opens_with_what_is_known_and_says_so(
    edit: Edit, oncall: Oncall, served: Served, tmp_path: Path
) -> None:
    environ = served.environ()
    oncall("ack", "4117", **environ)
    oncall("handoff", "edit", "Q1CANARYTOKEN01", "--tried", "before it", **environ)
    served.fail("*", "/pagerduty/", 503, times=-1)
    served.fail("*", "/gitlab/", 503, times=-1)
    ran = edit(put("### State now", "during it"), "4117", **environ)
    assert (ran.code, ": the text has what is known without it\n" in ran.err) == (0, True)
    assert "page 4117 is taken as it was typed" in (tmp_path / "seen").read_text()
    assert events(oncall)[-1] == {"subject": "Q1CANARYTOKEN01", "state": "during it"}


def test_with_gitlab_down_the_pages_are_there_and_it_is_said(
    edit: Edit, oncall: Oncall, served: Served, tmp_path: Path
) -> None:
    served.fail("*", "/gitlab/", 503, times=-1)
    ran = edit(put("### State now", "fine"), "4117", **served.environ())
    assert (ran.code, ran.err.startswith("! GitLab")) == (0, True)
    assert "> GitLab could not be read: what it knows is missing here" in (tmp_path / "seen").read_text()
    assert events(oncall) == [{"subject": "Q1CANARYTOKEN01", "state": "fine"}]
    assert edit("", "--editor", **served.environ()).code == 7, "not all of it can be there"


def test_an_incident_that_the_hand_off_has_not_is_opened_with_a_word_about_it(edit: Edit, oncall: Oncall) -> None:
    ran = edit(put("### State now", "fine"), "acme-security/operations#40")
    assert (ran.code, "names no page" in ran.err) == (0, True)
    assert events(oncall) == [{"subject": "acme-security/operations#40", "state": "fine"}]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("99999", 5),
        ("acme-security/operations#99999", 5),
        ("what", 2),
        ("https://x.pagerduty.com/incidents/Q1CANARYTOKEN01", 5),
    ],
)
def test_what_is_not_there_opens_nothing(edit: Edit, tmp_path: Path, name: str, code: int) -> None:
    ran = edit("", name)
    assert (ran.code, two_lines(ran.err), (tmp_path / "seen").exists()) == (code, True, False)


def test_json_is_the_incident_s_and_of_all_of_them_a_list(edit: Edit) -> None:
    assert json.loads(edit(put("### State now", "fine"), "4117", "--json").out)["state"] == "fine"
    told = json.loads(edit(put("### State now", "fine"), "--editor", "--json").out)
    assert len(told) == 10


def test_an_update_stays_as_a_draft_until_it_is_in_both_places(edit: Edit, oncall: Oncall) -> None:
    oncall("sandbox", "fail", "POST", "notes|chat.post", "--status", "503", "--times", "2")
    typed = {"command": ("incident", "update", "--page", "4111", "--yes")}
    ran = edit("text = 'the key is revoked'", **typed)
    (draft,) = drafts(oncall)
    assert ran.code != 0
    assert f"what was written is kept in {draft}\n" in ran.err
    assert draft.read_text() == "the key is revoked"
    draft.unlink()
    assert edit("text = 'the key is revoked'", **typed).code == 0
    assert drafts(oncall) == []
