"""What an engineer wants to know once a page is acked: its issue, asked for only then, and what else waits."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError
from dataclasses import dataclass

from secops_oncall import threads
from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.pages import Page, naming
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import GitLab
from secops_oncall.workflows.pages import page_issues

SOON = 5.0  # seconds that the engineer is kept waiting for what only informs

Waiting = Callable[[float], list[Page]]  # my unacked pages, within so many seconds; raises OncallError


@dataclass(frozen=True)
class Around:
    """What lies around acked pages: the open issues that name each, by page id, and my pages that still wait.

    Where one could not be asked it is None, or an issue may be missing, and its problems say why.
    """

    issues: Mapping[str, list[Issue]]
    issue_problems: list[OncallError]
    unacked: list[Page] | None
    page_problems: list[OncallError]
    gitlab_asked: bool


def around(
    gitlab: GitLab | None,
    sources: Sequence[IssueQuery],
    pages: Sequence[Page],
    waiting: Waiting | None,
    patience: float | None = SOON,
) -> Around:
    """The issues behind pages, in one wave, and what is still unacked of mine, where `waiting` is to be told.

    Raises nothing for a service that fails: the ack is done, whatever else is known. GitLab gets so many seconds
    (None: as long as any request may take).
    """
    asked = threads.start(lambda: page_issues(gitlab, sources))
    unacked, lost = _unacked(waiting) if waiting else ([], [])
    try:
        listed, problems = asked.result(patience)
    except TimeoutError:
        listed, problems = [], [RemoteError(f"GitLab has not answered within {patience:g} s", "oncall show")]
    return Around({page.id: naming(listed, page.id) for page in pages}, problems, unacked, lost, gitlab is not None)


def _unacked(waiting: Waiting) -> tuple[list[Page] | None, list[OncallError]]:
    try:
        return waiting(SOON), []
    except OncallError as error:
        return None, [error]
