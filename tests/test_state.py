"""Two accounts never share a journal, and a note taken before the account was known is not lost."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from secops_oncall import state
from secops_oncall.domain.events import Event
from secops_oncall.journal import SqliteJournal

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def journal(folder: Path, token: str, account: str | None) -> SqliteJournal:
    ask = (lambda: account) if account else None
    return state.journal(folder, token, ask, lambda: NOW, print)


def texts(found: SqliteJournal) -> list[str]:
    return [event.text for event in found.events()]


def test_the_root() -> None:
    assert state.root({"ONCALL_STATE_DIR": "~/kept"}) == Path.home() / "kept"
    assert state.root({}).is_relative_to(Path.home())


def test_a_folder_for_each_profile_and_host_and_never_outside() -> None:
    environ = {"ONCALL_STATE_DIR": "/kept"}
    assert state.host_folder(environ, "staging", "https://api.example/v2") == Path("/kept/profiles/staging/api.example")
    assert state.host_folder(environ, "../..", "http://127.0.0.1:80") == Path("/kept/profiles/___/127.0.0.1_80")


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("com1", "_com1"),
        ("console", "console"),
        ("prod.", "prod_"),
        ("a:b", "a_b"),
    ],
)
def test_a_name_is_a_folder_on_windows_too(name: str, folder: str) -> None:
    assert state.profile_folder({"ONCALL_STATE_DIR": "/kept"}, name).name == folder


def test_an_account_is_asked_for_once_a_token(tmp_path: Path) -> None:
    journal(tmp_path, "first", "PANA").append(Event(NOW, "note", text="mine"))
    assert texts(journal(tmp_path, "first", None)) == ["mine"]
    assert texts(journal(tmp_path, "second", "PANA")) == ["mine"], "a new token of the same account"
    assert texts(journal(tmp_path, "third", "PBEN")) == []


def test_what_was_noted_before_the_account_was_known_is_taken_over_once(tmp_path: Path) -> None:
    journal(tmp_path, "", None).append(Event(NOW, "note", text="early"))
    assert texts(journal(tmp_path, "first", "PANA")) == ["early"]
    assert texts(journal(tmp_path, "first", "PANA")) == ["early"]
    assert texts(journal(tmp_path, "other", "PBEN")) == []


def test_a_kill_in_the_middle_of_taking_over_loses_nothing(tmp_path: Path) -> None:
    """It is claimed by renaming its folder, and copied then: what was claimed is copied by the next command."""
    journal(tmp_path, "", None).append(Event(NOW, "note", text="early"))
    (tmp_path / "unknown").rename(tmp_path / "unknown-of-PANA-0123abcd")
    assert texts(journal(tmp_path, "other", "PBEN")) == []
    assert texts(journal(tmp_path, "first", "PANA")) == ["early"]


def test_what_another_process_still_wrote_there_is_taken_over_too(tmp_path: Path) -> None:
    late = journal(tmp_path, "", None)
    late.append(Event(NOW, "note", text="early"))
    assert texts(journal(tmp_path, "first", "PANA")) == ["early"]
    (claimed,) = tmp_path.glob("unknown-of-PANA-*")
    SqliteJournal(claimed / "journal.db").append(Event(NOW, "note", text="in between"))
    for _ in range(2):
        assert texts(journal(tmp_path, "first", "PANA")) == ["early", "in between"]
    journal(tmp_path, "first", "PANA")
    assert [each.name[-6:] for each in tmp_path.glob("unknown-of-*")] == ["-taken"], (
        "looked through once more, then aside"
    )


def test_what_was_noted_while_the_configuration_was_broken_is_its_profiles(tmp_path: Path) -> None:
    environ = {"ONCALL_STATE_DIR": str(tmp_path)}
    state.unread(environ, "staging", print).append(Event(NOW, "note", text="typed at 3 AM"))
    default = state.host_folder(environ, "default", "https://api.pagerduty.com")
    assert texts(journal(default, "first", "PANA")) == []
    staging = state.host_folder(environ, "staging", "https://api.pagerduty.com")
    assert texts(journal(staging, "", None)) == ["typed at 3 AM"], "whose it is need not be known"
    assert texts(journal(staging, "first", "PANA")) == ["typed at 3 AM"]
    assert texts(journal(staging, "other", "PBEN")) == []
