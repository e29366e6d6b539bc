"""The file is changed whole or not at all, for this user alone, and nothing that it held is lost."""

import os
import tomllib
from pathlib import Path

import pytest

from secops_oncall import threads
from secops_oncall.config import Config
from secops_oncall.config_file import load
from secops_oncall.config_writing import changed_document, save, save_text, text_of
from secops_oncall.errors import BrokenConfigError, ConfigError, UsageError

BEFORE = """# by hand
[pages]
ack_minutes = 10
odd = [1.5, 1979-05-27]
[people."ana@example.com"]
gitlab = "ana"
slack = "U0ANA"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(BEFORE, "utf-8")
    return path


def loaded(file: Path, profile: str | None = None) -> Config:
    return load({}, file, file, profile)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_file_and_its_folder_are_for_this_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "oncall" / "config.toml"
    old = os.umask(0)
    try:
        saved = save(file, "default", {"gitlab.groups": ("acme", "acme-two"), "pages.assign_issue": True})
    finally:
        os.umask(old)
    assert (saved.file, saved.backup, saved.changed) == (file, None, True)
    assert loaded(file).gitlab.groups == ("acme", "acme-two")
    assert loaded(file).pages.assign_issue
    assert os.name != "posix" or (mode(file), mode(file.parent)) == (0o600, 0o700)


def test_what_nobody_reads_is_kept_and_the_text_of_before_lies_beside_it(file: Path) -> None:
    file.chmod(0o644)
    saved = save(file, "default", {"pages.ack_minutes": 20, "gitlab.url": "https://gitlab.example"})
    assert saved.backup == file.with_name("config.toml.bak")
    assert saved.backup.read_text("utf-8") == BEFORE
    assert os.name != "posix" or (mode(file), mode(saved.backup)) == (0o600, 0o600)
    held = tomllib.loads(file.read_text("utf-8"))
    assert held["pages"] == {"ack_minutes": 20, "odd": tomllib.loads(BEFORE)["pages"]["odd"]}
    assert held["gitlab"] == {"url": "https://gitlab.example"}
    assert held["people"] == tomllib.loads(BEFORE)["people"]


def test_a_text_with_comments_is_never_lost_to_one_without(file: Path) -> None:
    backup = file.with_name("config.toml.bak")
    assert save(file, "default", {"pages.ack_minutes": 20}).backup == backup
    assert save(file, "default", {"pages.ack_minutes": 30}).backup is None
    assert backup.read_text("utf-8") == BEFORE
    file.write_text("# again by hand\n" + file.read_text("utf-8"), "utf-8")
    save(file, "default", {"pages.ack_minutes": 40})
    assert backup.read_text("utf-8").startswith("# again by hand\n")


def test_what_lies_in_the_backups_place_keeps_nothing_from_being_written(file: Path) -> None:
    backup = file.with_name("config.toml.bak")
    backup.write_bytes(b"# caf\xe9")
    save(file, "default", {"pages.ack_minutes": 20})
    backup.write_bytes(b"# caf\xe9")
    assert save(file, "default", {"pages.ack_minutes": 30}).backup is None
    assert backup.read_bytes() == b"# caf\xe9"


def test_what_changes_nothing_writes_nothing(file: Path) -> None:
    saved = save(file, "default", {"pages.ack_minutes": 10, "gitlab.groups": None})
    assert (saved.changed, saved.backup) == (False, None)
    assert file.read_text("utf-8") == BEFORE
    assert not file.with_name("config.toml.bak").exists()


def test_a_key_that_is_taken_out_takes_its_empty_section_along(file: Path) -> None:
    save(file, "default", {"gitlab.groups": ["acme"]})
    save(file, "default", {"gitlab.groups": None, "pages.ack_minutes": None})
    assert tomllib.loads(file.read_text("utf-8")).keys() == {"pages", "people"}


def test_a_profile_has_tables_of_its_own(file: Path) -> None:
    save(file, "staging", {"pages.ack_minutes": 5})
    assert loaded(file).pages.ack_minutes == 10
    assert loaded(file, "staging").pages.ack_minutes == 5
    save(file, "staging", {"pages.ack_minutes": None})
    save(file, "none", {"pages.ack_minutes": None})
    assert set(tomllib.loads(file.read_text("utf-8"))["profile"]) == {"staging"}
    assert loaded(file, "staging").pages.ack_minutes == 10, "the profile stays, and has nothing of its own"


def test_what_the_default_profile_lays_over_the_file_is_changed_there() -> None:
    document = {"pages": {"ack_minutes": 1}, "profile": {"default": {"pages": {"ack_minutes": 2}}}}
    changed = changed_document(document, "default", {"pages.ack_minutes": 3, "issues.label": "x"})
    assert changed == {
        "pages": {"ack_minutes": 1},
        "issues": {"label": "x"},
        "profile": {"default": {"pages": {"ack_minutes": 3}}},
    }


def test_people_are_laid_over_what_is_known_of_them(file: Path) -> None:
    save(file, "default", {"people": {"ana@example.com": {"slack": "U1"}, "ben@example.com": {"gitlab": "ben"}}})
    people = loaded(file).people
    assert (people["ana@example.com"].gitlab, people["ana@example.com"].slack) == ("ana", "U1")
    assert people["ben@example.com"].gitlab == "ben"
    save(file, "staging", {"people": {"ana@example.com": {"slack": "U2"}}})
    assert loaded(file, "staging").people["ana@example.com"].gitlab == "ana"
    save(file, "default", {"people": {"ana@example.com": None, "ben@example.com": {"gitlab": None}}})
    assert loaded(file).people == {}


@pytest.mark.parametrize("there", [True, False])
def test_what_a_link_leads_to_is_written_and_the_link_stays(tmp_path: Path, file: Path, there: bool) -> None:
    link, target = tmp_path / "link.toml", file if there else tmp_path / "dotfiles" / "config.toml"
    link.symlink_to(target)
    save(link, "default", {"pages.ack_minutes": 30})
    assert link.is_symlink()
    assert loaded(target).pages.ack_minutes == 30


def test_a_file_that_is_not_toml_is_never_written_over(file: Path) -> None:
    file.write_text("[pages\nack_minutes = 10", "utf-8")
    with pytest.raises(BrokenConfigError, match="config.toml:1:7"):
        save(file, "default", {"pages.ack_minutes": 20})
    assert file.read_text("utf-8") == "[pages\nack_minutes = 10"


def test_what_is_no_file_or_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path, Path("/dev/null"), tmp_path / "loop", Path("~", ".config", "oncall", "config.toml")):
        with pytest.raises(ConfigError, match=r"is no file|leads to itself|Too many levels|no home folder"):
            save(path, "default", {"pages.ack_minutes": 20})


def test_a_folder_that_can_not_be_written_is_named(file: Path) -> None:
    with pytest.raises(ConfigError, match="can't write the configuration .*below") as caught:
        save(file / "below" / "config.toml", "default", {"pages.ack_minutes": 20})
    assert "--config FILE" in caught.value.hint


def test_on_a_full_disk_nothing_is_lost(file: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(BEFORE) + 10, before[1]))  # the text of before still fits
    try:
        with pytest.raises(ConfigError, match="can't write the configuration"):
            save(file, "default", {"gitlab.groups": ["acme" * 100]})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert file.read_text("utf-8") == BEFORE
    assert {path.name for path in file.parent.glob(".*")} == {".config.toml.lock"}, "no half of a file stays"


def test_two_at_once_lose_nothing(file: Path) -> None:
    keys = ["issues.label", "backlog.list", "backlog.doing", "slack.channel", "handoff.bot", "roles.engineer"]
    threads.each(lambda key: save(file, "default", {key: f"of {key}"}), keys)
    held = tomllib.loads(file.read_text("utf-8"))
    assert [held[section][name] for section, name in (key.split(".") for key in keys)] == [f"of {key}" for key in keys]


def test_values_are_checked_as_those_of_the_file(file: Path) -> None:
    with pytest.raises(ConfigError, match="pages.ack_minutes must be a whole number above 0"):
        save(file, "default", {"pages.ack_minutes": "soon"})
    with pytest.raises(UsageError, match="there is no setting 'pages.ack_minute'"):
        save(file, "default", {"pages.ack_minute": 3})
    assert file.read_text("utf-8") == BEFORE


def test_a_text_is_put_in_its_place_unless_the_file_has_become_another(file: Path) -> None:
    before = text_of(file)
    file.write_text("# theirs", "utf-8")
    with pytest.raises(ConfigError, match="changed by somebody else"):
        save_text(file, before, "# mine")
    saved = save_text(file, text_of(file), "# mine\n")
    assert (file.read_text("utf-8"), bool(saved.backup)) == ("# mine\n", True)
    assert text_of(file.with_name("none")) is None
