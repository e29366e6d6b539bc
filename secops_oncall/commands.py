"""What is known of every command without loading one: a file that `python docs/reference.py` makes from them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from secops_oncall.domain.commands import Command, parse
from secops_oncall.domain.setup import Service

FILE = Path(__file__).with_name("commands.json")


@dataclass(frozen=True)
class Key:
    """A key of the configuration: the variable that sets it, its default as TOML (empty: none), what it means."""

    variable: str
    default: str
    means: str


@dataclass(frozen=True)
class Known:
    """Every command below `root`, every setting by its key, and the variables that hold each service's token."""

    root: Command
    settings: Mapping[str, Key]
    tokens: Mapping[Service, Sequence[str]]


@cache
def known() -> Known:
    """What the file holds."""
    kept = json.loads(FILE.read_text("utf-8"))
    settings = {key: Key(*values) for key, values in kept["settings"].items()}
    return Known(parse(kept["commands"]), settings, kept["tokens"])
