"""What is to be known of every command at once: exit codes, the environment, how answers come."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True)
class Section:
    """A part of a help page: its paragraphs, rows of a name and what it is, and command lines."""

    title: str
    text: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()


TOPICS = {
    "commands": "every command and subcommand, a line each",
    "exit-codes": "what the process answers to its caller",
    "environment": "every variable that is read",
    "output": "tables, pipes, JSON, and what goes to which stream",
}

OUTPUT = (
    Section(
        "Output",
        (
            "On a terminal a list is a table. In a pipe it is TSV: no header, no colour, nothing cut, times as "
            "ISO-8601 in UTC, the id or reference first. New columns come last. A single thing is text in both, a "
            "hand-off Markdown.",
            "What is longer than the screen goes through a pager; --no-pager prints it.",
            "Only the answer goes to standard output: ticks, warnings, questions and errors go to standard error.",
        ),
    ),
    Section(
        "Formats",
        ("-o FORMAT chooses one, --json is short for -o json.",),
        (
            ("table", "a list as a table, in a pipe, too"),
            ("tsv", "a list, tab-separated"),
            ("csv", "a list, comma-separated, with a header"),
            ("ids", "a list's ids or references alone, one a line"),
            ("json", "an array for a list, an object for one thing; UTC times, null for what is not known"),
            ("text", "a single thing, to be read"),
            ("markdown", "a hand-off"),
        ),
    ),
    Section(
        "Pipes",
        ("Where a command takes a PAGE, - reads them from standard input: one a line, its first field.",),
        lines=("oncall pages --mine --triggered -o ids | oncall ack -", "oncall pages --json | jq '.[].title'"),
    ),
    Section(
        "When a part fails",
        (
            "What was found is answered, and the exit code is 7 where outcomes are mixed or the answer lacks a part. "
            "Where all of it failed alike the code is that failure's: see oncall help exit-codes.",
            "Every error is two lines on standard error: what is wrong, and what to type next.",
        ),
    ),
)

VARIABLES = (
    ("ONCALL_CONFIG", "the configuration file, in place of the usual one; --config FILE"),
    ("ONCALL_PROFILE", "the profile of it; -p NAME"),
    ("ONCALL_STATE_DIR", "the folder of the journal and the cache, in place of the usual one"),
    ("ONCALL_SANDBOX", "1 uses the embedded services: no account, no token; --sandbox"),
    ("NO_COLOR", "set to anything: no colour; --no-color"),
    ("FORCE_COLOR", "1: colour in a pipe, too"),
    ("TERM", "dumb: no colour, and nothing is asked or redrawn"),
    ("COLUMNS, LINES", "how wide the terminal is, and how high, in place of what it says itself"),
    ("FORCE_HYPERLINK", "1: ids are links, whatever the terminal calls itself; 0: never"),
    ("ONCALL_PAGER, PAGER", "what shows a long answer on a terminal; empty or cat: nothing does"),
    ("VISUAL, EDITOR", "the editor, the first that is set"),
    ("BROWSER", "the browser of oncall open"),
    ("HTTPS_PROXY, ALL_PROXY, NO_PROXY", "the way out of your network, in lower case, too"),
    ("REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE", "a file of certificates to believe, unless network.ca_bundle is set"),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "the same, where those are not set"),
    ("PYTHON_KEYRING_BACKEND", "the keyring to use; keyring.backends.null.Keyring: none"),
)


def exit_codes(when: Iterable[tuple[IntEnum, str]]) -> tuple[Section, ...]:
    """Every exit code, its name, and when a command ends with it."""
    rows = tuple((f"{code.value} {code.name}", told) for code, told in when)
    return (Section("Exit codes", rows=rows),)


def environment(
    tokens: Iterable[tuple[str, Iterable[str]]], settings: Iterable[tuple[str, str]]
) -> tuple[Section, ...]:
    """Every variable: services with those of their tokens, and settings' variables with what they mean."""
    looked = tuple((", ".join(names), f"the token for {service}") for service, names in tokens)
    return (
        Section("Environment", ("A flag beats the environment, which beats the configuration file.",), VARIABLES),
        Section(
            "Tokens",
            ("The first that is set, else the system's keyring; never the file, and never the command line.",),
            looked,
        ),
        Section(
            "Settings",
            ("Each is a key of the file, too, as gitlab.url is. Lists are comma-separated here.",),
            tuple(settings),
        ),
    )
