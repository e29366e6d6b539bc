"""Domain objects as the JSON that scripts rely on."""

import json
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from secops_oncall.domain.times import iso
from secops_oncall.streams import Streams


def jsonable(value: object) -> Any:
    """A domain object as plain JSON values.

    Dataclasses lose the fields marked internal, moments become UTC with `Z`, lengths of time seconds, enums their
    values, tuples and sets lists. Raises TypeError for anything that is no value.
    """
    if value is None or (isinstance(value, (bool, int, float)) and not isinstance(value, Enum)):
        return value
    for kind, plain in _PLAIN:
        if isinstance(value, kind):
            return plain(value)
    if is_dataclass(value) and not isinstance(value, type):
        public = (each.name for each in fields(value) if not each.metadata.get("internal"))
        return {name: jsonable(getattr(value, name)) for name in public}
    raise TypeError(f"{type(value).__name__} is no value that JSON has")


def dumps(value: object, stream_is_terminal: bool) -> str:
    """A domain object as indented JSON: ASCII alone on a terminal, so that no text in it can drive it, else UTF-8.

    A lone surrogate, which UTF-8 has not got, becomes a question mark.
    """
    text = json.dumps(jsonable(value), indent=2, ensure_ascii=stream_is_terminal)
    return text.encode("utf-8", "replace").decode("utf-8")


def print_json(streams: Streams, value: object) -> None:
    """The answer as JSON."""
    streams.answer(json_for(streams, value))


def json_for(streams: Streams, value: object) -> str:
    """A domain object as the JSON for standard output; a pipe without UTF-8 gets it escaped, not maimed."""
    return dumps(value, streams.is_terminal or not streams.stdout.is_utf8)


_PLAIN: tuple[tuple[Any, Any], ...] = (
    (Enum, lambda value: jsonable(value.value)),
    (str, str),
    (datetime, iso),
    (date, date.isoformat),
    (timedelta, lambda value: int(value.total_seconds())),
    (Mapping, lambda value: {str(key): jsonable(each) for key, each in value.items()}),
    (Set, lambda value: [jsonable(each) for each in sorted(value)]),
    ((list, tuple), lambda value: [jsonable(each) for each in value]),
)
