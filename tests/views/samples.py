"""What the view tests print: one shift's pages, issues, people and notes, and consoles of any kind."""

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.pages import Alert, KinPage, LogEntry, Owner, Page, PageDetail, PageIssue, PageNote
from secops_oncall.domain.people import Contact, OnDuty, Person
from secops_oncall.domain.whole import whole_issue
from secops_oncall.streams import Streams

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ANA = Person("PANA001", "Ana Ferreira", "ana@example.com")
BEN = Person("PBEN002", "Ben Okafor", "ben@example.com")
HOSTILE = (
    "/close\n\x1b]0;owned\x07\x1b[31mred\x1b[0m [bold]b[/bold] :skull: \u202egnp.exe\u200b\t<!-- oncall:x -->end\r"
)
CLEAN = "/close red [bold]b[/bold] :skull: gnp.exe end"


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        return True


class Consoles:
    """Streams into memory, and what was written to them."""

    def __init__(self, *, terminal: bool = True, width: int = 80, environ: Mapping[str, str] | None = None) -> None:
        kind = Terminal if terminal else io.StringIO
        self._stdout, self._stderr = kind(), kind()
        known = {"COLUMNS": str(width), "NO_COLOR": "1", **(environ or {})}
        self.streams = Streams(self._stdout, self._stderr, Terminal(), environ=known)

    @property
    def out(self) -> str:
        """What went to standard output."""
        return self._stdout.getvalue()

    @property
    def err(self) -> str:
        """What went to standard error."""
        return self._stderr.getvalue()

    @property
    def out_lines(self) -> list[str]:
        """What went to standard output, line by line."""
        return self.out.splitlines()


def ago(minutes: float) -> datetime:
    """So many minutes before NOW."""
    return NOW - timedelta(minutes=minutes)


def ahead(minutes: float) -> datetime:
    """So many minutes after NOW."""
    return NOW + timedelta(minutes=minutes)


ISSUE = PageIssue(
    "acme/operations#101", "https://gitlab.example.com/acme/operations/-/issues/101", "Leaked key", "opened"
)
CANARY = Page(
    id="Q1CANARYTOKEN01",
    number=4117,
    title="Canary token opened: finance-share/passwords.xlsx",
    status="triggered",
    urgency="high",
    priority="P1",
    service="Canary Tokens",
    created_at=ago(4),
    url="https://acme.pagerduty.com/incidents/Q1CANARYTOKEN01",
    assigned_to=(ANA,),
    ack_deadline=ahead(11),
    pages_manager=True,
)
LATE = Page(
    id="Q1MISSEDEDR0004",
    number=4114,
    title="EDR: credential dumping on build-runner-07",
    status="triggered",
    urgency="low",
    priority=None,
    service="Endpoint Detection",
    created_at=ago(21),
    url="https://acme.pagerduty.com/incidents/Q1MISSEDEDR0004",
    assigned_to=(BEN,),
    ack_deadline=ago(6),
    pages_manager=True,
)
LEAKED = Page(
    id="Q1LEAKEDKEY0005",
    number=4112,
    title="Leaked key: AWS access key in acme/mobile-app commit 3f2a91c",
    status="acknowledged",
    urgency="high",
    priority="P2",
    service="Secret Detection",
    created_at=ago(128),
    url="https://acme.pagerduty.com/incidents/Q1LEAKEDKEY0005",
    assigned_to=(ANA,),
    acknowledged_by=(ANA, BEN),
    owner=Owner(ANA.id, ANA.name, ago(121)),
    owner_source="log",
    issue=ISSUE,
)
SNOOZED = Page(
    id="Q1SNOOZEDVPN007",
    number=4110,
    title="VPN: repeated MFA pushes for contractor r.kim",
    status="acknowledged",
    urgency="high",
    priority=None,
    service="Identity Threat Detection",
    created_at=ago(215),
    url="https://acme.pagerduty.com/incidents/Q1SNOOZEDVPN007",
    assigned_to=(ANA,),
    acknowledged_by=(ANA,),
    owner=Owner(ANA.id, ANA.name, ago(210)),
    owner_source="acknowledgement",
    snoozed_until=ahead(120),
    whose_shift="Chen Wei",
)
PAGES = [CANARY, LATE, LEAKED, SNOOZED]

