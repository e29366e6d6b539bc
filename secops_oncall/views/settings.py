"""Settings as people and scripts read them."""

from collections.abc import Sequence

from secops_oncall.domain.settings import Setting
from secops_oncall.streams import Streams
from secops_oncall.views.jsonable import print_json
from secops_oncall.views.table import Column, Field, Listing, Output, print_list


def print_settings(streams: Streams, settings: Sequence[Setting], output: Output) -> None:
    """Print settings; in TSV and CSV a value is what `oncall config set` takes."""
    print_list(streams, _LISTING, settings, output)


def print_setting(streams: Streams, setting: Setting, output: str) -> None:
    """Print one value and nothing else, a list one a line; nothing at all where it is not set."""
    if output == "json":
        return print_json(streams, setting)
    values = setting.value if isinstance(setting.value, tuple) else (setting.value,)
    for value in values:
        if value is not None:
            streams.answer(spelt(value))
    return None


def spelt(value: object) -> str:
    """A value as it is typed: a list comma-separated, `true` and `false`, nothing for what is not set."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quiet(setting: Setting) -> str:
    return "dim" if setting.source == "default" else ""


_LISTING = Listing[Setting](
    lambda setting: setting.key,
    (
        Field("key", lambda setting: setting.key),
        Field("value", lambda setting: spelt(setting.value)),
        Field("source", lambda setting: setting.source),
    ),
    (
        Column("setting", lambda setting: setting.key),
        Column("value", lambda setting: spelt(setting.value) or "–", least=20),
        Column("from", lambda setting: setting.source, _quiet, least=8, drop=1),
        Column("meaning", lambda setting: setting.meaning, lambda _: "dim", least=30, drop=2),
    ),
    "No settings.",
)
