"""Tokens are found where they are looked for, and printed nowhere."""

import pytest

from secops_oncall.domain.tokens import Token
from secops_oncall.errors import AuthError, KeyringError
from secops_oncall.secrets import find, mask


def test_the_first_variable_wins() -> None:
    environ = {"GITLAB_TOKEN": "second", "ONCALL_GITLAB_TOKEN": " first\n"}
    assert find("gitlab", environ) == Token("first", "ONCALL_GITLAB_TOKEN")
    assert find("gitlab", {"GITLAB_TOKEN": "second"}).source == "GITLAB_TOKEN"


def test_a_missing_token_names_where_it_was_looked_for() -> None:
    with pytest.raises(AuthError, match="no PagerDuty token: looked in ONCALL_PAGERDUTY_TOKEN"):
        find("pagerduty", {"ONCALL_PAGERDUTY_TOKEN": "  "})


def test_the_keyring_is_asked_where_the_environment_has_none() -> None:
    def kept() -> str:
        raise AssertionError("the keyring was asked")

    assert find("slack", {"SLACK_BOT_TOKEN": "xoxb-1"}, kept).source == "SLACK_BOT_TOKEN"
    assert find("slack", {"SLACK_BOT_TOKEN": " "}, lambda: "xoxb-2\n") == Token("xoxb-2", "the keyring")


def test_a_missing_token_says_that_the_keyring_has_none_either_or_why_it_was_not_asked() -> None:
    with pytest.raises(AuthError) as caught:
        find("gitlab", {})
    assert caught.value.message == "no GitLab token: looked in ONCALL_GITLAB_TOKEN and GITLAB_TOKEN, and in the keyring"
    assert caught.value.hint == "oncall auth login gitlab, or try `--sandbox`, which needs none"

    def kept() -> str:
        raise KeyringError("this system has no keyring", "export ONCALL_GITLAB_TOKEN=…")

    with pytest.raises(AuthError) as caught:
        find("gitlab", {}, kept)
    looked = "no GitLab token: looked in ONCALL_GITLAB_TOKEN and GITLAB_TOKEN"
    assert caught.value.message == f"{looked}; this system has no keyring"
    assert caught.value.hint == "export ONCALL_GITLAB_TOKEN=…, or try `--sandbox`, which needs none"
    assert caught.value.exit_code == 4


def test_what_the_keyring_has_is_looked_at_alike() -> None:
    with pytest.raises(AuthError) as caught:
        find("gitlab", {}, lambda: "two words")
    assert "two words" not in caught.value.message
    assert caught.value.hint == "copy it again: oncall auth login gitlab"


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "señor"])
def test_what_can_be_no_token_is_refused_unprinted(value: str) -> None:
    with pytest.raises(AuthError) as caught:
        find("slack", {"SLACK_BOT_TOKEN": value})
    assert value not in caught.value.message + caught.value.hint


def test_a_token_never_shows() -> None:
    assert "hunter2" not in repr(Token("hunter2", "X"))
    text = mask("Authorization: Token token=hunter2x PRIVATE glpat-abc_DEF Bearer eyJ.x-y", ["hunter2x"])
    assert text == "Authorization: Token token=[token] PRIVATE glpat-[token] Bearer [token]"
    assert mask("glptt-abc, xoxe.xoxp-1-x, pdus+_0X and english-words", []) == (
        "glptt-[token], xoxe.[token], pdus+[token] and english-words"
    )


def test_what_logs_in_by_a_url_is_masked() -> None:
    assert mask("by http://ana:s3cret@proxy.example:3128/x, ana@example.com", ()) == (
        "by http://…@proxy.example:3128/x, ana@example.com"
    )
    assert mask("http://ana:p@ss@proxy.example", ()) == "http://…@proxy.example"


def test_of_a_token_that_begins_as_another_does_nothing_is_left() -> None:
    assert mask("it was s3cret-and-more", ["s3cret", "s3cret-and-more"]) == "it was [token]"
