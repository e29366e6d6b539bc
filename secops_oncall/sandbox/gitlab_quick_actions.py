"""What the quick actions in a text do to an issue of the sandbox's GitLab, with the rights of whoever wrote it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from secops_oncall.sandbox.gitlab_markdown import Command, commands
from secops_oncall.sandbox.gitlab_records import NUMBERS, USERS, labels_of, premium
from secops_oncall.sandbox.gitlab_requests import Caller
from secops_oncall.sandbox.store import Document, State

# What GitLab would take out of a text, too, and the sandbox has nothing to do for.
_OTHERS = (
    *(
        "add_contacts",
        "add_email",
        "award",
        "blocked_by",
        "blocks",
        "board_move",
        "clear_health_status",
        "clear_weight",
    ),
    *("clone", "convert_to_ticket", "copy_metadata", "create_merge_request", "done", "duplicate", "epic"),
    *("estimate_time", "estimate", "health_status", "iteration", "link", "milestone", "move", "page", "promote_to"),
    *("promote_to_incident", "promote", "publish", "react", "relate", "remove_contacts", "remove_due_date"),
    *("remove_email", "remove_epic", "remove_estimate", "remove_iteration", "remove_milestone", "remove_time_estimate"),
    *("remove_time_spent", "remove_zoom", "set_parent", "severity", "spend_time", "spend", "spent", "subscribe"),
    *("timeline", "todo", "type", "unlink", "unlock", "unsubscribe", "weight", "zoom"),
)
_LABEL = re.compile(r'~?"([^"]+)"|~?([^\s"]+)')
_IN_DAYS = re.compile(r"in (\d{1,4}) days?")


@dataclass
class Deed:
    """What the quick actions of one text add up to: changes as `gitlab_changes` takes them, and a word on each."""

    state: State
    project: Document
    issue: Document
    who: Caller
    at: datetime
    is_new: bool
    wanted: Document = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def may_update(self) -> bool:
        """Whether the writer may close the issue, or change its title: its author may, too."""
        return not self.is_new and self.owns

    @property
    def owns(self) -> bool:
        """Whether the writer is a member, or the issue is theirs."""
        return self.who.member or self.who.has(self.issue)

    def changes(self) -> Document:
        """The changes as GitLab shows them: labels by id, a state by what leads to it."""
        known = labels_of(self.state, self.project)
        shown: Document = {}
        for name, value in self.wanted.items():
            if name.endswith("labels"):
                shown[name.removesuffix("s") + "_ids"] = [known[label]["id"] for label in value]
            elif name == "state_event":
                shown[name] = "close" if value == "closed" else "reopen"
            else:
                shown[name] = value
        return shown


def interpret(deed: Deed, text: str) -> str:
    """The text without its quick actions, which the deed has then; what can't be done is left undone, and unsaid."""
    rest, found = commands(text, tuple(sorted([*_DO, *_OTHERS], key=len, reverse=True)))
    for command in found:
        if command.name in _DO:
            _DO[command.name](deed, command)
    return rest


def _close(deed: Deed, _: Command) -> None:
    if deed.may_update and deed.issue["state"] == "opened":
        deed.wanted["state_event"] = "closed"
        deed.said.append("Closed this issue.")


def _reopen(deed: Deed, _: Command) -> None:
    if deed.may_update and deed.issue["state"] == "closed":
        deed.wanted["state_event"] = "opened"
        deed.said.append("Reopened this issue.")


def _title(deed: Deed, command: Command) -> None:
    if deed.may_update and command.argument:
        deed.wanted["title"] = command.argument[:255]
        deed.said.append(f'Changed the title to "{command.argument}".')


