"""Completion: what a shell that asks for it is answered, from files alone, without Typer and without a network."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from secops_oncall import config_document, offers, state
from secops_oncall.cache import Cache, digest
from secops_oncall.commands import known
from secops_oncall.domain.completing import Offer, Place, complete
from secops_oncall.domain.setup import NAMES
from secops_oncall.domain.text import clean, shorten
from secops_oncall.secrets import token_variable

ASKED = "_ONCALL_COMPLETE"  # set by the scripts that Typer makes, as are the variables below
_BREAKS = "=@:"  # where bash begins a new word, besides spaces and signs that end a command
_SAFE = re.compile(r"[\w@%+=./#,-]+")  # what no shell understands as anything but itself
_STRANGE = re.compile(r"[^\w .,:%/#@+=()-]")  # in a description: all that a shell may understand
_LIKE = str.maketrans({"'": "’", '"': "”", "`": "’", "[": "(", "]": ")", "{": "(", "}": ")", ";": ","})
_ROOM = 70  # columns of a description


def answer(environ: Mapping[str, str], clock: Callable[[], datetime]) -> tuple[str, int] | None:
    """What to print, and the exit code; None where the shell asks for what Typer itself has to answer.

    `clock` answers the time (aware, UTC).
    """
    asked = _SHELLS.get(environ[ASKED])
    if asked is None:
        return None
    read, write = asked
    words, begun, cut = read(environ)
    kept = Kept(environ, clock)
    found = [each for each in complete(known().root, words[1:], begun, kept.values) if _SAFE.fullmatch(each.value)]
    offered = [Offer(each.value[cut:], _plain(each.about)) for each in dict.fromkeys(found)]
    return write(offered, environ)


class Kept:
    """What may stand for a value, from the configuration file and from what the last lists named."""

    def __init__(self, environ: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self._environ, self._clock = environ, clock
        self._place: Place | None = None

    def values(self, kind: str, place: Place) -> Iterator[Offer]:
        """What may stand for a value that help calls so; nothing where the configuration can't be read."""
        self._place = place
        if kind == "KEY":
            yield from (Offer(key, each.means) for key, each in known().settings.items())
        elif kind == "TOPIC":
            from secops_oncall.views.topics import TOPICS

            yield from (Offer(name, about) for name, about in TOPICS.items())
        elif kind == "SERVICE":
            yield from (Offer(name, called) for name, called in NAMES.items())
        elif kind == "PROFILE":
            yield from map(
                Offer, {config_document.DEFAULT_PROFILE: "", **config_document.table(self._document, "profile")}
            )
        elif kind in offers.LISTS:
            if kind == "USER" and not self._in_sandbox:
                yield from map(Offer, self._people)
            yield from offers.kept(Cache(self._folder / "cache", self._clock), self._whose, kind)

    @cached_property
    def _in_sandbox(self) -> bool:
        place = self._place
        return bool(place and "--sandbox" in place.options) or config_document.truthy(self._environ, "ONCALL_SANDBOX")

    @cached_property
    def _folder(self) -> Path:
        """Where the state lies of the profile and the PagerDuty that the words mean; as `world` finds it."""
        if self._in_sandbox:
            return state.root(self._environ) / "sandbox"
        url = config_document.pagerduty_url(self._environ, self._file, config_document.default_file(), self._profile)
        return state.host_folder(self._environ, config_document.profile_name(self._environ, self._profile), url)

    @property
    def _whose(self) -> str:
        """Whose lists they are: as `world` has it, but that a keyring is never asked."""
        if self._in_sandbox:
            return ""
        if name := token_variable("pagerduty", self._environ):
            return digest(self._environ[name].strip())
        return state.kept_key(self._folder, self._clock) or digest("")

    @property
    def _people(self) -> dict[str, Any]:
        name = config_document.profile_name(self._environ, self._profile)
        return config_document.table(config_document.overlay(self._document, name, Path("config.toml")), "people")

    @cached_property
    def _document(self) -> dict[str, Any]:
        return config_document.read(self._environ, self._file, config_document.default_file())[1]

    @property
    def _file(self) -> Path | None:
        named = self._place.value("--config") if self._place else None
        return Path(named).expanduser() if named else None

    @property
    def _profile(self) -> str | None:
        return self._place.value("--profile") if self._place else None


