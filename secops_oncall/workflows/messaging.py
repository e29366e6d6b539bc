"""A message in Slack, sent once: looked for where an earlier run may have sent it, and where an answer is lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.slack import Message
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import Slack
from secops_oncall.workflows.announcing import NEAR
from secops_oncall.workflows.outcomes import failed


@dataclass(frozen=True)
class Draft:
    """What is to be posted where, begun at a moment: mrkdwn by block id, the first of which no other message has."""

    channel: str
    blocks: Mapping[str, str]
    begun: datetime
    thread: Message | None = None

    def sent(self, slack: Slack) -> bool:
        """Whether it is there."""
        first = next(iter(self.blocks))
        return slack.find(self.channel, [first], self.begun - NEAR, self.thread) is not None


def post_once(slack: Callable[[], Slack], draft: Draft, done: Outcome, *, again: bool) -> Outcome:
    """Post a message unless it is there; `done` is its outcome where all is well. Nothing is raised.

    `again` says that an earlier run may have posted it. One without an answer is looked up, and never sent again.
    """
    if again and (known := there(slack, draft, done)):
        return known
    try:
        client = slack()
        client.post(draft.channel, draft.blocks, draft.thread)
        return done
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return _unposted(done, error)
        doubt = error
    hint = f"look in {done.id}, to see if it is there"
    unknown = replace(done, result=Result.UNKNOWN, code="remote", message=doubt.message, hint=hint)
    try:
        if draft.sent(client):
            return done
    except OncallError as error:
        return replace(unknown, message=f"{doubt.message}; and to look it up failed: {error.message}")
    return unknown if doubt.answered is None else _unposted(done, doubt)


def there(slack: Callable[[], Slack], draft: Draft, done: Outcome) -> Outcome | None:
    """The outcome of a message that an earlier run may have posted: that it is there, or why nobody can tell.

    None where it isn't there.
    """
    try:
        found = draft.sent(slack())
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return _unposted(done, error)
        why = f"whether an earlier run posted it is not known: {error.message}"
        return replace(done, result=Result.UNKNOWN, code="remote", message=why, hint=error.hint)
    if not found:
        return None
    return replace(done, result=Result.ALREADY, code="posted", message=f"{done.message}: an earlier run did")


def _unposted(done: Outcome, error: OncallError) -> Outcome:
    """The outcome of a message that was not posted, and why."""
    return replace(failed(done, error), message=f"not posted: {error.message}")
