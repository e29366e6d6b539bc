"""What is typed for a setting becomes its value, or is refused with what it must be; a token never goes in."""

import pytest

from secops_oncall.config_checks import check, check_name, is_token, person
from secops_oncall.errors import UsageError


@pytest.mark.parametrize(
    ("key", "words", "value"),
    [
        ("pages.assign_issue", ["yes"], True),
        ("pages.assign_issue", ["OFF"], False),
        ("pages.ack_minutes", [" 20 "], 20),
        ("gitlab.groups", ["acme,acme-two/sub"], ("acme", "acme-two/sub")),
        ("gitlab.groups", ["acme", "acme-two"], ("acme", "acme-two")),
        ("gitlab.groups", [""], ()),
        ("pagerduty.auth", ["bearer"], "bearer"),
        ("gitlab.url", ["https://gitlab.example/gitlab"], "https://gitlab.example/gitlab"),
        ("gitlab.url", ["http://127.0.0.1:8080"], "http://127.0.0.1:8080"),
        ("shift.time_zone", ["Europe/Berlin"], "Europe/Berlin"),
        ("shift.handover", ["07:30"], "07:30"),
        ("backlog.board", ["acme/ops:On-call"], "acme/ops:On-call"),
        ("roles.engineer", ["Security-Responder-2"], "Security-Responder-2"),
    ],
)
def test_a_value_is_what_its_key_takes(key: str, words: list[str], value: object) -> None:
    assert check(key, *words) == value


@pytest.mark.parametrize(
    ("key", "words", "message", "hint"),
    [
        ("pages.ack_minute", ["3"], "there is no setting 'pages.ack_minute'", "did you mean pages.ack_minutes?"),
        ("profile.edr.gitlab.url", ["x"], "no setting 'profile.edr.gitlab.url'", "did you mean -p edr gitlab.url?"),
        ("quite.other", ["3"], "there is no setting", "oncall config list"),
        ("pagerduty.token", ["3"], "tokens are never in the file", "oncall auth login"),
        ("pages.ack_minutes", ["soon"], "must be a whole number above 0", "oncall config get"),
        ("pages.ack_minutes", ["0"], "above 0", "oncall config get"),
        ("pages.ack_minutes", ["1", "2"], "takes one value, and there are 2", "VALUE"),
        ("pages.assign_issue", ["maybe"], "must be true or false", ""),
        ("issues.label", [" "], "is empty", "oncall config unset issues.label"),
        ("pagerduty.auth", ["basic"], "one of token, bearer", ""),
        ("gitlab.url", ["http://gitlab.example"], "unencrypted", "https"),
        ("gitlab.url", ["gitlab.example"], "no web address", "https://HOST"),
        ("gitlab.groups", ["https://gitlab.com/groups/acme"], "holds no path", "group/subgroup"),
        ("pagerduty.email", ["ana"], "no e-mail", "ana@example.com"),
        ("shift.time_zone", ["Berlin"], "no time zone", "Europe/Berlin"),
        ("shift.handover", ["8 o'clock"], "no time", "08:00"),
        ("shift.weekday_hours", ["25"], "no lengths of a shift", "12"),
        ("network.ca_bundle", ["/nonexistent.pem"], "there is no certificate bundle", "PEM"),
        ("issues.label", ["on\ncall"], "holds a line end", "one line"),
        ("gitlab.groups", ["acme", "\udcff"], "no text", "one line"),
        ("issues.label", ["\x1b[31mred"], "no text", "one line"),
        ("backlog.board", ["acme"], "backlog.board is 'acme'", "BOARD NAME"),
    ],
)
def test_what_is_of_no_use_is_refused(key: str, words: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        check(key, *words)
    assert message in refused.value.message
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    "token", ["glpat-abcdefgh12345678", "xoxb-1-2-abc", "y_NbAkKc66ryYTWUXYEu", "u+wPyYkpEaLm9bgCdEVs"]
)
def test_a_token_is_refused_and_never_repeated(token: str) -> None:
    assert is_token(token)
    for key in ("roles.engineer", "gitlab.groups"):
        with pytest.raises(UsageError, match="looks like a token") as refused:
            check(key, token)
        assert token not in refused.value.message + refused.value.hint


@pytest.mark.parametrize("text", ["oncall-improvement-x", "Security-Responder-2", "#security-department"])
def test_words_are_no_token(text: str) -> None:
    assert not is_token(text)


def test_a_person_is_named_by_an_e_mail_which_holds_dots() -> None:
    assert person("people.ana.b@mail.example.com.gitlab") == ("ana.b@mail.example.com", "gitlab")
    assert person('people."ana@example.com".slack') == ("ana@example.com", "slack")
    assert person("people.ana@example.com") == ("ana@example.com", None)
    assert person("people.ana.gitlab") is None
    assert person("pages.ack_minutes") is None


def test_a_person_s_name() -> None:
    assert check_name("people.ana@example.com.gitlab", "@ana") == "ana"
    for words in (["ana", "ben"], ["ana b"], [""]):
        with pytest.raises(UsageError, match="must be one user name"):
            check_name("people.ana@example.com.gitlab", *words)
