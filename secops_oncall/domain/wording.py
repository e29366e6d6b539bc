"""What a text gives away by its wording: nothing said yet, a secret, a telephone number, a silence without an end."""

import re

from secops_oncall.domain.incidents import JUDGEMENT

# What stands where nobody has thought yet: alone on a line, list marks and full stops aside.
_NOTHING = {
    *("tbd", "tba", "tbc", "todo", "to do", "to be done", "to be determined", "to be decided", "to be filled in"),
    *("to be continued", "see above", "see below", "see issue", "see the issue", "see ticket", "see slack"),
    *("see thread", "see previous", "see last hand-off", "see last handoff", "as above", "as before", "ditto"),
    *("same as above", "same as before", "same as last shift", "same as yesterday", "no change", "placeholder", "xxx"),
    *("lorem ipsum", "action | who | when", "signal => action", "if signal => action", "what happened, in one line"),
    *(ask.casefold() for ask in JUDGEMENT.values()),
}
_EDGES = " \t-*+•[]()_.:!?…\"'`"

# What the makers of tokens let them begin with, and what is written beside a secret.
_TOKENS = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgl(?:pat|oas|dt|rt|ptt|ft|imt|agent|soat|cbt)-[\w-]{16,}"
    r"|\b(?:gh[pousr]_|github_pat_)\w{20,}"
    r"|\bxox[a-z]-[\w-]{10,}|\bxapp-[\w-]{10,}"
    r"|\bsk[-_](?:live|test|ant|proj)?[-_]?\w{20,}|\bAIza[\w-]{30,}|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\b(?:npm|pypi|hf|dop_v1|shpat|rk_live)[_-]\w{20,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:Bearer|Basic)\s+[\w+/=.-]{16,}"
    r"|(?i:\b(?:password|passwd|passphrase|secret|token|api[ _-]?key)\b\s*[:=]\s*[^\s,;]{8,})"
)
_URL = re.compile(r"https?://\S+")
_LONG_WORD = re.compile(r"[A-Za-z0-9+/=_-]{32,}")
_PHONE = re.compile(r"(?<![\w+/=.:-])\+[1-9](?:[ ().-]{0,2}\d){7,14}(?!\w)")

_SILENCE = re.compile(
    r"\b(?:silenc(?:e|ed|ing)|snooz(?:e|ed|ing)|mut(?:e|ed|ing)|suppress(?:ed|ion|ing)?|maintenance)\b"
    r"|\b(?:disabled?|switched off|turned off)\b.{0,30}\b(?:rules?|detections?|alerts?|alarms?|monitors?|checks?)\b"
    r"|\b(?:rules?|detections?|alerts?|alarms?|monitors?|checks?)\b.{0,30}\b(?:disabled|off|paused)\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"\d{1,2}:\d\d|\d{4}-\d\d-\d\d|\buntil\b|\b(?:for|in) \d+ ?(?:m|min|h|hours?|d|days?)\b|\bends?\b|\bno longer\b"
    r"|\b(?:un(?:mute|snooze|silence)d?|re-?enabled?|lifted)\b",
    re.IGNORECASE,
)


def says_nothing(text: str) -> str | None:
    """The line of a text that only stands for one: "TBD", "see above", or what the template asks for."""
    for line in text.split("\n"):
        if " ".join(line.strip(_EDGES).split()).casefold() in _NOTHING or "**[empty: " in line:
            return line.strip()
    return None


def token_in(text: str) -> bool:
    """Whether something in a text looks like a token, a password or a private key.

    By what it begins with, by what is written before it, or because it is a long word of capital and small letters and
    digits outside of a URL: a hash, which has no capitals, is none.
    """
    bare = _URL.sub(" ", text)
    return bool(_TOKENS.search(text)) or any(_is_mixed(word) for word in _LONG_WORD.findall(bare))


def phone_in(text: str) -> bool:
    """Whether a text has a telephone number with its country's code."""
    return bool(_PHONE.search(_URL.sub(" ", text)))


def endless_silence(text: str) -> str | None:
    """The line of a text that tells of a silence, a snooze or a maintenance, and no end of it."""
    return next((line.strip() for line in text.split("\n") if _SILENCE.search(line) and not _END.search(line)), None)


def _is_mixed(word: str) -> bool:
    return all(any(test(letter) for letter in word) for test in (str.isupper, str.islower, str.isdigit))
