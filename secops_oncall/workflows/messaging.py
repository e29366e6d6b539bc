"""A message in Slack, sent once: looked for where an earlier run may have sent it, and where an answer is lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.slack import Message
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import Slack
from secops_oncall.workflows.once import Found, Lost, once
from secops_oncall.workflows.outcomes import failed

NEAR = timedelta(minutes=2)  # how far this machine's clock and Slack's may be apart


@dataclass(frozen=True)
class Draft:
    """What is to be posted where, begun at a moment: mrkdwn by block id, the first of which no other message has."""

    channel: str
    blocks: Mapping[str, str]
    begun: datetime
    thread: Message | None = None

    def find(self, slack: Slack) -> Message | None:
        """The message, where it is there."""
        first = next(iter(self.blocks))
        return slack.find(self.channel, [first], self.begun - NEAR, self.thread)


def post_once(slack: Callable[[], Slack], draft: Draft, done: Outcome, *, again: bool) -> Outcome:
    """Post a message unless it is there; `done` is its outcome where all is well. Nothing is raised.

    `again` says that an earlier run may have posted it. One without an answer is looked up, and never sent again.
    """
    if again and (known := there(slack, draft, done)):
        return known
    posted = once(lambda: slack().post(draft.channel, draft.blocks, draft.thread), lambda: draft.find(slack()))
    return posted_or_not(posted, done)


def posted_or_not(posted: Found[Message] | Lost, done: Outcome, what: str = "not posted") -> Outcome:
    """The outcome of a message: `done`, or why it isn't there; `what` is said of one that certainly isn't."""
    if isinstance(posted, Found):
        return done
    if posted.result is Result.FAILED:
        return _unposted(done, posted.error, what)
    hint = f"look in {done.id}, to see if it is there"
    return replace(done, result=Result.UNKNOWN, code="remote", message=posted.why, hint=hint)


def there(slack: Callable[[], Slack], draft: Draft, done: Outcome) -> Outcome | None:
    """The outcome of a message that an earlier run may have posted: that it is there, or why nobody can tell.

    None where it isn't there.
    """
    try:
        found = draft.find(slack())
    except OncallError as error:
        if not (isinstance(error, RemoteError) and error.in_doubt):
            return _unposted(done, error)
        why = f"whether an earlier run posted it is not known: {error.message}"
        return replace(done, result=Result.UNKNOWN, code="remote", message=why, hint=error.hint)
    if not found:
        return None
    return replace(done, result=Result.ALREADY, code="posted", message=f"{done.message}: an earlier run did")


def _unposted(done: Outcome, error: OncallError, what: str = "not posted") -> Outcome:
    """The outcome of a message that was not posted, and why."""
    return replace(failed(done, error), message=f"{what}: {error.message}")