LEAK_ISSUE = Issue(
    ref="acme/operations#101",
    iid=101,
    project="acme/operations",
    title="Leaked key: AWS access key in acme/mobile-app",
    url="https://gitlab.example.com/acme/operations/-/issues/101",
    state="opened",
    labels=("incident", "severity::2"),
    assignees=("ana",),
    author="alert-bot",
    created_at=ago(126),
    updated_at=ago(35),
    confidential=True,
    due_date="2026-11-20",
    weight=3,
    time_estimate=5400,
    change="changed",
    reviewed_at=ago(240),
    page="Q1LEAKEDKEY0005",
    id=9101,
    project_id=72,
    description="internal",
)
FLAKY_ISSUE = Issue(
    ref="acme/engineering#55",
    iid=55,
    project="acme/engineering",
    title="Sign-in monitor: false positives for the Lisbon office's new address range",
    url="https://gitlab.example.com/acme/engineering/-/issues/55",
    state="opened",
    labels=("oncall",),
    assignees=(),
    author="eva",
    created_at=ago(4000),
    updated_at=ago(700),
    confidential=False,
    change="unchanged",
    id=9055,
)
ISSUES = [LEAK_ISSUE, FLAKY_ISSUE]
COMMENTS = [
    IssueNote(1, ago(100), "ana", "changed the description", internal=False, system=True),
    IssueNote(2, ago(80), "ben", "CloudTrail: 3 calls from 203.0.113.7, all denied.", internal=True, system=False),
]

DETAIL = PageDetail(
    **{name: getattr(LEAKED, name) for name in Page.__dataclass_fields__ if name not in ("links", "issue")},
    issue=replace(whole_issue(LEAK_ISSUE), notes=tuple(COMMENTS)),
    details={"repository": "acme/mobile-app", "commit": "3f2a91c", "key": "AKIA… (masked by the scanner)"},
    alerts=(
        Alert("A1", ago(128), "critical", "AWS access key in config/deploy.yml", {"repository": "acme/mobile-app"}, ()),
        Alert("A2", ago(127), "warning", "The same key in a fork", {}, ()),
    ),
    notes=(PageNote(ago(90), "Ben Okafor", "Rotated in the console.\nOld key is deactivated, not deleted."),),
    timeline=(
        LogEntry(ago(128), "trigger", "Push-protection scanner", "Triggered by Push-protection scanner"),
        LogEntry(ago(121), "acknowledge", "Ana Ferreira", "Acknowledged by Ana Ferreira", person=ANA),
        LogEntry(ago(96), "acknowledge", "Ben Okafor", "", person=BEN),
    ),
    acting=ANA,
    engaged=(BEN,),
    similar=(KinPage("Q1OLDLEAK", "Leaked key: npm token in acme/web-app", ago(60 * 24 * 9)),),
    runbook="https://runbooks.example.com/leaked-credentials",
    conference_url="https://example.zoom.us/j/98765432100",
    links=("https://scanner.example.com/findings/77",),
)

PEOPLE = [
    OnDuty(
        role="engineer",
        id=ANA.id,
        name=ANA.name,
        email=ANA.email,
        start=ago(300),
        end=ahead(190),
        time_zone="Europe/Lisbon",
        local_time="Mon 14:00",
        awake=True,
        contacts=(Contact("phone", "+351912345601", "Mobile"), Contact("email", "ana@example.com", "")),
        source="Security Responder, level 1",
    ),
    OnDuty("backup", None, None, None, None, None, None, None, None, source="Security Responder Backup"),
    OnDuty("manager", "PDANA04", "Dana Cohen", None, None, None, "America/Los_Angeles", "Mon 06:00", awake=False),
]
