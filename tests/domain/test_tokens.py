"""Which service a token is of, what of it may be shown, and where it belongs."""

import pytest

from secops_oncall.domain.tokens import belongs_to, host_of, renewal, tail


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("glpat-xxxxxxxxxxxxxxxxxxxx", "gitlab"),
        ("gloas-abc", "gitlab"),
        ("glptt-abc", "gitlab"),
        ("glrt-abc", "gitlab"),
        ("xoxb-1-2-abc", "slack"),
        ("xoxp-1-2-abc", "slack"),
        ("xoxe.xoxp-1-abc", "slack"),
        ("xapp-1-A1-2-abc", "slack"),
        ("pdus+_0XBPWQQ_abc", "pagerduty"),
        ("y_NbAkKc66ryYTWUXYEu", "pagerduty"),
        ("u+abcdefghijklmnop3q", "pagerduty"),
        ("y_NbAkKc66ryYTWUXYE", None),
        ("all-lower-case-words", None),
        ("", None),
    ],
)
def test_the_form_tells_the_service(text: str, service: str | None) -> None:
    assert belongs_to(text) == service


def test_the_end_of_a_long_token_alone_is_shown() -> None:
    assert (tail("glpat-0123456789abcd"), tail("x" * 11 + "wxyz"), tail("")) == ("abcd", None, None)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://GitLab.Example.com/gitlab/", "gitlab.example.com"),
        ("https://gitlab.example.com:443", "gitlab.example.com"),
        ("https://gitlab.example.com:8443", "gitlab.example.com:8443"),
        ("http://127.0.0.1:8484/pagerduty", "127.0.0.1:8484"),
        ("http://[::1]:80", "[::1]"),
        ("https://me:secret@gitlab.com", "gitlab.com"),
        ("https://x:PORT", "https://x:port"),
    ],
)
def test_a_token_belongs_to_the_host(url: str, host: str) -> None:
    assert host_of(url) == host


def test_a_rejected_token_is_replaced_where_it_was_found() -> None:
    assert renewal("gitlab", "GITLAB_TOKEN") == "export GITLAB_TOKEN=… with a token that is valid"
    assert renewal("gitlab", "the keyring") == "oncall auth login gitlab"
    assert renewal("slack", "the sandbox") == "oncall sandbox reset"