def _assign(deed: Deed, command: Command) -> None:
    """`me` and logins, with or without @; one that nobody has fails the whole action."""
    words = [word for word in re.split(r"[\s,]+", command.argument) if word and word.lower() != "and"]
    names = [USERS[deed.who.number].login if word.lower() == "me" else word.lower().lstrip("@") for word in words]
    if not (deed.who.member and names):
        return
    missing = [word for word, name in zip(words, names, strict=True) if name not in NUMBERS]
    if missing:
        deed.said.append(f"Could not apply assign command. Failed to find users for {' '.join(missing)}.")
        return
    several = premium(deed.state)
    numbers = [NUMBERS[name] for name in names][: None if several else 1]
    before = ({"assignee_ids": deed.issue["assignees"]} | deed.wanted)["assignee_ids"]
    deed.wanted["assignee_ids"] = list(dict.fromkeys([*before, *numbers])) if several else numbers
    deed.said.append(f"Assigned {_people(numbers)}.")


def _unassign(deed: Deed, _: Command) -> None:
    if deed.who.member and deed.issue["assignees"]:
        deed.wanted["assignee_ids"] = []
        deed.said.append(f"Removed assignee {_people(deed.issue['assignees'])}.")


def _label(deed: Deed, command: Command) -> None:
    names = _labels(deed, command)
    if deed.who.member and names:
        deed.wanted["add_labels"] = list(dict.fromkeys([*deed.wanted.get("add_labels", []), *names]))
        deed.said.append(f"Added {_tagged(names)}.")


def _unlabel(deed: Deed, command: Command) -> None:
    if not deed.who.member or not deed.issue["labels"]:
        return
    names = _labels(deed, command)
    if not command.argument:
        deed.wanted["labels"] = []
        deed.said.append("Removed all labels.")
    elif names:
        deed.wanted["remove_labels"] = list(dict.fromkeys([*deed.wanted.get("remove_labels", []), *names]))
        deed.said.append(f"Removed {_tagged(names)}.")


def _relabel(deed: Deed, command: Command) -> None:
    names = _labels(deed, command)
    if deed.who.member and deed.issue["labels"] and names:
        deed.wanted["labels"] = names
        deed.said.append(f"Replaced all labels with {_tagged(names)}.")


def _confidential(deed: Deed, _: Command) -> None:
    if deed.owns and not deed.issue["confidential"]:
        deed.wanted["confidential"] = True
        deed.said.append("Made this issue confidential.")


def _due(deed: Deed, command: Command) -> None:
    if not deed.who.member or not command.argument:
        return
    day = _day(command.argument.lower(), deed.at.date())
    if day is None:
        deed.said.append("Failed to set due date because the date format is invalid.")
    else:
        deed.wanted["due_date"] = day.isoformat()
        deed.said.append(f"Set the due date to {day:%b} {day.day}, {day.year}.")


def _lock(deed: Deed, _: Command) -> None:
    if deed.who.member and not deed.is_new and not deed.issue["discussion_locked"]:
        deed.wanted["discussion_locked"] = True
        deed.said.append("Locked the discussion.")


_DO: dict[str, Callable[[Deed, Command], None]] = {
    "close": _close,
    "reopen": _reopen,
    "title": _title,
    "assign": _assign,
    "unassign": _unassign,
    "label": _label,
    "labels": _label,
    "unlabel": _unlabel,
    "remove_label": _unlabel,
    "relabel": _relabel,
    "confidential": _confidential,
    "due": _due,
    "lock": _lock,
}


def _labels(deed: Deed, command: Command) -> list[str]:
    """The labels that are named and exist: none is made by a quick action."""
    known = labels_of(deed.state, deed.project)
    return [name for found in _LABEL.findall(command.argument) if (name := found[0] or found[1]) in known]


def _tagged(names: list[str]) -> str:
    return f"{' '.join('~' + name for name in names)} label{'' if len(names) == 1 else 's'}"


def _people(numbers: list[int]) -> str:
    return " and ".join(f"@{USERS[number].login}" for number in numbers)


def _day(words: str, today: date) -> date | None:
    """A few of the many ways in which GitLab reads a day."""
    ahead = _IN_DAYS.fullmatch(words)
    days = {"today": 0, "tomorrow": 1}.get(words, int(ahead[1]) if ahead else None)
    try:
        return date.fromisoformat(words) if days is None else today + timedelta(days=days)
    except ValueError:
        return None
