"""What an engineer wants to know once a page is acked, and what the settings ask for then, each beside the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError
from dataclasses import dataclass

from secops_oncall import threads
from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.pages import Page
from secops_oncall.domain.refs import pages_in
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import GitLab
from secops_oncall.workflows.pages import page_issues

SOON = 5.0  # seconds that the engineer, and an announcement, are kept waiting for what only informs
LATE = 5.0  # seconds more that an assignment waits for the issue that it is about

Waiting = Callable[[float], list[Page]]  # my unacked pages, within so many seconds; raises OncallError
Issues = Mapping[str, list[Issue]]  # the open issues that name each page, by the page's id


class Behind:
    """The issues behind pages: asked for in one wave beside the rest, and told whenever they are there."""

    def __init__(self, gitlab: GitLab | None, sources: Sequence[IssueQuery], pages: Sequence[Page]) -> None:
        self.is_asked = gitlab is not None
        self._ids = [page.id for page in pages]
        self._asked = threads.start(lambda: page_issues(gitlab, sources))

    def within(self, patience: float) -> tuple[Issues, list[OncallError]]:
        """The issues, as far as they are there within so many seconds, and why any may be missing."""
        try:
            listed, problems = self._asked.result(patience)
        except TimeoutError:
            listed, problems = [], [RemoteError("GitLab has not answered in time", "the same oncall ack again")]
        found: dict[str, list[Issue]] = {id: [] for id in self._ids}
        for issue in listed:
            for id in found.keys() & pages_in(issue.description):
                found[id].append(issue)
        return found, problems


@dataclass(frozen=True)
class Around:
    """What lies around acked pages: the issues that name each, and my pages that still wait.

    Where one could not be asked it is None, or an issue may be missing, and its problems say why.
    """

    issues: Issues
    issue_problems: list[OncallError]
    unacked: list[Page] | None
    page_problems: list[OncallError]


def around(behind: Behind, waiting: Waiting | None) -> Around:
    """The issues behind pages, and what is still unacked of mine, where `waiting` is to be told: both soon or never.

    Raises nothing for a service that fails: the ack is done, whatever else is known.
    """
    asked = threads.start(lambda: _unacked(waiting)) if waiting else None
    issues, problems = behind.within(SOON)
    unacked, lost = asked.result() if asked else ([], [])
    return Around(issues, problems, unacked, lost)


def side_by_side(deeds: Sequence[Callable[[], list[Outcome]]]) -> Iterator[list[Outcome]]:
    """What becomes of several deeds, none of which waits for another; told in their order, each once it is known."""
    begun = [threads.start(deed) for deed in deeds]
    return (one.result() for one in begun)


def _unacked(waiting: Waiting) -> tuple[list[Page] | None, list[OncallError]]:
    try:
        return waiting(SOON), []
    except OncallError as error:
        return None, [error]
