"""Who is on call in the sandbox's PagerDuty: the turns of schedules, seen through an escalation policy."""

from collections.abc import Iterator
from datetime import datetime

from secops_oncall.domain.times import iso
from secops_oncall.sandbox.pagerduty_records import POLICY, SCHEDULE, require
from secops_oncall.sandbox.store import Document, State


def oncalls(state: State, policy: Document) -> Iterator[Document]:
    """Every on-call entry of a policy: `policy`, `level` (from 1), `schedule`, `user`, `start`, `end`.

    A person who is a level's own target is always on call: `schedule`, `start` and `end` are None (pagerduty.md, 1.5).
    """
    for level, rule in enumerate(policy["rules"], start=1):
        for target in rule["targets"]:
            place = {"policy": policy["id"], "level": level}
            if target["type"] == "user_reference":
                yield {**place, "schedule": None, "user": target["id"], "start": None, "end": None}
                continue
            for turn in require(state, SCHEDULE, target["id"])["turns"]:
                yield {**place, "schedule": target["id"], **turn}


def overlaps(turn: Document, since: str, until: str) -> bool:
    """Whether a turn and a window (ISO times, `Z`) share a moment; a window may be one moment only."""
    return (turn["start"] is None or turn["start"] <= until) and (turn["end"] is None or since < turn["end"])


def on_call(state: State, policy_id: str, level: int, at: datetime) -> list[str]:
    """The ids of the users whom a level of a policy pages at a moment."""
    moment = iso(at)
    entries = oncalls(state, require(state, POLICY, policy_id))
    users = (entry["user"] for entry in entries if entry["level"] == level and overlaps(entry, moment, moment))
    return list(dict.fromkeys(users))
