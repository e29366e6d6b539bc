"""Every key that GitLab documents in its own examples is in the sandbox's answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.sandbox.gitlab_records import BOARD, add_milestone
from secops_oncall.sandbox.server import Sandbox
from tests.sandbox.sessions import ask

ISSUE = "/projects/72/issues/101"
SAMPLES = {
    "user": "/user",
    "version": "/version",
    "metadata": "/metadata",
    "personal_access_token_self": "/personal_access_tokens/self",
    "group_issues": "/groups/70/issues?iids[]=101",
    "project_issue": ISSUE,
    "issue_notes": f"{ISSUE}/notes",
    "issue_links": f"{ISSUE}/links",
    "participants": f"{ISSUE}/participants",
    "resource_label_events": f"{ISSUE}/resource_label_events",
    "project_boards": "/projects/72/boards",
    "board_lists": "/projects/72/boards/13/lists",
    "group_board_list_milestone": "/groups/70/boards/14/lists",
    "group_boards": "/groups/70/boards",
    "group_board_lists": "/groups/70/boards/12/lists",
    "labels": "/projects/72/labels?with_counts=true",
}


def missing(sample: Any, answer: Any, at: str = "") -> list[str]:
    """The keys of the sample that the answer has not; a null or an empty list in either has no keys to compare."""
    if isinstance(sample, list) and isinstance(answer, list):
        return missing(sample[0], answer[0], f"{at}[]") if sample and answer else []
    if not isinstance(sample, dict) or not isinstance(answer, dict):
        return []
    absent = [f"{at}.{key}" for key in sample if key not in answer]
    return absent + [one for key in sample if key in answer for one in missing(sample[key], answer[key], f"{at}.{key}")]


@pytest.fixture
def samples(shared: Path) -> Path:
    """The folder of GitLab's own examples."""
    return shared / "samples" / "gitlab"


@pytest.mark.parametrize("name", SAMPLES)
def test_an_answer_has_every_documented_key(sandbox: Sandbox, samples: Path, name: str) -> None:
    with sandbox.store.state() as state:
        board = {"id": 13, "name": "Project", "lists": [{"id": 41, "label": "Done", "position": 0}]}
        state.put(BOARD, 13, board, parent="project/72")
        milestone = {"id": 42, "label": None, "position": 0, "milestone": add_milestone(state, "group/70", "18.1")}
        state.put(BOARD, 14, {"id": 14, "name": "Milestones", "lists": [milestone]}, parent="group/70")
    sample = json.loads((samples / f"{name}.json").read_text("utf-8"))
    answer = ask(sandbox, SAMPLES[name]).json()
    assert answer
    assert missing([sample] if isinstance(answer, list) and isinstance(sample, dict) else sample, answer) == []


def test_what_a_write_answers_has_every_documented_key(sandbox: Sandbox, samples: Path) -> None:
    changed = ask(sandbox, ISSUE, method="PUT", json={"state_event": "close"}).json()
    assert missing(json.loads((samples / "issue_updated.json").read_text("utf-8")), changed) == []
    note = ask(sandbox, f"{ISSUE}/notes", method="POST", json={"body": "text"}).json()
    assert missing(json.loads((samples / "issue_note.json").read_text("utf-8")), note) == []


def test_the_refusals_are_gitlabs(sandbox: Sandbox, samples: Path) -> None:
    refused = ask(sandbox, "/user", login="nobody").json()
    assert refused == json.loads((samples / "error_401.json").read_text("utf-8"))
    untitled = ask(sandbox, "/projects/72/issues", method="POST", json={}).json()
    assert untitled == json.loads((samples / "error_400_missing.json").read_text("utf-8"))
    unscoped = ask(sandbox, ISSUE, login="ana-readonly", method="PUT", json={"title": "x"}).json()
    assert set(unscoped) == set(json.loads((samples / "error_403_insufficient_scope.json").read_text("utf-8")))


def test_the_comparison_finds_what_is_missing() -> None:
    assert missing([{"id": 1, "user": {"name": "a"}}], [{"id": 1, "user": {}}]) == ["[].user.name"]
