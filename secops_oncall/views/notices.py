"""What a command is about to say of an incident: shown before it is sent, and what became of it."""

from collections.abc import Sequence

from secops_oncall.domain.notices import Notice
from secops_oncall.domain.outcomes import NOTE, Outcome
from secops_oncall.streams import Streams
from secops_oncall.views.outcomes import Answer


def say_notice(streams: Streams, notice: Notice, slack: str | None) -> None:
    """Say a notice as it would go out, into the issue and, where it goes there, into Slack."""
    streams.say(f"--- note on {notice.issue.ref}\n{notice.text}")
    if slack is not None:
        streams.say(f"--- message in Slack\n{slack}")


def add_told(answer: Answer, outcomes: Sequence[Outcome]) -> None:
    """What became of a notice in each place, into a command's answer."""
    answer.add([one for one in outcomes if one.place == NOTE], "noted")
    answer.add([one for one in outcomes if one.place != NOTE], "posted")
