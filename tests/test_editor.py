"""The editor: the engineer's own, without a shell between, and a draft that outlives whatever goes wrong."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path

import pytest

from secops_oncall.editor import command, write
from secops_oncall.errors import Cancelled, ConfigError, UsageError
from secops_oncall.streams import Streams

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the editors are shell scripts")
Editor = Callable[..., str]


class Tty(StringIO):
    def isatty(self) -> bool:
        return True


def streams(err: StringIO | None = None, *, no_input: bool = False) -> Streams:
    return Streams(Tty(), err or StringIO(), Tty(), no_input=no_input)


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    return tmp_path / "state" / "drafts"


@pytest.fixture
def editor(tmp_path: Path, drafts: Path) -> Editor:
    """`editor("echo hi > $1", "the text before")` is what comes back from an editor that does that."""

    def run(body: str, text: str = "", name: str = "note") -> str:
        return edit(text, name, streams(), {"EDITOR": f"'{script(tmp_path / 'my editor', body)}'"}, drafts)

    return run


def edit(text: str, name: str, streams: Streams, environ: Mapping[str, str], drafts: Path) -> str:
    """What comes back, and nothing more of it."""
    draft = write(text, name, streams, environ, drafts)
    draft.discard()
    return draft.text


def kept(drafts: Path) -> list[str]:
    return [path.read_text("utf-8") for path in sorted(drafts.rglob("*.md"))]


def test_what_was_saved_comes_back_and_nothing_is_left(editor: Editor, drafts: Path) -> None:
    assert editor('printf "%s" "$(cat "$1") and more" > "$1"; cp "$1" "$1~"', "what I saw") == "what I saw and more"
    assert list(drafts.iterdir()) == []


def test_what_was_saved_stays_until_it_is_kept_elsewhere(tmp_path: Path, drafts: Path) -> None:
    asking = script(tmp_path / "e", 'printf "%s" words > "$1"')
    draft = write("", "note", streams(), {"EDITOR": asking}, drafts)
    assert (draft.text, kept(drafts), [draft.path]) == ("words", ["words"], list(drafts.rglob("*.md")))
    draft.discard()
    assert list(drafts.iterdir()) == []


def test_the_draft_is_for_this_user_alone(editor: Editor, tmp_path: Path, drafts: Path) -> None:
    old = os.umask(0)
    try:
        told = editor(
            'stat -c %a "$1" "$(dirname "$1")" > "$1.x"; echo "$1" >> "$1.x"; mv "$1.x" "$1"', "x", "note: 王/.."
        )
    finally:
        os.umask(old)
    assert told.split("\n")[:2] == ["600", "700"]
    assert Path(told.split("\n")[2]).parent.parent == drafts
    assert drafts.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("saved", "read"),
    [(r"a\r\nb\rc\n\n", "a\nb\nc"), (r"\357\273\277first", "first"), (r"\n\n  indented\n", "  indented")],
    ids=["line ends", "byte order mark", "blank lines around"],
)
def test_the_marks_of_other_systems_are_gone(editor: Editor, saved: str, read: str) -> None:
    assert editor(f'printf "{saved}" > "$1"') == read


def test_a_text_left_as_it_was_is_that_text(editor: Editor) -> None:
    assert editor("true", "as it was") == "as it was"


@pytest.mark.parametrize("body", ["true", 'echo > "$1"', 'rm "$1"', "exit 3"])
def test_an_empty_text_is_a_change_of_mind_and_leaves_nothing(editor: Editor, drafts: Path, body: str) -> None:
    with pytest.raises(Cancelled):
        editor(body)
    assert list(drafts.iterdir()) == []


@pytest.mark.parametrize(
    ("end", "said"), [("exit 3", "failed: it ended with 3"), ("kill -9 $$", "was ended by SIGKILL")], ids=["3", "kill"]
)
def test_an_editor_that_fails_leaves_the_draft_and_the_error_says_where(
    editor: Editor, drafts: Path, end: str, said: str
) -> None:
    with pytest.raises(Cancelled) as failed:
        editor(f'echo "half an hour of work" > "$1"; {end}')
    assert failed.value.message.endswith(said)
    (draft,) = drafts.rglob("*.md")
    assert failed.value.hint == f"what was written is kept in {draft}"
    assert (draft.read_text(), draft.stat().st_mode & 0o777) == ("half an hour of work\n", 0o600)


def test_what_the_editor_itself_would_recover_from_is_kept(editor: Editor, drafts: Path) -> None:
    with pytest.raises(Cancelled) as failed:
        editor('echo "typed, and not saved" > "$(dirname "$1")/.note.md.swp"; kill -9 $$')
    assert "is kept in" in failed.value.hint
    assert [path.name for path in drafts.glob("*/.*")] == [".note.md.swp"]


def test_what_is_no_text_is_kept_as_it_is(editor: Editor, drafts: Path) -> None:
    with pytest.raises(Cancelled, match="no UTF-8"):
        editor(r'printf "caf\351" > "$1"')
    assert [path.read_bytes() for path in drafts.rglob("*.md")] == [b"caf\xe9"]


@pytest.mark.parametrize("body", ["rm $1; mkdir $1", "rm $1; mkfifo $1", "rm $1; mkdir $1; exit 1"])
def test_what_is_no_file_any_more_is_left_as_it_is(editor: Editor, body: str) -> None:
    with pytest.raises(Cancelled, match=r"no UTF-8 text|ended with 1") as caught:
        editor(body)
    assert "is kept in " in caught.value.hint


def test_an_editor_that_takes_its_folder_away_or_ends_strangely(editor: Editor) -> None:
    with pytest.raises(Cancelled, match="ended with 1") as caught:
        editor("rm -r $(dirname $1); exit 1")
    assert caught.value.hint == "the same command again"
    with pytest.raises(Cancelled, match="was ended by signal 35"):
        editor("kill -35 $$")


def test_a_program_that_dies_in_the_meantime_leaves_the_draft_which_the_next_one_names(
    tmp_path: Path, drafts: Path
) -> None:
    slow = script(tmp_path / "slow", 'echo "saved" > "$1"; echo ready; sleep 0.3; echo "saved later" > "$1"')
    program = f"""
