"""A hand-off as it goes out: what is to stand in each place, and by which mark it is found there again."""

from dataclasses import dataclass

from secops_oncall.domain.issues import Issue
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.pages import Page


@dataclass(frozen=True)
class Comment:
    """The note for one incident's issue."""

    issue: Issue
    mark: Mark
    text: str
    internal: bool


@dataclass(frozen=True)
class Handover:
    """The shift's hand-over issue in `project`; `assignees` are GitLab user names.

    `text` is all of its description but the mark and the line that says where Slack has it.
    """

    project: str
    title: str
    mark: Mark
    text: str
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True)
class Announcement:
    """The message for a Slack channel: at most 12 lines of mrkdwn, then one message an incident in its thread.

    `marker` and the first of each detail are block ids; a detail's text is split where it is too long for a block.
    """

    channel: str
    marker: str
    lines: tuple[str, ...]
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PageNote:
    """The note for a page in PagerDuty: `text` has a place `{url}` for where the hand-off is."""

    page: Page
    text: str


@dataclass(frozen=True)
class Documents:
    """Everything that goes out, a place each; what is not configured is None or empty."""

    shift: str
    comments: tuple[Comment, ...] = ()
    handover: Handover | None = None
    slack: Announcement | None = None
    pages: tuple[PageNote, ...] = ()
