"""A longer text, written in the engineer's own editor; what was written there is never lost."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from secops_oncall import folders, foreground
from secops_oncall.domain.text import quoted
from secops_oncall.errors import Cancelled, ConfigError, UsageError
from secops_oncall.streams import Streams

_USUAL = ("editor", "nano", "vi")  # Debian's choice of the machine, gh's and git's; the first that is there
_SIGNALS = {each.value: each.name for each in signal.Signals}  # but for the real-time ones
_EXPORT = "export EDITOR=nano, or whichever you like"


@dataclass(frozen=True)
class Draft:
    """What was written, its lines ended by `\\n`; it lies on the disk, too, until it is discarded."""

    text: str
    path: Path

    def leave(self, text: str) -> Path:
        """Have it lie there as this text, for whoever goes on with it later."""
        if text != self.text:
            self.path.write_text(text, "utf-8")
        return self.path

    def discard(self) -> None:
        """Forget it: it is kept elsewhere by now, or where it was to go."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def write(
    text: str, name: str, streams: Streams, environ: Mapping[str, str], drafts: Path, ending: str = ".md"
) -> Draft:
    """What the engineer has made of a text; `name` is what its file is called, `ending` what kind it is of.

    It lies below `drafts`, for this user alone: whatever ends the editor or this program leaves it there. Raises
    UsageError where nobody can write, Cancelled for an empty text and for an editor that failed, and ConfigError where
    no editor can be started or `drafts` can't be written.
    """
    if not streams.attended:
        raise UsageError("there is no terminal to write on", "give the text on the command line")
    argv = command(environ)
    stem = re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip(".-")[:60]
    for earlier in sorted(drafts.glob(f"{stem}-*/{stem}{ending}")):
        streams.say(f"an earlier draft is in {earlier}")
    draft = _draft(text, stem, drafts, ending)
    with streams.lent():
        ended = _run(argv, draft)
    written = _read(draft)
    if ended:
        raise Cancelled(f"the editor {quoted(argv[0])} {ended}", _kept(draft, written))
    if written is None:
        raise Cancelled("what the editor saved is no UTF-8 text", _kept(draft, written))
    if not written.strip():
        shutil.rmtree(draft.parent, ignore_errors=True)
        raise Cancelled("cancelled: the text is empty", "an editor in a window must wait: export EDITOR='code --wait'")
    return Draft(written, draft)


def command(environ: Mapping[str, str], platform: str = sys.platform) -> list[str]:
    """The editor and its arguments: `$VISUAL` unless the terminal is dumb, `$EDITOR`, else what the platform has.

    This is git's rule (git-var(1)), but no shell reads it: quotes group words, and only a leading `~` is expanded.
    Raises ConfigError where it can't be read, or isn't there.
    """
    dumb, windows = environ.get("TERM") == "dumb", platform == "win32"
    line = ("" if dumb else environ.get("VISUAL", "").strip()) or environ.get("EDITOR", "").strip()
    if not line:
        return [_usual(windows=windows, dumb=dumb)]
    try:
        program, *arguments = foreground.words(line, platform)
    except ValueError as error:
        raise ConfigError(f"the editor {quoted(line)} can't be read: {error}", _EXPORT) from None
    found = foreground.found(program)
    if found is None:
        raise ConfigError(f"the editor {quoted(program)} is not there, or is no program", _EXPORT)
    return [found, *arguments]


def _usual(*, windows: bool, dumb: bool) -> str:
    if windows:
        return "notepad"
    found = None if dumb else next(filter(None, map(shutil.which, _USUAL)), None)
    if found is None:
        raise ConfigError("there is no editor" + (" for a dumb terminal" if dumb else ""), _EXPORT)
    return found


def _draft(text: str, stem: str, drafts: Path, ending: str) -> Path:
    """The file to edit, in a folder of its own: what an editor puts beside it goes, or stays, with it."""
    try:
        folders.make(drafts)
        draft = Path(tempfile.mkdtemp(prefix=f"{stem}-", dir=drafts), f"{stem}{ending}")  # 0700
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        why = f"a draft can't be kept in {drafts}: {error.strerror}"
        raise ConfigError(why, "set ONCALL_STATE_DIR to a folder that you can write to") from error
    return draft


def _run(argv: list[str], draft: Path) -> str:
    """Wait until the editor has ended, and say how; nothing where all is well."""
    try:
        running = subprocess.Popen([*argv, str(draft)])  # noqa: S603 - the engineer's own program, and no shell
    except OSError as error:
        shutil.rmtree(draft.parent, ignore_errors=True)
        raise ConfigError(f"the editor {quoted(argv[0])} can't be started: {error.strerror}", _EXPORT) from None
    with foreground.keys_left_to_it():
        code = running.wait()
    if code < 0:
        return f"was ended by {_SIGNALS.get(-code, f'signal {-code}')}"
    return f"failed: it ended with {code}" if code else ""


def _read(draft: Path) -> str | None:
    """What was saved, without the mark that some editors begin with; None where it is no text."""
    if draft.exists() and not draft.is_file():
        return None
    try:
        text = draft.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        return None
    return re.sub(r"\r\n?", "\n", text).strip("\n")


def _kept(draft: Path, written: str | None) -> str:
    """Where a draft is kept, as a hint; one in which nothing was written goes."""
    others = [each for each in draft.parent.glob("*") if each != draft]  # such as what vim keeps for `vim -r`
    if written is not None and not written.strip() and not others:
        with suppress(OSError):
            shutil.rmtree(draft.parent)
        return "the same command again"
    return f"what was written is kept in {draft}"
