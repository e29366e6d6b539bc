"""What Slack acts on in mrkdwn (docs.slack.dev, "Formatting message text"): what stands between `<` and `>`."""

import re
from collections.abc import Collection

_CONTROL = re.compile(r"<([^<>]*)>?")


def acts_in_slack(text: str, known: Collection[str]) -> list[str]:
    """Everything in a text that mentions somebody who isn't known, wakes a channel, or is no link of http(s)."""
    return [
        found[0]
        for found in _CONTROL.finditer(text)
        if not (found[1].startswith("@") and found[1][1:] in known and found[0].endswith(">"))
        and not (re.match(r"https?://", found[1]) and found[0].endswith(">"))
    ]
