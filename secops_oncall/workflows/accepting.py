"""Accepting a hand-off: the read-back on every issue and in Slack's thread, exactly once, and the pages if wanted."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.accepting import Answer, Reply, accepted, begin, readers
from secops_oncall.domain.answered import AGAIN, answered
from secops_oncall.domain.documents import Comment, Destinations
from secops_oncall.domain.issues import Issue, IssueEdit
from secops_oncall.domain.outcomes import DRY_RUN, THERE, THREAD, Outcome, Result, of_page
from secops_oncall.domain.pages import Page, PageQuery
from secops_oncall.domain.people import Person, same
from secops_oncall.domain.readback import LABELS, LONGEST, ReadBack, normal
from secops_oncall.domain.received import Acceptance, Believed, Handed
from secops_oncall.domain.slack import Message
from secops_oncall.domain.text import quoted
from secops_oncall.domain.thread_line import thread_in
from secops_oncall.domain.wording import phone_in, says_nothing, token_in
from secops_oncall.errors import OncallError, UsageError
from secops_oncall.ports import GitLab, Journal, PagerDuty, Slack
from secops_oncall.workflows.acting import sent
from secops_oncall.workflows.messaging import Draft, post_once
from secops_oncall.workflows.once import Found
from secops_oncall.workflows.outcomes import Acted, failed, remember
from secops_oncall.workflows.writing import edit_once, of_issue, of_note, send_note, unsent

WHAT = "the read-back"
HOW = 'oncall handoff accept --state "…" --first "…" --escalate-if "…"'


def checked(words: ReadBack) -> ReadBack:
    """A read-back as it may go out.

    Raises UsageError for one that lacks an answer, or has one that says nothing, is too long, or holds what is secret.
    """
    kept = normal(words)
    for name in kept.missing:
        raise UsageError(f"the read-back lacks an answer: {LABELS[name]} …", HOW)
    for name, label in LABELS.items():
        answer = getattr(kept, name)
        if nothing := says_nothing(answer):
            raise UsageError(f"{label} … {quoted(nothing)} says nothing", HOW)
        if token_in(answer) or phone_in(answer):
            raise UsageError(f"{label} … holds what looks like a secret or a phone number", "say where it is kept")
        if len(answer) > LONGEST:
            raise UsageError(f"{label} … is longer than {LONGEST:,} characters", "say it in a few words")
    return kept


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

    That it is begun is in the journal before the first request; the hand-over issue is closed once all notes are there,
    and Slack is told of no read-back that can't be read in GitLab.
    Raises what the journal raises, and then nothing is sent.
    """
    reply = answer.reply
    planned = [of_note(each.issue, Result.PLANNED, "dry_run", DRY_RUN) for each in answer.comments]
    planned += [replace(_told(reply), result=Result.PLANNED, code="dry_run")] if reply else []
    if dry_run:
        return Acted(planned)
    waiting = [replace(one, result=Result.QUEUED, code="", message="") for one in planned]
    journal.append(begin(answer.handed, words, waiting, now))
    outcomes = threads.each(lambda comment: _note(gitlab, comment, answer.answered), answer.comments)
    there = {one.ref for one in outcomes if one.result in THERE}
    noted = len(there) == len(answer.comments)
    replied = threads.start(lambda: _reply(slack, reply, answer.handed, there)) if reply else None
    if answer.close and noted:
        outcomes.append(_close(gitlab, answer.close))
    if replied:
        outcomes.append(replied.result())
    shift = answer.handed.shift
    events = [answered(shift, outcomes, now), *([accepted(shift, Acceptance(me, now, words), now)] if noted else [])]
    return Acted([_again(one) for one in outcomes], remember(journal, events))


