"""A finished hand-off, as the docs show it: a leaked key to watch, and a phishing mail with one step left."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.events import Event, filed
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.handoff import Background, Handoff, write
from secops_oncall.domain.issues import IssueNote, LinkedIssue
from secops_oncall.domain.lint import Context, linted
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import PageDetail, PendingAction
from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.previous import Previous, ReadBack
from secops_oncall.domain.reviews import ended, verdict
from secops_oncall.domain.rota import Rota
from secops_oncall.domain.said import Said
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.traces import NextStep
from tests.fakes import NOW, a_page, an_entry, an_issue

GITLAB = "https://gitlab.example.com"
ANA, BEN, CHEN, DANA, EVA = (
    Person(id, name, f"{name.split()[0].lower()}@example.com")
    for id, name in (
        ("PANA001", "Ana Ferreira"),
        ("PBEN002", "Ben Okafor"),
        ("PCHEN03", "Chen Wei"),
        ("PDANA04", "Dana Cohen"),
        ("PEVA005", "Eva Lindqvist"),
    )
)
PEOPLE = {(person.email or "").partition("@")[0]: person for person in (ANA, BEN, CHEN, DANA, EVA)}
HANDLES = Handles(
    {person.email or "": user for user, person in PEOPLE.items()},
    {person.email or "": f"U0{user.upper()}" for user, person in PEOPLE.items()},
)
EVERYWHERE = Destinations("acme/handovers", "#secops", handles=HANDLES)
START, END = NOW - timedelta(hours=12), NOW
UNTIL = END - timedelta(minutes=40)  # when it is written
SHIFT = Shift("engineer/PANA001/2026-11-23T02:00:00Z", START, END, "weekday", "engineer", ANA, "Security Responder")
BEFORE = "engineer/PEVA005/2026-11-22T14:00:00Z"
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Security Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Security Responder", 2),
}
TURNS = [
    OnCall(ANA, START, END, "Security Responder", 1, time_zone="Europe/Lisbon"),
    OnCall(CHEN, END, END + timedelta(hours=24), "Security Responder", 1, time_zone="America/Los_Angeles"),
    OnCall(BEN, None, None, schedule="Backup"),
    OnCall(DANA, None, None, "Security Responder", 2),
]
LEAK, PHISH = "acme/operations#101", "acme/operations#100"


def after(hours: float) -> Any:
    """So many hours after the hand-over."""
    return END + timedelta(hours=hours)


def minutes(clock: str) -> int:
    """A time of the shift as the fakes have it: minutes before the hand-over."""
    hour, minute = map(int, clock.split(":"))
    return 14 * 60 - hour * 60 - minute


def pages() -> list[PageDetail]:
    """The pages of the shift: one to watch, one that is snoozed, and noise."""
    leak = a_page(
        "Q1LEAKEDKEY0005",
        "resolved",
        minutes=minutes("09:02"),
        number=4112,
        title="Leaked key: AWS access key in acme/mobile-app",
        priority="P2",
        conference_url="https://example.zoom.us/j/98765432100",
        resolved_at=END - timedelta(minutes=minutes("09:20")),
        runbook="https://runbooks.example.com/leaked-credentials",
        timeline=(
            an_entry("trigger", minutes("09:02")),
            an_entry("acknowledge", minutes("09:12"), ANA),
            an_entry("resolve", minutes("09:20"), ANA),
        ),
    )
    phish = a_page(
        "Q1PHISHING00006",
        "acknowledged",
        minutes=minutes("04:10"),
        number=4111,
        title="Phishing report: a fake payroll update",
        priority="P3",
        snoozed_until=after(2),
        pending=(PendingAction("unacknowledge", after(2)),),
        timeline=(
            an_entry("trigger", minutes("04:10")),
            an_entry("escalate", minutes("04:25")),
            an_entry("acknowledge", minutes("04:26"), ANA),
            an_entry("snooze", minutes("13:00"), ANA),
        ),
    )
    noise = a_page(
        "Q1NOISE00000010",
        "resolved",
        minutes=minutes("06:30"),
        number=4110,
        title="Brute force against a decommissioned honeypot",
        timeline=(
            an_entry("trigger", minutes("06:30")),
            an_entry("acknowledge", minutes("06:33"), ANA),
            an_entry("resolve", minutes("06:40"), ANA),
        ),
    )
    return [leak, phish, noise]


def facts() -> Facts:
    """What the services and the journal tell of them."""
    before = (
        "**Owner (unchanged):** @ana (acked 2026-11-21 20:00 UTC) | **Posture:** watch\n\n* **Issue Summary**: x\n"
        "* **Next Steps**:\n  - [x] block the sender, @ana, by 2026-11-23 03:00 UTC\n"
    )
    wrote = IssueNote(
        2, END - timedelta(minutes=minutes("12:05")), "ben", "S3 access logs are read: nothing", True, False
    )
    handed = IssueNote(1, START, "eva", before, True, False, Mark("handoff", BEFORE, "issue-100"))
    taken = IssueNote(
        2, START + timedelta(minutes=6), "ana", "Read", True, False, Mark("readback", SHIFT.id, "issue-100")
    )
    update = IssueNote(3, END - timedelta(minutes=minutes("12:40")), "ana", "Both regions are read", True, False)
    issues = [
        an_issue(
            LEAK,
            "Q1LEAKEDKEY0005",
            minutes=minutes("09:03"),
            title="Leaked key in mobile-app",
            confidential=True,
            labels=("incident", "severity::2"),
            assignees=("ana",),
            updated_at=END - timedelta(minutes=minutes("12:40")),
        ),
        an_issue(
            PHISH,
            "Q1PHISHING00006",
            minutes=minutes("04:11"),
            title="Phishing: a fake payroll update",
            labels=("incident", "severity::3"),
        ),
        an_issue(
            "acme/operations#97",
            "Q1NOISE00000010",
            title="Honeypot noise",
            state="closed",
            minutes=minutes("06:31"),
            updated_at=END - timedelta(minutes=minutes("06:45")),
        ),
    ]
    known = {page.id: page for page in pages()}
    return Facts(
        START,
        UNTIL,
        ANA,
        GITLAB,
        frozenset({"Q1PHISHING00006"}),
        known,
        {issue.ref: issue for issue in issues},
        comments={LEAK: [wrote, replace(update, mark=Mark("update", SHIFT.id, "issue-101"))], PHISH: [handed, taken]},
        links={
            LEAK: [
                LinkedIssue(
                    "infra/keys#7",
                    "Rotate what the key could read",
                    f"{GITLAB}/infra/keys/-/issues/7",
                    "opened",
                    False,
                    ("farid",),
                )
            ]
        },
        said={LEAK: SAID_OF_THE_LEAK, PHISH: SAID_OF_THE_MAIL},
        people=PEOPLE,
        zones={ANA.id: "Europe/Lisbon"},
        noise=frozenset({"Q1NOISE00000010"}),
        believed=frozenset(PEOPLE),
        shift=SHIFT.id,
        channel="#secops",
    )


SAID_OF_THE_LEAK = Said(
    summary="An AWS key of the mobile-app CI user was in a public commit for 40 minutes.",
    state="The key is disabled. One call from outside, denied; nothing was read.",
    tried="- CloudTrail of 30 days, all regions: one GetCallerIdentity from 203.0.113.44\n"
    "- S3 access logs: nothing\n"
    "- not our scanner: its addresses are others",
    confidence="high",
    posture="watch",
    related=("infra/keys#7: Farid rotates what the key could read",),
    engaged=("Ben Okafor, cloud forensics",),
    next_steps=(
        NextStep("confirm that the rotation is done", "Chen Wei", after(2)),
        NextStep("infra/keys#7: rotate the deploy secrets, chase at 15:30 UTC", "Farid (Infrastructure)", after(1.5)),
    ),
    if_then=("If the key is used again, then page the manager: oncall escalate 4112 --to manager",),
)
SAID_OF_THE_MAIL = Said(
    state="The sender is blocked; 3 of 14 entered their passwords.",
    tried="The page behind the link is down; nobody else opened it.",
    confidence="medium",
    posture="stable",
    zoom="None",
    next_steps=(NextStep("reset the last of the three passwords", "Chen Wei", after(3)),),
)


def finished() -> Handoff:
    """The hand-off, with nothing to complain about."""
    kind = {"kind": "automate"}
    seen = [verdict(an_issue("acme/engineering#55"), "human", START + timedelta(hours=3))]
    later = [verdict(an_issue("acme/engineering#56"), "noise", START + timedelta(hours=9, minutes=35))]
    events = [
        *seen,
        ended(seen, ANA.name, START + timedelta(hours=3, minutes=10)),
        *later,
        ended(later, ANA.name, START + timedelta(hours=9, minutes=40)),
        Event(START + timedelta(hours=5), "note", "", "Close honeypot noise by itself", kind, "a1b2c3d4e5f6"),
        Event(
            START + timedelta(hours=8), "note", "", "The key runbook lacks the region list", {"kind": "process"}, "b2c3"
        ),
        filed("a1b2c3d4e5f6", "acme/engineering#60", START + timedelta(hours=6)),
    ]
    background = Background(
        [an_issue("acme/engineering#41", title="Tune the canary rule", due_date="2026-11-27")],
        previous=Previous(
            START, "eva", f"{GITLAB}/acme/handovers/-/issues/8", ReadBack("ana", START + timedelta(minutes=6))
        ),
    )
    told = write(facts(), Rota(SHIFT, ROLES, TURNS), events, background)
    return linted(told, Context(UNTIL, turns=TURNS, typed_at=UNTIL, destinations=EVERYWHERE))