def _plain(text: str) -> str:
    """A description that no shell understands anything of, whatever it was made from."""
    return shorten(" ".join(_STRANGE.sub("", clean(text).translate(_LIKE)).split()), _ROOM)


def _split(line: str) -> list[str]:
    """A command line's words, without their quotes; the last one may still lack its closing quote."""
    words, lexer = list[str](), shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words.extend(lexer)
    except ValueError:
        words.append(lexer.token)
    return words


def _bash(environ: Mapping[str, str]) -> tuple[list[str], str, int]:
    """The words, the begun one, and how much of it bash leaves as it is: `--output=` before what it completes.

    Typer's script has a line for each word; one of somebody's own may have spaces between them.
    """
    place, line = int(environ["COMP_CWORD"]), environ["COMP_WORDS"]
    typed = [*(line.split("\n") if "\n" in line else _split(line)), ""][: place + 1]
    joined: list[str] = []
    glued = False
    for word in typed:
        breaks = bool(word) and not word.strip(_BREAKS)
        if joined and (breaks or glued):
            joined[-1] += word
        else:
            joined.append(word)
        glued = breaks
    last = "" if not typed[-1].strip(_BREAKS) else typed[-1]
    words = [" ".join(_split(word)) for word in joined]
    return words[:-1], words[-1], max(len(words[-1]) - len(last), 0)


def _line(environ: Mapping[str, str]) -> tuple[list[str], str, int]:
    """The words and the begun one, of zsh and fish."""
    line = environ.get("_TYPER_COMPLETE_ARGS", "")
    words = _split(line)
    begun = words.pop() if len(words) > 1 and not line.endswith(" ") else ""
    return words, begun, 0


def _power_shell(environ: Mapping[str, str]) -> tuple[list[str], str, int]:
    begun = environ.get("_TYPER_COMPLETE_WORD_TO_COMPLETE", "")
    words = _split(environ.get("_TYPER_COMPLETE_ARGS", ""))
    return (words[:-1] if begun else words), begun, 0


def _for_bash(found: Iterable[Offer], environ: Mapping[str, str]) -> tuple[str, int]:
    return "\n".join(each.value for each in found), 0


def _for_zsh(found: Iterable[Offer], environ: Mapping[str, str]) -> tuple[str, int]:
    """What zsh evaluates, and again inside: a colon ends the value, unless both times it is escaped."""
    colon = r"\\:"
    every = [f'"{each.value}"' + (f':"{each.about.replace(":", colon)}"' if each.about else "") for each in found]
    return ("_arguments '*: :((" + "\n".join(every) + "))'" if every else "_files"), 0


def _for_fish(found: Iterable[Offer], environ: Mapping[str, str]) -> tuple[str, int]:
    """Lines of value and description; asked first whether there is anything, else fish offers files."""
    every = [f"{each.value}\t{each.about}".rstrip("\t") for each in found]
    if environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        return "", 0 if every else 1
    return "\n".join(every), 0


def _for_power_shell(found: Iterable[Offer], environ: Mapping[str, str]) -> tuple[str, int]:
    return "\n".join(f"{each.value}:::{each.about or ' '}" for each in found), 0


_SHELLS = {
    "complete_bash": (_bash, _for_bash),
    "complete_zsh": (_line, _for_zsh),
    "complete_fish": (_line, _for_fish),
    "complete_powershell": (_power_shell, _for_power_shell),
    "complete_pwsh": (_power_shell, _for_power_shell),
}
