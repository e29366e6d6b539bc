"""A hand-off as Ana has posted it, for Chen to take over: what the tests of accepting begin with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from secops_oncall.domain.issues import GitLabUser, Issue, IssueNote, IssueQuery
from secops_oncall.domain.marks import Mark, issue_key
from secops_oncall.domain.people import Me, OnCall, Person
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.receiving import Inbox
from tests.fakes import ME, NOW, FakeGitLab, FakePagerDuty, an_issue
from tests.workflows.desks import ROLES

PROJECT, WORK = "acme/on-call", "acme/operations"
TITLE = "On-Call Handover 2026-11-23 02:00/14:00 UTC (Weekday 12 h)"
SHIFT = "engineer/PANA001/2026-11-23T02:00:00Z"
ANA, CHEN = ME.person, Person("PCHEN03", "Chen Wei", "chen@example.com")
CHEN_ME = Me(CHEN.id, CHEN.name, "chen@example.com", "Asia/Singapore", ("PTSECOP",))
CHEN_USER = GitLabUser(13, "chen", "Chen Wei")
PEOPLE = {"ana": "ana@example.com", "ben": "ben@example.com", "chen": "chen@example.com"}
SETTINGS = HandoffSettings(
    ROLES, "https://gitlab.example.com", (IssueQuery(WORK, "project", ("incident",)),), people=PEOPLE, bot="oncall-bot"
)
NOTE = """## Hand-off: @ana → @chen, 2026-11-23 14:00 UTC
**Owner (unchanged):** @ana (acked 12:05 UTC) | **Acting until accepted:** @ana | **Posture:** watch

* **Issue Summary**: Leaked key
  - State now: the key is dead
  - Tried / ruled out: rotated it
  - Confidence: high
* **Next Steps**:
  - [ ] read the CloudTrail logs, @ben, by 2026-11-23 15:00 UTC
  - If a call comes, then page me"""
TEXT = "**@ana → @chen**: weekday shift\n\n## Start here\n\n* Leaked key, [acme/operations#101](<{url}>): read the logs"


def at(minutes: float) -> datetime:
    """So many minutes before NOW."""
    return NOW - timedelta(minutes=minutes)


def an_incident(iid: int = 101, **more: Any) -> Issue:
    return an_issue(f"{WORK}#{iid}", "Filed for Q1LEAKEDKEY0005", minutes=128, **more)


def a_handover(minutes: int = 10, *, shift: str = SHIFT, iid: int = 7, **more: Any) -> Issue:
    """Ana's hand-over issue, of so many minutes ago."""
    text = TEXT.format(url=an_incident().url)
    known: dict[str, Any] = {
        "title": TITLE,
        "author": "ana",
        "labels": (),
    }
    known |= {
        "assignees": ("ana", "chen"),
        "confidential": True,
        "mark": Mark("handover", shift, "shift"),
        "id": 900 + iid,
    }
    return an_issue(f"{PROJECT}#{iid}", text, minutes=minutes, **{**known, **more})


def a_note(
    kind: str, minutes: float, author: str = "ana", text: str = "", *, shift: str = SHIFT, id: int = 0, key: str = ""
) -> IssueNote:
    mark = Mark(kind, shift, key or issue_key(101))
    return IssueNote(id or int(10_000 - minutes), at(minutes), author, text, True, False, mark)


def posted(minutes: float = 10, **more: Any) -> IssueNote:
    return a_note("handoff", minutes, text=NOTE, **more)


def lab(*issues: Issue, notes: Mapping[str, Sequence[IssueNote]] | None = None, **more: Any) -> FakeGitLab:
    """GitLab as Chen sees it, with one incident handed off unless `issues` are others."""
    known = {f"{WORK}#101": [posted()]} if notes is None else notes
    return FakeGitLab(issues or (an_incident(), a_handover()), notes=known, **{"me": CHEN_USER, **more})


def turns(engineer: Person = CHEN) -> list[OnCall]:
    """Who is the engineer now, after Ana's shift has ended a quarter of an hour ago."""
    ended = at(15)
    return [
        OnCall(ANA, ended - timedelta(hours=12), ended, "Responder", 1, time_zone="Europe/Lisbon"),
        OnCall(engineer, ended, ended + timedelta(hours=12), "Responder", 1, time_zone="Asia/Singapore"),
    ]


def pager(engineer: Person = CHEN, **more: Any) -> FakePagerDuty:
    return FakePagerDuty(**{"me": CHEN_ME, "turns": turns(engineer), **more})


def inbox(gitlab: FakeGitLab, pagerduty: FakePagerDuty | None = None, project: str | None = PROJECT) -> Inbox:
    return Inbox(pagerduty or pager(), gitlab, SETTINGS, project)


def accepted(minutes: float, author: str = "chen", **more: Any) -> IssueNote:
    text = "* **Read-back**\n  - The state is: dead\n  - First I will: read\n  - I escalate if: a call comes"
    return a_note("readback", minutes, author, text, **more)


def edited(issue: Issue, **more: Any) -> Issue:
    return replace(issue, **more)
