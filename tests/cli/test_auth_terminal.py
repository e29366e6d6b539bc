"""A token typed on a real terminal: hidden, kept, and used by the next command."""

import os
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from secops_oncall.sandbox import cast
from tests.cli.conftest import Served
from tests.cli.test_keyring import without_tokens
from tests.cli.test_terminal import ended

pytestmark = pytest.mark.skipif(os.name != "posix", reason="it needs a pseudo-terminal")


def test_a_token_is_typed_hidden_and_kept(served: Served, tmp_path: Path) -> None:
    world: dict[str, Any] = {**os.environ, "TERM": "xterm-256color", "ONCALL_STATE_DIR": str(tmp_path / "state")}
    world |= {"PYTHON_KEYRING_BACKEND": "tests.keyrings.FileKeyring", "KEYRING_PROPERTY_PATH": str(tmp_path / "ring")}
    world |= without_tokens(served)
    running = pexpect.spawn(
        sys.executable, ["-m", "secops_oncall", "auth", "login", "gitlab"], env=world, encoding="utf-8", timeout=30
    )
    running.expect_exact("personal_access_tokens?name=oncall&scopes=api")
    running.expect_exact("\x1b[6n")
    running.send("\x1b[1;1R")
    running.expect_exact("GitLab token for")
    running.send(f" {cast.token('gitlab')} \r")
    code, told = ended(running)
    assert (code, "✓ GitLab takes it: personal access token of ana" in told) == (0, True)
    assert cast.token("gitlab") not in told
    assert cast.token("gitlab") in (tmp_path / "ring").read_text("utf-8")
