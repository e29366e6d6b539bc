"""An incident with its page and issue, and a desk to work at: what the tests of `oncall incident` begin with."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.issues import IssueNote, IssueQuery
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.pages import Owner, PageDetail
from secops_oncall.domain.people import OnCall, Person
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import Slack
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.incidents import Desk
from secops_oncall.workflows.meant import MINE, Meant, Named, Wish, meant
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal, FakePagerDuty, FakeSlack, a_page, an_entry
from tests.workflows.desks import ROLES

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor", "ben@example.com")
CHEN = Person("PCHEN03", "Chen Wei", "chen@example.com")
DANA = Person("PDANA04", "Dana Cohen", "dana@example.com")
ONE, REF = "Q1ONE00001", "acme/operations#101"
CHANNEL = "C0SECOPS"
THREAD = "https://acme.slack.com/archives/C0SECOPS/p1760000000000100"
SOURCE = IssueQuery("acme/operations", "project", ("incident",))
PEOPLE = {"ana": "ana@example.com", "ben": "ben@example.com", "chen": "chen@example.com"}
HANDLES = Handles({email: user for user, email in PEOPLE.items()}, {"ben@example.com": "U0BEN"})
SILENT = RemoteError("no answer within 10 s (time-out)", "try again")
BROKEN = RemoteError("it answers 500", "try again", answered=500)


def acked(id: str = ONE, by: Person = ANA, *, minutes: int = 60, **more: Any) -> PageDetail:
    """A page that somebody acked four minutes after it began."""
    owner = Owner(by.id, by.name, NOW - timedelta(minutes=minutes - 4))
    log = (an_entry("trigger", minutes), an_entry("acknowledge", minutes - 4, by))
    known = {"owner": owner, "acknowledged_by": (by,), "timeline": log, "number": 4112, "assigned_to": (by,)}
    return a_page(id, "acknowledged", minutes=minutes, **{**known, **more})


def turn(person: Person, role: str = "engineer", hours: float = 7) -> OnCall:
    """A turn that began five hours ago."""
    name = ROLES[role]  # type: ignore[index]
    start, end = NOW - timedelta(hours=5), NOW + timedelta(hours=hours)
    if name.level is None:
        return OnCall(person, start, end, schedule=name.name)
    return OnCall(person, start, end, name.name, name.level)


def pager(*pages: PageDetail, turns: Sequence[OnCall] | None = None) -> FakePagerDuty:
    """A PagerDuty in which I am the engineer, Ben the backup and Dana the manager, unless it has other turns."""
    usual = [turn(ANA), turn(BEN, "backup"), turn(DANA, "manager"), turn(CHEN, hours=20)]
    usual[3] = OnCall(CHEN, NOW + timedelta(hours=7), NOW + timedelta(hours=19), "Responder", 1)
    return FakePagerDuty(pages, turns=usual if turns is None else turns)


def desk(
    pagerduty: FakePagerDuty,
    gitlab: FakeGitLab,
    slack: FakeSlack | OncallError | None = None,
    journal: FakeJournal | None = None,
    **where: Any,
) -> Desk:
    """A desk whose notices go to a Slack channel, too; `slack` may be why there is none."""

    def client() -> Slack:
        if isinstance(slack, OncallError):
            raise slack
        return slack or FakeSlack()

    told = Destinations(**{"channel": CHANNEL, "handles": HANDLES, **where})
    settings = HandoffSettings(
        ROLES, "https://gitlab.example.com", (SOURCE,), people=PEOPLE, bot="oncall-bot", destinations=told
    )
    return Desk(pagerduty, gitlab, client, journal or FakeJournal(), settings)


def note(kind: str, author: str, text: str = "", minutes: int = 10) -> IssueNote:
    """A note of ours of so many minutes before NOW."""
    at = NOW - timedelta(minutes=minutes)
    return IssueNote(1000 - minutes, at, author, text, True, False, Mark(kind, "-", "issue-101"))


def first(work: Sequence[Incident]) -> Incident:
    """Chooses the first of several."""
    return work[0]


def look(at: Desk, named: Named | None = None, wish: Wish = MINE, **more: Any) -> Meant:
    """The incident that is meant, by default the one behind the issue REF."""
    return meant(at, named or Named(issue=REF), wish, first, NOW, **more)
