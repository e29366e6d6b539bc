"""PagerDuty's JSON of what hangs on one page: its log, its alerts with their details and links, its notes."""

import re
from collections.abc import Iterator
from typing import Any

from secops_oncall.clients.pagerduty_reading import is_user, named, person
from secops_oncall.domain.pages import Alert, LogEntry, PageNote
from secops_oncall.domain.refs import urls
from secops_oncall.domain.text import clean, clean_lines
from secops_oncall.domain.times import moment, parse

Json = dict[str, Any]

_ENDING = re.compile(r"_log_entry(_reference)?$")


def alert(json: Json) -> Alert:
    """One alert; `body.details` may be an object or a string, and `cef_details` is in no schema (pagerduty.md, 1.4)."""
    links = dict.fromkeys(href for _, href in _links(json))
    return Alert(
        id=clean(json["id"]),
        at=parse(json.get("created_at")),
        severity=clean(json.get("severity")) or None,
        summary=clean(json.get("summary")),
        details=_details(json),
        links=tuple(links),
        runbook=next(_runbooks(json), None),
    )


def entry(json: Json) -> LogEntry:
    """One log entry, whoever or whatever made it."""
    kind = _ENDING.sub("", clean(json["type"]))
    agent = json.get("agent") or {}
    words = [clean(json.get("summary"))]
    for more in (json.get("note"), (json.get("event_details") or {}).get("description")):
        if more and clean(more) not in words[0]:
            words.append(clean(more))
    return LogEntry(
        at=moment(json["created_at"]),
        # The specification has `acknowledgement_log_entry` in one place, the service sends `acknowledge_log_entry`.
        kind="acknowledge" if kind == "acknowledgement" else kind,
        who=named(agent) or "",
        text=": ".join(word for word in words if word),
        page=clean((json.get("incident") or {}).get("id")),
        person=person(agent) if is_user(agent) else None,
    )


def note(json: Json) -> PageNote:
    """One note on a page, its lines kept."""
    user, text = json.get("user") or {}, clean_lines(json.get("content"))
    return PageNote(moment(json["created_at"]), named(user) or "", text, clean(user.get("id")))


def _bodies(json: Json) -> list[Json]:
    body = json.get("body") or {}
    return [part for part in (body, body.get("cef_details")) if isinstance(part, dict)]


def _details(json: Json) -> dict[str, str]:
    found = (part["details"] for part in _bodies(json) if part.get("details"))
    return dict(_flat(next(found, {}), ""))


def _flat(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Details as `key: text`, what lies deeper under `key.deeper`; nothing for what is empty."""
    if isinstance(value, dict):
        for inner, more in value.items():
            yield from _flat(more, ".".join(filter(None, (key, clean(inner)))))
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for number, more in enumerate(value, 1):
            yield from _flat(more, f"{key}.{number}" if key else str(number))
    else:
        text = "\n".join(_word(each) for each in (value if isinstance(value, list) else [value]))
        if text.strip():
            yield key or "details", text


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else clean_lines(value)


def _links(json: Json) -> Iterator[tuple[str, str]]:
    """What an alert links to, with the word that the link has: contexts, and the client's own page."""
    for part in _bodies(json):
        for context in part.get("contexts") or []:
            for href in urls(clean(context.get("href") or context.get("src"))):
                yield clean(context.get("text")), href
        for href in urls(clean(part.get("client_url"))):
            yield clean(part.get("client")), href


def _runbooks(json: Json) -> Iterator[str]:
    """Links that say by their word, their address or the detail's name that they lead to a runbook."""
    named = [*_links(json), *((key, href) for key, text in _details(json).items() for href in urls(text))]
    yield from (href for word, href in named if "runbook" in f"{word} {href}".lower())
