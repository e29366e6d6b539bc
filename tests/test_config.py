"""Where a setting comes from, and what is said of one that is wrong."""

import os
from pathlib import Path

import pytest

from secops_oncall.config import KEYS, variable
from secops_oncall.config_file import load
from secops_oncall.config_writing import save
from secops_oncall.errors import BrokenConfigError, ConfigError, UsageError

FILE = """
[pagerduty]
url = "https://api.eu.pagerduty.com"
[pages]
ack_minutes = 10
[gitlab]
groups = ["acme", "acme-two"]
[people."ana@example.com"]
gitlab = "ana"
slack = "U0ANA"
[profile.staging.pagerduty]
url = "https://staging.example"
[profile.staging.gitlab]
projects = ["acme/one"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE, "utf-8")
    return path


def test_environment_beats_file_beats_default(file: Path) -> None:
    config = load({"ONCALL_PAGES_ACK_MINUTES": "20", "ONCALL_GITLAB_PROJECTS": "a/b, c/d"}, None, file)
    assert config.pages.ack_minutes == 20
    assert config.pagerduty.url == "https://api.eu.pagerduty.com"
    assert config.gitlab.projects == ("a/b", "c/d")
    assert config.gitlab.groups == ("acme", "acme-two")
    assert config.issues.label == "oncall"
    assert config.people["ana@example.com"].slack == "U0ANA"
    assert config.is_set_up


def test_a_profile_is_laid_over_the_file_key_by_key(file: Path) -> None:
    config = load({}, None, file, "staging")
    assert config.pagerduty.url == "https://staging.example"
    assert config.gitlab.projects == ("acme/one",)
    assert config.gitlab.groups == ("acme", "acme-two")
    with pytest.raises(ConfigError, match="no profile 'prod'"):
        load({}, None, file, "prod")


_IN_GITLAB = ["gitlab.groups", "gitlab.projects", "incidents.projects", "issues.improvement_project"]


@pytest.mark.parametrize("key", [*_IN_GITLAB, "backlog.board", "handoff.project"])
def test_whatever_lies_in_gitlab_needs_it(tmp_path: Path, key: str) -> None:
    assert not load({}, None, tmp_path / "none").uses("gitlab")
    assert load({variable(key): "acme/x"}, None, tmp_path / "none").uses("gitlab")


def test_the_file_may_be_named_and_must_then_be_there(file: Path, tmp_path: Path) -> None:
    assert load({"ONCALL_CONFIG": str(file)}, None, tmp_path / "none").pages.ack_minutes == 10
    assert not load({}, None, tmp_path / "none").is_set_up
    with pytest.raises(ConfigError, match=r"there is no configuration file .*none"):
        load({}, tmp_path / "none", file)


@pytest.mark.parametrize(
    ("text", "place"),
    [("[pages]\nack_minutes = = 2\n", ":2:15:"), ("[pages]\nx = '", ":2:6:"), ("= 1", ":1:1:")],
)
def test_malformed_toml_is_named_with_line_and_column(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load({}, path, path)
    assert f"config.toml{place}" in caught.value.message


@pytest.mark.parametrize(
    ("text", "why"),
    [(f"x = {'[' * 5000}{']' * 5000}", "nested too deeply"), ("#" * 2_000_001, "longer than 2,000,000 characters")],
    ids=["deep", "long"],
)
def test_what_nobody_can_have_meant_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BrokenConfigError, match=why):
        load({}, path, path)
    with pytest.raises(BrokenConfigError, match=why):
        save(path, "default", {"issues.label": "x"})
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[pages]\nack_minutes = 'soon'", "pages.ack_minutes must be a whole number above 0"),
        ("[pages]\nack_minutes = true", "pages.ack_minutes must be a whole number"),
        ("[pages]\nack_minutes = -1", "above 0"),
        ("[gitlab]\ngroups = 'acme'", "gitlab.groups must be a list of texts"),
        ("[pagerduty]\nauth = 'basic'", "pagerduty.auth must be one of token, bearer"),
        ("[handoff]\ninternal = 'yes'", "handoff.internal must be true or false"),
        ("people = 3", "people must be tables"),
        ("profile = 3", "profile must be tables"),
        ("[profile]\ndefault = 3", "profile must be tables"),
        ("[pages]\nack_minutes = 99999999999", "above 0 and up to 1,000,000"),
    ],
)
def test_a_value_of_the_wrong_type_says_what_it_must_be(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        load({}, path, path)


def test_a_wrong_value_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ONCALL_PAGES_ACK_MINUTES: pages.ack_minutes must be"):
        load({"ONCALL_PAGES_ACK_MINUTES": "½"}, None, tmp_path / "none")


def test_an_unknown_key_is_a_warning_with_the_nearest_one_and_without_its_value(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[pages]\nack_minute = 3\n[pagerduty]\ntoken = 'secret'\n[page]\nx = 1", "utf-8")
    warnings = load({}, path, path).warnings
    assert "did you mean pages.ack_minutes?" in warnings[0]
    assert "pagerduty.token" in warnings[1]
    assert "did you mean pages?" in warnings[2]
    assert "secret" not in "".join(warnings)


def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"x = '\xe9'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load({}, tmp_path / "latin", tmp_path)
    with pytest.raises(ConfigError, match="can't read"):
        load({}, tmp_path, tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="devices and pipes are POSIX's")
def test_what_might_never_come_to_an_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for file in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ConfigError, match="is no file"):
            load({}, file, file)
    assert not load({}, Path(os.devnull), tmp_path).is_set_up
    reading, writing = os.pipe()  # as a shell opens one for `<(…)`
    os.write(writing, b"[pages]\nack_minutes = 7\n")
    os.close(writing)
    assert load({}, Path(f"/dev/fd/{reading}"), tmp_path).pages.ack_minutes == 7
    os.close(reading)


def test_a_section_that_is_no_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("gitlab = 3", "utf-8")
    (warning,) = load({}, tmp_path / "f", tmp_path).warnings
    assert "'gitlab': it must be a table" in warning


@pytest.mark.parametrize("name", ["", " ", " staging", "stag\ning", "\udcff", "\u202egnigats"])
def test_a_profile_has_a_name_that_can_be_told_from_others(file: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name of a profile"):
        load({}, None, file, name)
    assert load({"ONCALL_PROFILE": ""}, None, file).profile == "default"


def test_every_key_of_the_interface_is_there() -> None:
    assert variable("handoff.slack_channel") == "ONCALL_HANDOFF_SLACK_CHANNEL"
    assert len({variable(key) for key in KEYS}) == len(KEYS)
