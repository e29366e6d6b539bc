"""What an engineer wants to know once a page is acked: its issue, and what else waits. Asked only after the ack."""

from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError
from dataclasses import dataclass

from secops_oncall import threads
from secops_oncall.domain.issues import Issue, IssueQuery
from secops_oncall.domain.pages import Page, naming, urgent_first, with_deadline
from secops_oncall.errors import OncallError, RemoteError
from secops_oncall.ports import GitLab, PageQuery, PagerDuty
from secops_oncall.workflows.pages import page_issues

SOON = 5.0  # seconds that the engineer is kept waiting for what only informs


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
    pagerduty: PagerDuty,
    gitlab: GitLab | None,
    sources: Sequence[IssueQuery],
    pages: Sequence[Page],
    ack_minutes: int,
    *,
    waiting: bool,
    patience: float | None = SOON,
) -> Around:
    """The issues behind pages and, where `waiting`, what is still unacked of mine, side by side: one wave.

    Raises nothing for a service that fails: the ack is done, whatever else is known. GitLab gets so many seconds
    (None: as long as any request may take).
    """
    asked = threads.start(lambda: page_issues(gitlab, sources))
    unacked, lost = _unacked(pagerduty, pages, ack_minutes) if waiting else ([], [])
    try:
        listed, problems = asked.result(patience)
    except TimeoutError:
        listed, problems = [], [RemoteError(f"GitLab has not answered within {patience:g} s", "oncall show")]
    return Around({page.id: naming(listed, page.id) for page in pages}, problems, unacked, lost, gitlab is not None)


def _unacked(
    pagerduty: PagerDuty, acked: Sequence[Page], ack_minutes: int
) -> tuple[list[Page] | None, list[OncallError]]:
    try:
        mine = pagerduty.pages(PageQuery(("triggered",), users=(pagerduty.me().id,)))
    except OncallError as error:
        return None, [error]
    done = {page.id for page in acked}  # a list may be older than the answer to a write
    return urgent_first(with_deadline(page, ack_minutes) for page in mine if page.id not in done), []
