"""A process of its own in which an engineer picks an issue, again and again: a ref in, what they are told out."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from secops_oncall.cache import Cache
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network, Patience
from secops_oncall.domain.issues import Issue
from secops_oncall.errors import OncallError
from secops_oncall.views.jsonable import dumps
from secops_oncall.workflows import proving
from secops_oncall.workflows.backlog import Backlog, Desk, board_name
from secops_oncall.workflows.picking import Wish, pick
from tests.fakes import FakeJournal


def main(folder: str) -> None:
    """Answer every line of standard input by one line; what is known of the board is kept in the folder."""
    proving.AGAIN = 0.0  # whoever waits at a gate has waited long enough
    patience = Patience()
    url, token = os.environ["ONCALL_GITLAB_URL"], os.environ["ONCALL_GITLAB_TOKEN"]
    cache = Cache(Path(folder), lambda: datetime.now(UTC))
    gitlab = GitLabClient(url, token, network=Network(patience=patience), cache=cache)
    name = board_name(os.environ["ONCALL_BACKLOG_BOARD"], "Backlog", "In Progress")
    for line in sys.stdin:
        patience.renew()
        ref, _, dry = line.strip().partition(" ")
        desk = Desk(gitlab, None, FakeJournal(), name, {})
        try:
            picked = pick(desk, Wish(ref, dry_run=bool(dry)), _nobody, datetime.now(UTC))
            told: Sequence[object] = [picked.exit_code, picked.outcomes[0]]
        except OncallError as error:
            told = [error.exit_code, {"result": "error", "code": "", "message": error.message}]
        sys.stdout.write(dumps(told, stream_is_terminal=True).replace("\n", "") + "\n")
        sys.stdout.flush()


def _nobody(found: Backlog) -> Issue:
    raise AssertionError("the issue is named")


if __name__ == "__main__":
    main(sys.argv[1])
