"""Tokens as people read them: the mark and the word, where each lies, and nothing of the token but its end."""

from datetime import date

from rich.cells import cell_len

from secops_oncall.domain.auth import TokenStatus
from secops_oncall.views.auth import print_status
from tests.views.samples import CLEAN, HOSTILE, Consoles

FOUND = [
    TokenStatus("pagerduty", "api.pagerduty.com", "ONCALL_PAGERDUTY_TOKEN", None, "account key", valid=True),
    TokenStatus(
        "gitlab",
        "gitlab.example.com:8443",
        "the keyring",
        "wxyz",
        "personal access token",
        "ana",
        ("api", "read_user"),
        date(2027, 2, 25),
        True,
    ),
    TokenStatus("slack", "slack.com", message="no Slack token: looked in …"),
]
REJECTED = TokenStatus("gitlab", "gitlab.com", "GITLAB_TOKEN", "wxyz", valid=False, message="it has expired")


def test_each_token_is_two_or_three_lines() -> None:
    consoles = Consoles(width=60)
    print_status(consoles.streams, FOUND, "table")
    assert consoles.out_lines == [
        "✓ valid      PagerDuty  api.pagerduty.com",
        "  token from ONCALL_PAGERDUTY_TOKEN",
        "  account key",
        "✓ valid      GitLab     gitlab.example.com:8443",
        "  token …wxyz from the keyring",
        "  personal access token of ana, until 2027-02-25",
        "  scopes api, read_user",
        "· not used   Slack      slack.com",
    ]
    assert max(map(cell_len, consoles.out_lines)) <= 60
    assert consoles.err == ""


def test_what_is_wrong_is_told_with_what_to_type() -> None:
    consoles = Consoles()
    wrong = TokenStatus("pagerduty", "api.pagerduty.com", "X", message="it is down", hint="try again", exit_code=6)
    lost = TokenStatus("slack", "slack.com", message="no Slack token", hint="oncall auth login slack", exit_code=4)
    print_status(consoles.streams, [REJECTED, wrong, lost], "table")
    assert consoles.out_lines == [
        "✗ rejected   GitLab     gitlab.com",
        "  token …wxyz from GITLAB_TOKEN",
        "? unknown    PagerDuty  api.pagerduty.com",
        "  token from X",
        "✗ missing    Slack      slack.com",
    ]
    assert consoles.err.splitlines() == [
        "oncall: it is down",
        "  hint: try again",
        "oncall: no Slack token",
        "  hint: oncall auth login slack",
    ]


def test_a_user_of_any_name_is_one_harmless_line() -> None:
    consoles = Consoles(width=200)
    print_status(consoles.streams, [TokenStatus("slack", "slack.com", "X", None, "bot token", HOSTILE)], "table")
    assert consoles.out_lines[2] == f"  bot token of {CLEAN}"
