"""What people left in the text of issues and notes: the next steps, and the calls and threads they meet in."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from secops_oncall.domain.refs import lies_on, urls
from secops_oncall.domain.times import is_told

_TASK = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ xX~])\][ \t]+(\S.*)$", re.MULTILINE)
_NAME = r"@(\w(?:[\w.-]*\w)?)"
_TIME = r"(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d?:\d\d)(?::\d\d)?[ ]?(?:UTC|Z)\b"
# A person or a time that stands between commas is said beside the step; elsewhere it is part of the sentence.
_WHO = re.compile(rf"(?:^|,)\s*{_NAME}(?:\s\([^()]*\))?\s*(?=,|$)")
_BY = re.compile(rf"(?:(?:^|,)\s*(?:by\s)?|\sby\s){_TIME}\s*(?=,|$)", re.IGNORECASE)
_MENTION = re.compile(rf"(?<![\w@./`]){_NAME}")
_WHENEVER = datetime.min.replace(tzinfo=UTC)
_MOMENT = re.compile(rf"(?<![\w:.-]){_TIME}")


@dataclass(frozen=True)
class NextStep:
    """What is to be done next, by whom and by when (absolute); None where it isn't written."""

    action: str
    who: str | None = None
    by: datetime | None = None


def next_steps(texts: Iterable[tuple[datetime, str]], names: Mapping[str, str]) -> list[NextStep]:
    """The task items of texts and their times, oldest first, that are still unticked; each once, as last written.

    `names` are people's own by their user names. A step that a later text ticks is done.
    """
    found: dict[str, NextStep] = {}
    for written, text in texts:
        for mark, words in _TASK.findall(text):
            step = _step(words.strip(), written, names)
            found.pop(step.action.casefold(), None)
            if mark == " ":
                found[step.action.casefold()] = step
    return list(found.values())


def ticked(texts: Iterable[str], names: Mapping[str, str]) -> set[str]:
    """The actions, folded, of the task items in texts that are ticked."""
    words = (words for text in texts for mark, words in _TASK.findall(text) if mark != " ")
    return {_step(each.strip(), _WHENEVER, names).action.casefold() for each in words}


def zoom_urls(text: str) -> list[str]:
    """The URLs in a text whose host is Zoom's, in order."""
    return [url for url in urls(text) if lies_on(url, "zoom.us")]


def slack_urls(text: str) -> list[str]:
    """The URLs of Slack channels and threads in a text, in order, each once."""
    found = (url for url in urls(text) if lies_on(url, "slack.com") and urlsplit(url).path.startswith("/archives/"))
    return list(dict.fromkeys(found))


def _step(words: str, written: datetime, names: Mapping[str, str]) -> NextStep:
    aside, time = _WHO.search(words), _BY.search(words)
    who, moment = aside or _MENTION.search(words), time or _MOMENT.search(words)
    by = _moment(moment[1], moment[2], written) if moment else None
    action = _WHO.sub("", words, count=1)
    action = (_BY.sub("", action, count=1) if by else action).strip(" ,")
    return NextStep(action or words, names.get(who[1], who[1]) if who else None, by)


def _moment(day: str | None, clock: str, written: datetime) -> datetime | None:
    """A time as written, in UTC; without a day the first such time after it was written."""
    try:
        moment = datetime.fromisoformat(f"{day or f'{written.astimezone(UTC):%Y-%m-%d}'}T{clock:0>5}+00:00")
    except ValueError:
        return None
    if not is_told(moment):
        return None
    return moment if day or moment >= written else moment + timedelta(days=1)
