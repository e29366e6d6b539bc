"""What GitLab acts on in a text, as its sources look for it; in ASCII, as Ruby's `\\w` does."""

import re

QUICK_ACTION = re.compile(
    r"^/(close|assign|unassign|label|page|move|confidential|lock)(?: [^\n]*)?$",
    re.MULTILINE | re.IGNORECASE | re.ASCII,
)  # lib/gitlab/quick_actions/extractor.rb
MENTION = re.compile(r"(?<!\w)@(?:\w|\.)", re.ASCII)
LOADED = re.compile(r"!\[|<img\b", re.IGNORECASE)


def acts(text: str) -> bool:
    """Whether a text, outside code, runs a quick action, mentions somebody or loads an image."""
    return bool(QUICK_ACTION.search(text) or MENTION.search(text) or LOADED.search(text))
