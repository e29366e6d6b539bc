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
LATER = 5.0  # and so many more for GitLab, where something is to be written there

Waiting = Callable[[float], list[Page]]  # my unacked pages, within so many seconds; raises OncallError


class Behind:
    """The issues behind pages: asked for once, in one wave, and had as soon as they are there."""

    def __init__(self, gitlab: GitLab | None, sources: Sequence[IssueQuery]) -> None:
        self.asked = gitlab is not None
        self._answer = threads.start(lambda: page_issues(gitlab, sources))

    def of(self, pages: Sequence[Page], patience: float) -> tuple[dict[str, list[Issue]], list[OncallError]]:
        """The open issues that name each page, by page id, within so many seconds, and what could not be asked."""
        try:
            listed, problems = self._answer.result(patience)
        except TimeoutError:
            again = "the same command again: nothing is done twice"
            listed, problems = [], [RemoteError("GitLab has not answered in time", again)]
        return {page.id: naming(listed, page.id) for page in pages}, problems


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

    def known(self, page: Page) -> list[Issue] | None:
        """The open issues that name an acked page; None where nobody knows whether there is one."""
        found = self.issues[page.id]
        return found if self.gitlab_asked and (found or not self.issue_problems) else None


def around(behind: Behind, pages: Sequence[Page], waiting: Waiting | None, patience: float) -> Around:
    """The issues behind pages, and what is still unacked of mine, where `waiting` is to be told.

    Raises nothing for a service that fails or takes longer than so many seconds: the ack is done, whatever else is
    known.
    """
    asked = threads.start(lambda: _unacked(waiting, patience)) if waiting else None
    issues, problems = behind.of(pages, patience)
    unacked, lost = asked.result() if asked else ([], [])
    return Around(issues, problems, unacked, lost, behind.asked)


def _unacked(waiting: Waiting, patience: float) -> tuple[list[Page] | None, list[OncallError]]:
    try:
        return waiting(patience), []
    except OncallError as error:
        return None, [error]
