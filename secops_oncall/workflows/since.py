"""What has changed about every incident since I last held it, from the notes in GitLab."""

from dataclasses import dataclass, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.since import Since, since_held
from secops_oncall.errors import OncallError
from secops_oncall.workflows.outcomes import distinct
from secops_oncall.workflows.pages import page_issues
from secops_oncall.workflows.receiving import CLOSED, Inbox, known, with_notes


@dataclass(frozen=True)
class Differing:
    """Every incident that I may have held, those that there is news of first, and what could not be asked."""

    incidents: list[Since]
    problems: list[OncallError]


def differing(inbox: Inbox, now: datetime) -> Differing:
    """What has changed about the open incidents, and those that were closed in the last days; two waves."""
    gitlab, sources = inbox.gitlab, inbox.settings.sources
    listed = threads.start(lambda: page_issues(gitlab, sources))
    done = [replace(source, state="closed", updated_after=now - CLOSED) for source in sources]
    closed = threads.start(lambda: page_issues(gitlab, done))
    who = known(inbox, now)
    issues, problems = listed.result()
    over, lost = closed.result()
    read, notes, unread = with_notes(gitlab, [*issues, *over])
    found = [since_held(issue, notes[issue.ref], who.user, who.whose) for issue in read]
    news = sorted(filter(None, found), key=lambda one: (not one.is_news, one.state == "closed", one.issue.created_at))
    return Differing(news, distinct(who.problems, problems, lost, unread))
