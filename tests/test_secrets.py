"""Tokens are found where they are looked for, and printed nowhere."""

import pytest

from secops_oncall.errors import AuthError
from secops_oncall.secrets import Token, find, mask


def test_the_first_variable_wins() -> None:
    environ = {"GITLAB_TOKEN": "second", "ONCALL_GITLAB_TOKEN": " first\n"}
    assert find("gitlab", environ) == Token("first", "ONCALL_GITLAB_TOKEN")
    assert find("gitlab", {"GITLAB_TOKEN": "second"}).source == "GITLAB_TOKEN"


def test_a_missing_token_names_where_it_was_looked_for() -> None:
    with pytest.raises(AuthError, match="no PagerDuty token: looked in ONCALL_PAGERDUTY_TOKEN"):
        find("pagerduty", {"ONCALL_PAGERDUTY_TOKEN": "  "})


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "señor"])
def test_what_can_be_no_token_is_refused_unprinted(value: str) -> None:
    with pytest.raises(AuthError) as caught:
        find("slack", {"SLACK_BOT_TOKEN": value})
    assert value not in caught.value.message + caught.value.hint


def test_a_token_never_shows() -> None:
    assert "hunter2" not in repr(Token("hunter2", "X"))
    text = mask("Authorization: Token token=hunter2x PRIVATE glpat-abc_DEF Bearer eyJ.x-y", ["hunter2x"])
    assert text == "Authorization: Token token=[token] PRIVATE glpat-[token] Bearer [token]"
