"""What stands in the places of a hand-off already: my own notes and messages; nobody else's mark counts."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeVar

from secops_oncall import threads
from secops_oncall.domain.documents import Documents
from secops_oncall.domain.issues import GitLabUser, Issue, IssueNote
from secops_oncall.domain.pages import PageNote
from secops_oncall.domain.slack import Channel, Message
from secops_oncall.errors import NotFoundError, OncallError, RejectedError
from secops_oncall.ports import GitLab, PagerDuty, Slack

T = TypeVar("T")

Service = Literal["gitlab", "slack", "pagerduty"]
MARKER = "oncall:handoff:"  # how the block ids of every hand-off's own message begin


@dataclass(frozen=True)
class InSlack:
    """A channel with my own messages since a moment, and by their `ts` the threads of those that are hand-offs."""

    channel: Channel
    since: datetime
    own: Sequence[Message] = ()
    threads: Mapping[str, Sequence[Message]] = field(default_factory=dict)

    def message(self, marker: str) -> Message | None:
        """My message in the channel that has a block of that id."""
        return next((one for one in self.own if marker in one.lines), None)

    def reply(self, root: Message | None, marker: str) -> Message | None:
        """The same in a message's thread."""
        found = self.threads.get(root.ts, ()) if root else ()
        return next((one for one in found if marker in one.lines), None)


@dataclass(frozen=True)
class Standing:
    """What stands where, and who I am there: `user` in GitLab, `pager` by my PagerDuty id.

    `notes` are those of issues by ref, `pages` those of pages by id; `handover` is the shift's hand-over issue, mine or
    the automation's, `users` its assignees by name. `lost` says by service why it could not be looked at; nothing is
    sent there then. `believed` are those whose marks tell that something was read back, in lower case.
    """

    pager: str
    user: GitLabUser | None = None
    notes: Mapping[str, Sequence[IssueNote]] = field(default_factory=dict)
    pages: Mapping[str, Sequence[PageNote]] = field(default_factory=dict)
    handover: Issue | None = None
    users: Mapping[str, GitLabUser | None] = field(default_factory=dict)
    slack: InSlack | None = None
    believed: frozenset[str] = frozenset()
    lost: Mapping[Service, OncallError] = field(default_factory=dict)


def in_slack(slack: Slack, name: str, since: datetime) -> InSlack:
    """What is mine in a channel; raises what Slack raises, and RejectedError for one that nobody can post to."""
    try:
        channel = slack.channel(name)
    except NotFoundError as error:
        hint = "set handoff.slack_channel to its name or id; a private one has to be joined"
        raise NotFoundError(error.message, hint) from None
    if channel.is_archived:
        what, hint = f"{name} in Slack is archived", "unarchive it, or set handoff.slack_channel to another one"
        raise RejectedError(what, hint, answered=200, code="is_archived")
    if not channel.is_member:
        what, hint = f"you are not in {name} in Slack, nor is the token's app", "/invite it there in Slack"
        raise RejectedError(what, hint, answered=200, code="not_in_channel")
    own = slack.own(channel.id, since)
    roots = [one for one in own if any(marker.startswith(MARKER) for marker in one.lines)]
    replies = threads.each(lambda root: slack.own(channel.id, since, root), roots)
    return InSlack(channel, since, own, {root.ts: found for root, found in zip(roots, replies, strict=True)})


def afresh(
    gitlab: Callable[[], GitLab],
    pagerduty: PagerDuty,
    slack: Callable[[], Slack],
    documents: Documents,
    before: Standing,
) -> Standing:
    """The same places looked at anew: another run has been there, or was cut off on its way."""
    lost: dict[Service, OncallError] = {}
    refs = sorted({comment.issue.ref for comment in documents.comments})
    ids = [one.page.id for one in documents.pages]
    there = before.slack
    filed = threads.start(lambda: _handover(gitlab, documents, before.handover))
    noted = threads.start(lambda: threads.each(lambda ref: (ref, gitlab().notes(ref)), refs))
    pages = threads.start(lambda: threads.each(lambda id: (id, pagerduty.notes(id)), ids))
    told = threads.start(lambda: in_slack(slack(), there.channel.id, there.since) if there else None)
    handover, answers = _got(filed, "gitlab", lost) or (before.handover, {})
    return replace(
        before,
        handover=handover,
        notes={**before.notes, **dict(_got(noted, "gitlab", lost) or ()), **answers},
        pages={**before.pages, **dict(_got(pages, "pagerduty", lost) or ())},
        slack=_got(told, "slack", lost),
        lost={**lost, **before.lost},
    )


def _handover(
    gitlab: Callable[[], GitLab], documents: Documents, known: Issue | None
) -> tuple[Issue | None, dict[str, Sequence[IssueNote]]]:
    """The hand-over issue, the known one (which may be the automation's) or my own, with its notes by its ref."""
    document = documents.handover
    if document is None:
        return None, {}
    try:
        found = gitlab().issue(known.ref) if known else gitlab().created(document.project, str(document.mark))
    except NotFoundError:  # which is this one place's failure, told when it is sent
        return None, {}
    return found, {found.ref: gitlab().notes(found.ref)} if found else {}


def _got(asked: Future[T], service: Service, lost: dict[Service, OncallError]) -> T | None:
    """What a look answers; None where it fails, which is kept."""
    try:
        return asked.result()
    except OncallError as error:
        lost[service] = error
        return None
