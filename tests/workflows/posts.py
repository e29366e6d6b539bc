"""A hand-off to post, and the three services to post it to: what the tests of posting begin with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from secops_oncall.domain.documents import Announcement, Comment, Documents, Handover, PageNote
from secops_oncall.domain.issues import GitLabUser, Issue, IssueNote
from secops_oncall.domain.marks import Mark, issue_key
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.pages import Page
from secops_oncall.domain.posting import begun_runs
from secops_oncall.domain.slack import Channel
from secops_oncall.errors import RemoteError
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.placing import Plan
from secops_oncall.workflows.posting import Desk, post
from secops_oncall.workflows.standing import InSlack, Standing, afresh
from tests.fakes import COLLEAGUES, ME, NOW, USER, FakeGitLab, FakeJournal, FakePagerDuty, FakeSlack, a_page, an_issue

SHIFT = "engineer/PANA001/2026-11-23T02:00:00Z"
PROJECT, WORK, SECOPS = "acme/on-call", "acme/operations", "C0SECOPS"
SINCE = NOW - timedelta(days=1)
NOTE = """## Hand-off: @ana → @chen, 2026-11-23 14:00 UTC
**Owner (unchanged):** @ana (acked 12:05 UTC) | **Acting until accepted:** @ana | **Posture:** watch

* **Issue Summary**: {}
  - State now: {}
* **Next Steps**:
  - [ ] read the logs, @chen, by 2026-11-23 15:00 UTC"""
TOP = ("*On-call hand-off* <@U0ANA> → <@U0CHEN>", "*Start here:* Leaked key", "*Full hand-off:* {url}. Accept")
SILENT = RemoteError("no answer within 10 s (time-out)", "try again")
DOWN = RemoteError("it answers 503", "try again", answered=503)
CHEN = COLLEAGUES[1]


def work(iid: int, **more: Any) -> Issue:
    return an_issue(f"{WORK}#{iid}", **more)


def comment(issue: Issue, state: str = "the key is dead") -> Comment:
    text = NOTE.format(f"About {issue.iid}", state)
    return Comment(issue, Mark("handoff", SHIFT, issue_key(issue.id)), text, not issue.confidential)


def documents(*issues: Issue, state: str = "the key is dead", **more: Any) -> Documents:
    """What goes out about some issues, each with a page whose id is its number."""
    details = tuple((f"oncall:handoff:{SHIFT}:{issue.ref}", f"*{issue.title}*: {state}") for issue in issues)
    handover = Handover(
        PROJECT,
        "On-Call Handover 2026-11-23 02:00/14:00 UTC (Weekday 12 h)",
        Mark("handover", SHIFT, "shift"),
        f"**@ana → @chen**\n\n## Sign-off\n\n* Written: {state}",
        ("ana", "chen"),
    )
    known: dict[str, Any] = {
        "comments": tuple(comment(issue, state) for issue in issues),
        "handover": handover,
        "slack": Announcement("#secops", f"oncall:handoff:{SHIFT}", TOP, details),
        "pages": tuple(PageNote(a_page(f"Q{issue.iid}"), "Hand-off: ana → chen. The notes: {url}") for issue in issues),
    }
    return Documents(SHIFT, **{**known, **more})


@dataclass
class Scene:
    """The services with what was posted to them, and the time."""

    issues: Iterable[Issue] = field(default_factory=lambda: (work(101), work(102, confidential=True)))
    user: GitLabUser = USER
    now: datetime = NOW
    journal: FakeJournal = field(default_factory=FakeJournal)
    slack: FakeSlack = field(default_factory=FakeSlack)
    paused: list[float] = field(default_factory=list)
    told: list[Sequence[Outcome]] = field(default_factory=list)
    gitlab: FakeGitLab = field(init=False)
    pagerduty: FakePagerDuty = field(init=False)

    def __post_init__(self) -> None:
        self.issues = tuple(self.issues)
        self.gitlab = FakeGitLab(self.issues, me=self.user)
        self.pagerduty = FakePagerDuty([a_page(f"Q{issue.iid}") for issue in self.issues])
        self.slack.ids["#secops"] = SECOPS

    def documents(self, **more: Any) -> Documents:
        return documents(*self.issues, **more)

    def standing(self, **more: Any) -> Standing:
        """Nothing yet, of whoever posts."""
        users = {"ana": USER, "chen": CHEN}
        there = InSlack(Channel(SECOPS, "secops", True, True, False), SINCE)
        known: dict[str, Any] = {
            "user": self.user,
            "users": users,
            "slack": there,
            "believed": frozenset(("ana", "chen")),
        }
        return Standing(ME.id, **{**known, **more})

    def plan(self, asked: Documents | None = None, homeless: Iterable[Page] = (), **more: Any) -> Plan:
        """What is to be done, after a look at everything."""
        goes_out = asked or self.documents()
        known = frozenset(begun_runs(self.journal.events(), SHIFT))
        look = self.standing(**more)
        blank = Plan(
            lambda: self.gitlab, self.pagerduty, lambda: self.slack, goes_out, look, tuple(homeless), (), known
        )
        if look.lost:
            return blank
        return replace(blank, standing=afresh(blank.gitlab, blank.pagerduty, blank.slack, goes_out, look))

    def post(self, plan: Plan | None = None) -> Acted:
        self.gitlab.now = self.now
        return post(Desk(self.journal, lambda: self.now, self._pause), plan or self.plan(), self.told.append)

    def _pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.now += timedelta(seconds=seconds)

    @property
    def handover(self) -> Issue:
        (found,) = (issue for issue in self.gitlab.kept.values() if issue.project == PROJECT)
        return found

    def notes(self, iid: int) -> list[IssueNote]:
        return list(self.gitlab.comments.get(f"{WORK}#{iid}", ()))

    def once(self) -> None:
        """Everything stands in every place, and once."""
        for issue in self.issues:
            (note,) = [note for note in self.notes(issue.iid) if note.mark and note.author == self.user.username]
            assert note.mark == Mark("handoff", SHIFT, issue_key(issue.id))
            assert [self.handover.url in note.text for note in self.pagerduty.details[f"Q{issue.iid}"].notes] == [True]
        (top,) = self.slack.posted[SECOPS]
        assert next(iter(top)) == f"oncall:handoff:{SHIFT}"
        assert self.handover.url in "".join(top.values())
        replies = [next(iter(each)) for each in self.slack.posted[f"{SECOPS}/1"]]
        assert sorted(replies) == [f"oncall:handoff:{SHIFT}:{issue.ref}" for issue in self.issues]
        assert f"(channel {SECOPS}, message 1)" in self.handover.description


def results(acted: Acted) -> list[tuple[str, str, str]]:
    """Each outcome's place, what became of it, and why."""
    return [(one.place, one.result.value, one.code) for one in acted.outcomes]
