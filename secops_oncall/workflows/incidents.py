"""The open work from lists: whose it is, and, where that is asked for, what the notes of its issues tell."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secops_oncall import threads
from secops_oncall.domain.answered import accepted_shifts
from secops_oncall.domain.attention import acked, is_mine, overview
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.open_work import Facts, is_work
from secops_oncall.domain.people import Me, by_user
from secops_oncall.domain.said import said
from secops_oncall.domain.shifts import on_duty, this_shift
from secops_oncall.domain.whole import bare
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab, Journal, PagerDuty, Slack
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.outcomes import distinct
from secops_oncall.workflows.pages import ours, page_issues
from secops_oncall.workflows.people import AROUND

LAST_SHIFT = timedelta(hours=12)  # what was typed so long ago still counts where I have no shift


@dataclass(frozen=True)
class Desk:
    """Whom the commands about incidents ask; `slack` raises AuthError where there is no token for it."""

    pagerduty: PagerDuty
    gitlab: GitLab
    slack: Callable[[], Slack]
    journal: Journal
    settings: HandoffSettings


@dataclass(frozen=True)
class Work:
    """The open work, what wants attention most first, whose it is to be, and what could not be asked.

    `covered` says whether an engineer is on call now.
    """

    incidents: list[Incident]
    me: Me
    user: str
    covered: bool
    problems: list[OncallError]

    @property
    def mine(self) -> list[Incident]:
        """What I own or act on, as far as it is known."""
        return [each for each in self.incidents if is_mine(each, self.me.person, self.user)]


def list_work(
    pagerduty: PagerDuty,
    gitlab: GitLab | None,
    journal: Journal,
    settings: HandoffSettings,
    now: datetime,
    *,
    notes: bool = False,
) -> Work:
    """The open work of my teams and me at a moment (aware, UTC), from lists; one wave, and with `notes` a second one.

    Raises what PagerDuty raises; where GitLab can't be asked its part is missing, and said so.
    """
    me = pagerduty.me()
    listed = threads.start(lambda: page_issues(gitlab, settings.sources))
    user = threads.start(lambda: gitlab.me().username if gitlab and settings.sources else "")
    turns = threads.start(lambda: pagerduty.on_call(settings.roles.values(), now - AROUND, now + AROUND))
    events = journal.events()
    pages = {page.id: bare(page) for page in ours(pagerduty)}
    issues, problems = listed.result()
    entries = turns.result()
    shift = this_shift(entries, settings.roles, me.id, now, settings.rules, accepted_shifts(events))
    since = shift.start if shift else now - LAST_SHIFT
    mine, lost = _name(user)
    facts = Facts(
        since=since,
        until=now,
        me=me.person,
        gitlab_url=settings.gitlab_url,
        open_pages=frozenset(pages),
        pages=pages,
        issues={issue.ref: issue for issue in issues},
        said=said(event for event in events if event.at >= since),
        people=by_user(settings.people, entries, mine, me),
        covered=on_duty(settings.roles["engineer"], entries, now) is not None,
        bot=settings.bot,
    )
    comments, unread = _notes(gitlab, facts) if gitlab and notes else ({}, [])
    found = overview(replace(facts, comments=comments), acked(events))
    return Work(found, me, mine, facts.covered, distinct(problems, lost, unread))


def _name(user: "Future[str]") -> tuple[str, list[OncallError]]:
    try:
        return user.result(), []
    except OncallError as error:
        return "", [error]


def _notes(gitlab: GitLab, facts: Facts) -> tuple[dict[str, list[IssueNote]], list[OncallError]]:
    """The notes of every open issue, side by side, and what went wrong where some could not be read."""

    def read(ref: str) -> list[IssueNote] | OncallError:
        try:
            return gitlab.notes(ref)
        except OncallError as error:
            return error

    refs = [ref for ref, issue in facts.issues.items() if is_work(issue)]
    answers = dict(zip(refs, threads.each(read, refs), strict=True))
    notes = {ref: answer for ref, answer in answers.items() if not isinstance(answer, OncallError)}
    return notes, [answer for answer in answers.values() if isinstance(answer, OncallError)]
