"""This machine as the doctor looks at it: files and folders as they lie there, and what is installed."""

import os
import platform
import shutil
import stat
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from secops_oncall import __version__, journal_file
from secops_oncall.domain.doctor_machine import FileFacts, JournalFacts
from secops_oncall.errors import ConfigError
from secops_oncall.journal import SqliteJournal

_LIBRARIES = ("typer", "pdpyras", "python-gitlab", "slack_sdk")


def file_facts(file: Path) -> FileFacts:
    """A file and its folder; a mode says nothing on Windows, nor that of a device."""
    lies = Path(os.path.realpath(file))  # of a link that leads to itself this tells, too
    link, folder = str(lies) if os.path.islink(file) else None, lies.parent
    mode = None
    with suppress(OSError):
        mode = stat.S_IMODE(file.stat().st_mode) if os.name == "posix" and file.is_file() else None
    is_fixed = os.path.isdir(folder) and not os.access(folder, os.W_OK)
    return FileFacts(str(file), os.path.exists(file), mode, link, is_fixed)  # no, where it may not look


def journal_facts(journal: SqliteJournal, mounts: Path = Path("/proc/mounts")) -> JournalFacts:
    """The journal and its place. It is only read; one that isn't there yet is sound."""
    path = journal.path
    there = journal_file.is_there(path)
    sound = not there or journal_file.is_sound(path)
    nearest = next(folder for folder in path.parents if os.path.exists(folder))
    is_fixed = not os.access(nearest, os.W_OK | os.X_OK) or (there and not os.access(path, os.W_OK))
    problem, free = None, None
    with suppress(OSError):
        free = shutil.disk_usage(nearest).free
    if sound and there:
        try:
            journal.events("")
        except ConfigError as error:
            problem = (error.message, error.hint)
    return JournalFacts(str(path), sound, is_fixed, journal_file.on_network(path, mounts), free, problem)


def versions() -> dict[str, str]:
    """What is installed, by name, and what it runs on."""
    known = {"oncall": __version__, "Python": platform.python_version()}
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            known[name] = version(name)
    return known | {"on": sys.platform}