def rivals(
    gitlab: GitLab, journal: Journal, handed: Handed, whose: Believed, me: Person, now: datetime
) -> tuple[list[Person], bool, list[OncallError]]:
    """Who else has read a hand-off back by now, where the whole is, and whether one of them acts; one request.

    Two who take it over at once don't see each other before. That another acts is kept in the journal, and why it could
    not be. Raises what GitLab raises.
    """
    found = readers(gitlab.notes(handed.deciding[-1].issue.ref), handed, whose)
    others = [person for person in found if not same(person, me)]
    is_theirs = bool(others) and others[-1] is found[-1]
    told = [accepted(handed.shift, Acceptance(others[-1], now, ReadBack()), now)] if is_theirs else []
    return others, is_theirs, remember(journal, told)


def own(handed: Handed) -> Outcome:
    """The outcome of accepting a hand-off of one's own: it takes two to hand something over."""
    issue, why = handed.handover.issue if handed.handover else None, "it is your own: whoever takes over accepts it"
    ref, url = (issue.ref, issue.url) if issue else (None, None)
    return Outcome(handed.shift, Result.REFUSED, ref=ref, place="gitlab", url=url, code="own", message=why)


@dataclass(frozen=True)
class Thread:
    """Where Slack has a hand-off, in the channel of that name; `whole` whether the words may go there."""

    name: str
    message: Message
    whole: bool


def thread(slack: Callable[[], Slack], handed: Handed, where: Destinations) -> Thread | Outcome | None:
    """Where in Slack a hand-off is answered; None where it is not in Slack, and why where nothing may be said there.

    Anybody who may edit the hand-over issue could name another thread in it, so that only the configured channel's
    counts.
    """
    message = thread_in(handed.handover.posted.text) if handed.handover else None
    if message is None or where.channel is None:
        return None
    done = Outcome(where.channel, Result.DONE, place=THREAD)
    try:
        channel = slack().channel(where.channel)
    except OncallError as error:
        return replace(failed(done, error), message=f"{WHAT}: {error.message}")
    if channel.id != message.channel:
        why = "the hand-over issue names a thread in another channel, so nothing is said there"
        return replace(done, result=Result.REFUSED, code="other_channel", message=why)
    secret = any(place.issue.confidential for place in handed.incidents)
    return Thread(where.channel, message, not secret or replace(where, private=channel.is_private).confides_in_slack)


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
        return Acted([of_page(page, Result.PLANNED, "dry_run", DRY_RUN) for page in pages])
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
    """Close the hand-over issue, in ONE request: it waits for nobody any more."""

    def told(now: Found[Issue]) -> Outcome:
        if now.value.state == "closed":
            return replace(of_issue(now.value, Result.DONE, "", "it waits for nobody any more"), title="")
        why = now.why or "GitLab's answer has it open"
        return of_issue(now.value, now.otherwise, "remote", f"it is still open: {why}")

    return edit_once(gitlab, issue, IssueEdit(close=True), told)


def _reply(
    slack: Callable[[], Slack], reply: Reply | Outcome, handed: Handed, noted: Collection[str | None]
) -> Outcome:
    """My read-back in the thread, unless an earlier run has put it there; it waits for the notes that it tells of."""
    if isinstance(reply, Outcome):
        return reply
    if not {place.issue.ref for place in handed.deciding} <= set(noted):
        waits = "it waits for the read-back in GitLab, of which it tells"
        return replace(_told(reply), result=Result.QUEUED, code="remote", message=waits)
    draft = Draft(reply.thread.channel, reply.lines, handed.at, reply.thread)
    return post_once(slack, draft, _told(reply), again=True)


def _told(reply: Reply | Outcome) -> Outcome:
    if isinstance(reply, Outcome):
        return reply
    return Outcome(reply.name, Result.DONE, place=THREAD, message="in the thread of the hand-off")


def _again(outcome: Outcome) -> Outcome:
    """An outcome with what to type next where it is not as it should be: the same command looks first."""
    return outcome if outcome.result in THERE or outcome.hint else replace(outcome, hint=AGAIN)