import sys
from pathlib import Path
from tests.test_editor import edit, streams
edit("", "note", streams(), {{"EDITOR": {slow!r}}}, Path({str(drafts)!r}))
"""
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert running.stdout and running.stdout.readline() == "ready\n"
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=10)
    until = time.monotonic() + 10
    while kept(drafts) != ["saved later\n"] and time.monotonic() < until:
        time.sleep(0.02)
    assert kept(drafts) == ["saved later\n"]
    err = StringIO()
    edit("x", "note", streams(err), {"EDITOR": script(tmp_path / "quick", "true")}, drafts)
    (draft,) = drafts.rglob("*.md")
    assert err.getvalue() == f"an earlier draft is in {draft}\n"


def test_ctrl_c_is_the_editors_own(tmp_path: Path, drafts: Path) -> None:
    """The terminal sends it to both; the editor has the signal as every program has it by default."""
    body = "import os, signal, sys; os.kill(os.getppid(), signal.SIGINT); open(sys.argv[1], 'w').write('after it')"
    asking = f'{sys.executable} -c "{body}; signal.getsignal(signal.SIGINT) or sys.exit(9)"'
    time_out = signal.getsignal(signal.SIGINT)
    assert edit("", "note", streams(), {"EDITOR": asking}, drafts) == "after it"
    assert signal.getsignal(signal.SIGINT) is time_out


def test_no_shell_reads_the_setting(tmp_path: Path, drafts: Path) -> None:
    echo = script(tmp_path / "echo", 'for last; do :; done; printf "%s\\n" "$@" > "$last"')
    told = edit("", "note", streams(), {"EDITOR": f"{echo} $(touch {tmp_path}/owned) '; x' `id` $HOME"}, drafts)
    assert told.split("\n")[:-1] == ["$(touch", f"{tmp_path}/owned)", "; x", "`id`", "$HOME"]
    assert not (tmp_path / "owned").exists()


def test_visual_goes_before_editor_but_on_a_dumb_terminal(tmp_path: Path) -> None:
    one, other = script(tmp_path / "one", ""), script(tmp_path / "other", "")
    both = {"VISUAL": f"{one} -w", "EDITOR": other}
    assert command(both) == [one, "-w"]
    assert command({**both, "TERM": "dumb"}) == [other]
    assert command({**both, "VISUAL": " "}) == [other]


def test_without_a_setting_it_is_the_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="there is no editor"):
        command({})
    script(tmp_path / "vi", "")
    assert command({}) == [str(tmp_path / "vi")]
    script(tmp_path / "nano", "")
    assert command({}) == [str(tmp_path / "nano")]
    assert command({}, "win32") == ["notepad"]
    with pytest.raises(ConfigError, match="dumb terminal"):
        command({"TERM": "dumb"})


def test_a_windows_path_keeps_its_backslashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = r"C:\Program Files\Notepad++\notepad++.exe"
    monkeypatch.setenv("PATH", str(tmp_path))
    script(tmp_path / name, "")
    assert command({"EDITOR": f'"{name}" -multiInst "-titleAdd=a b"'}, "win32")[1:] == ["-multiInst", "-titleAdd=a b"]


@pytest.mark.parametrize("line", ["no-such-editor", "/etc/passwd", "'unclosed", '""', "\x1b[2J"])
def test_an_editor_that_is_none_is_said(drafts: Path, line: str) -> None:
    with pytest.raises(ConfigError) as refused:
        edit("x", "note", streams(), {"EDITOR": line}, drafts)
    assert refused.value.hint.startswith("export EDITOR=")
    assert not drafts.exists()


def test_one_that_can_not_be_started_leaves_nothing(tmp_path: Path, drafts: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    with pytest.raises(ConfigError, match="can't be started"):
        edit("x", "note", streams(), {"EDITOR": str(broken)}, drafts)
    assert list(drafts.iterdir()) == []


def test_where_nobody_can_write_nothing_is_started(tmp_path: Path, drafts: Path) -> None:
    for nobody in (streams(no_input=True), Streams(StringIO(), StringIO(), Tty()), Streams(Tty(), StringIO(), None)):
        with pytest.raises(UsageError, match="no terminal"):
            edit("x", "note", nobody, {"EDITOR": script(tmp_path / "e", f"touch {tmp_path}/started")}, drafts)
    assert not (tmp_path / "started").exists()


def test_drafts_that_can_not_be_kept_are_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(ConfigError, match="a draft can't be kept") as refused:
        edit("x", "note", streams(), {"EDITOR": "true"}, tmp_path / "state" / "drafts")
    assert "ONCALL_STATE_DIR" in refused.value.hint
