"""What the practice shift begins with in Slack: the channels, and what was written in them tonight."""

from datetime import datetime, timedelta

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.slack_records import USERS, add_channel, add_message, new_ts
from secops_oncall.sandbox.store import State

_ACKS = (
    ("ana", 186, "I have the payroll phishing. :eyes:"),
    ("ben", 232, "The service account token is mine."),
    ("ana", 121, "Ack: leaked key in mobile-app. More in the issue."),
)
_THREAD = (
    ("ana", 110, "Leaked key in mobile-app: disabled. Reading where it was used."),
    ("ben", 95, "I read CloudTrail. Bridge is open."),
    ("dana", 80, "Tell me before anything goes to customers, please."),
)


def seed(state: State, now: datetime) -> None:
    """Write the channels and messages; every time but the thread's own is relative to `now` (aware, UTC)."""
    everybody = list(USERS)
    begun = now - timedelta(days=900)
    add_channel(state, cast.ACK_CHANNEL, everybody, begun)
    add_channel(state, cast.SECOPS_CHANNEL, everybody, begun, private=True)
    add_channel(state, cast.ARCHIVED_CHANNEL, everybody, begun, archived=True)
    add_channel(state, cast.FOREIGN_CHANNEL, [], begun)
    for login, minutes, text in sorted(_ACKS, key=lambda ack: -ack[1]):
        _say(state, cast.ACK_CHANNEL[0], now - timedelta(minutes=minutes), login, text)
    digits = cast.THREAD_URL.rsplit("/p", 1)[-1]
    root = f"{digits[:-6]}.{digits[-6:]}"
    add_message(state, cast.SECOPS_CHANNEL[0], root, cast.PEOPLE[cast.MANAGER].slack, "Thread for the leaked key.")
    for login, minutes, text in _THREAD:
        _say(state, cast.SECOPS_CHANNEL[0], now - timedelta(minutes=minutes), login, text, thread_ts=root)


def _say(state: State, channel: str, at: datetime, login: str, text: str, **more: str) -> None:
    add_message(state, channel, new_ts(state, at), cast.PEOPLE[login].slack, text, **more)
