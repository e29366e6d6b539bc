"""Accepting a hand-off: the read-back on every issue and in Slack's thread, exactly once, and the pages if wanted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.accepting import Answer, Reply, accepted, begin
from secops_oncall.domain.documents import Comment
from secops_oncall.domain.issues import Issue, IssueEdit
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page, PageQuery
from secops_oncall.domain.people import Person
from secops_oncall.domain.readback import ReadBack
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import GitLab, Journal, PagerDuty, Slack
from secops_oncall.workflows.acting import page_outcome, sent
from secops_oncall.workflows.messaging import Draft, post_once
from secops_oncall.workflows.outcomes import Acted, failed, remember
from secops_oncall.workflows.writing import of_issue, of_note, send_note, unsent

THREAD = "slack-thread"
WHAT = "the read-back"
AGAIN = "oncall handoff accept, which repeats only what is missing"
_DRY = "not sent: this is a dry run"
_FINE = (Result.DONE, Result.ALREADY)


def accept(
    gitlab: GitLab,
    slack: Callable[[], Slack],
    journal: Journal,
    answer: Answer,
    words: ReadBack,
    me: Person,
    now: datetime,
    *,
    dry_run: bool = False,
) -> Acted:
    """Put a read-back of mine where it belongs, side by side; what is there already is left so.

    That it is begun is in the journal before the first request; the hand-over issue is closed once all notes are there.
    Raises what the journal raises, and then nothing is sent.
    """
    if dry_run:
        return Acted([of_note(each.issue, Result.PLANNED, "dry_run", _DRY) for each in answer.comments])
    journal.append(begin(answer.handed, words, now))
    reply = answer.reply
    replied = threads.start(lambda: _reply(slack, reply, answer.handed.at)) if reply else None
    outcomes = threads.each(lambda comment: _note(gitlab, comment, answer.answered), answer.comments)
    noted = all(one.result in _FINE for one in outcomes)
    if answer.close and noted:
        outcomes.append(_close(gitlab, answer.close))
    if replied:
        outcomes.append(replied.result())
    events = [accepted(answer.handed.shift, me.id, now)] if noted else []
    return Acted([_again(one) for one in outcomes], remember(journal, events))


def pages_of(pagerduty: PagerDuty, outgoing: Person, me: Person) -> list[Page]:
    """The open pages that are assigned to whoever hands off, and not to me alone."""
    return [
        page
        for page in pagerduty.pages(PageQuery(users=(outgoing.id,)))
        if [person.id for person in page.assigned_to] != [me.id]
    ]


def reassign(
    pagerduty: PagerDuty, journal: Journal, pages: list[Page], me: Person, now: datetime, *, dry_run: bool = False
) -> Acted:
    """Have pages assigned to me alone in PagerDuty."""
    if dry_run:
        return Acted([page_outcome(page, Result.PLANNED, "dry_run", _DRY) for page in pages])
    outcomes = pagerduty.reassign(pages, me) if pages else []
    return Acted(outcomes, remember(journal, sent("reassign", outcomes, now)))


def _note(gitlab: GitLab, comment: Comment, answered: frozenset[str]) -> Outcome:
    """My read-back on one issue; it is looked for first, since an earlier run may have written it."""
    there = of_note(comment.issue, Result.ALREADY, "noted", "your read-back is there")
    if comment.issue.ref in answered:
        return there
    mark = [str(comment.mark)]
    try:
        if gitlab.marked(comment.issue.ref, mark):
            return there
    except OncallError as error:
        return unsent(comment.issue, error, WHAT)
    return send_note(gitlab, comment.issue, comment.text, mark, internal=comment.internal, what=WHAT)


def _close(gitlab: GitLab, issue: Issue) -> Outcome:
    """ONE request that closes the hand-over issue: it waits for nobody any more. What got no answer is looked up."""
    try:
        return _closed(gitlab.edit(issue, IssueEdit(close=True)), Result.FAILED, "GitLab's answer has it open")
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return failed(of_issue(issue, Result.FAILED, "", ""), error)
        otherwise, why = _otherwise(error), error.message
    try:
        return _closed(gitlab.issue(issue.ref), otherwise, why)
    except OncallError as error:
        return of_issue(issue, Result.UNKNOWN, "remote", f"{why}; and to look it up failed: {error.message}")


def _closed(now: Issue, otherwise: Result, why: str) -> Outcome:
    if now.state == "closed":
        return of_issue(now, Result.DONE, "", "closed: it waits for nobody any more")
    return of_issue(now, otherwise, "remote", f"it is still open: {why}")


def _reply(slack: Callable[[], Slack], reply: Reply, since: datetime) -> Outcome:
    """My read-back in the thread, unless an earlier run has put it there."""
    done = Outcome(reply.name, Result.DONE, place=THREAD, message="in the thread of the hand-off")
    return post_once(slack, Draft(reply.thread.channel, reply.lines, since, reply.thread), done, again=True)


def _otherwise(error: RemoteError) -> Result:
    """How a write ended that is not there: where nothing answered it may still come."""
    return Result.UNKNOWN if error.answered is None else Result.FAILED


def _again(outcome: Outcome) -> Outcome:
    """An outcome with what to type next where it is not as it should be: the same command looks first."""
    return outcome if outcome.result in _FINE or outcome.hint else replace(outcome, hint=AGAIN)
