"""What this machine has to do with oncall: its configuration file, its journal, its keyring, its way to the network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secops_oncall.domain.doctor import CONFIG, Checks
from secops_oncall.domain.findings import Finding

ROOM = 100 * 2**20  # bytes on the disk, below which it is told
_OTHERS = 0o077


@dataclass(frozen=True)
class FileFacts:
    """A file as it lies there. `mode` is None where the system has none; `leads_to` is where a link leads.

    `is_fixed` says that nothing can be written to its folder.
    """

    path: str
    exists: bool
    mode: int | None = None
    leads_to: str | None = None
    is_fixed: bool = False


@dataclass(frozen=True)
class JournalFacts:
    """The journal: whether it is `sound` (True, too, where there is none yet), and what is known of its place.

    `free` is the room on its disk in bytes; `problem` is what keeps it from being used, and what to do about it.
    """

    path: str
    sound: bool = True
    is_fixed: bool = False
    on_network: bool = False
    free: int | None = None
    problem: tuple[str, str] | None = None


def configuration(checks: Checks, file: FileFacts, profile: str) -> list[Finding]:
    """The configuration file, where it can be read: for its owner alone, and where it can be written."""
    if not file.exists:
        return [checks.fine("file", f"none at {file.path}: the settings come from the environment")]
    link = f", a link to {file.leads_to}" if file.leads_to else ""
    if file.mode is not None and file.mode & _OTHERS:
        what = f"{file.path}{link}: others may look into it (mode {file.mode:04o})"
        return [checks.warning("file", what, f"chmod 600 {file.path}")]
    if file.is_fixed:
        what = f"{file.path}{link}: its folder can't be written to, so that nothing can be set"
        return [
            checks.warning("file", what, "give yourself the right to write there, or name another with --config FILE")
        ]
    mode = f" (mode {file.mode:04o})" if file.mode is not None else ""
    return [checks.fine("file", f"{file.path}{link}{mode}, profile {profile}")]


def keys(checks: Checks, unknown: Sequence[str]) -> list[Finding]:
    """What the file holds that nobody reads, each with the nearest key there is."""
    fix = "oncall config edit, and rename it or take it out"
    return [checks.warning("keys", line, fix) for line in unknown] or [checks.fine("keys", "every one is known")]


def journal(checks: Checks, facts: JournalFacts) -> Finding:
    """Whether the journal is whole, can be written, and has room."""
    if not facts.sound:
        return checks.error(
            "journal", f"{facts.path} is damaged", "oncall notes sets it aside, and begins a new one", CONFIG
        )
    if facts.problem:
        return checks.error("journal", *facts.problem, CONFIG)
    if facts.is_fixed:
        what = f"{facts.path} can't be written to"
        return checks.error("journal", what, "set ONCALL_STATE_DIR to a folder that you can write to", CONFIG)
    if facts.free is not None and facts.free < ROOM:
        what = f"{facts.path}: {facts.free // 2**20} MB are left on its disk"
        return checks.warning("journal", what, "make room on the disk")
    where = ", on a network file system" if facts.on_network else ""
    left = f", {facts.free // 2**30} GB free" if facts.free and facts.free >= 2**30 else ""
    return checks.fine("journal", f"{facts.path}: sound{where}{left}")


def keyring(checks: Checks, name: str, problem: tuple[str, str] | None, *, needed: bool) -> Finding:
    """Which keyring there is; none is well where it is not `needed`, since every token comes from the environment."""
    if problem is None:
        return checks.fine("keyring", name)
    if not needed:
        return checks.fine("keyring", "none that can be used, and none needed: the tokens come from the environment")
    return checks.warning("keyring", *problem)


def network(checks: Checks, proxies: Mapping[str, str], bundle: tuple[str | None, str]) -> Finding:
    """The proxies in force by host, and whose certificates are believed: a bundle's, and what names it."""
    ways = [f"{host} through the proxy {proxy}" for host, proxy in proxies.items()] or ["no proxy"]
    believed = f"certificates of {bundle[0]} ({bundle[1]})" if bundle[0] else "the usual certificates"
    return checks.fine("network", f"{'; '.join(ways)}; {believed}")


def versions(checks: Checks, known: Mapping[str, str]) -> Finding:
    """What is installed, by name."""
    return checks.fine("versions", ", ".join(f"{name} {version}" for name, version in known.items()))
