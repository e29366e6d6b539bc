"""A hand-off as it goes out: what is to stand in each place, and by which mark it is found there again."""

from dataclasses import dataclass, field
from typing import Literal

from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.pages import Page

COMMENT, DESCRIPTION = 1_000_000, 1_048_576  # GitLab's limits, in characters (doc/administration/instance_limits.md)
ROOM = 4_096  # what is left of them for marks and what is added later
WHERE = "{url}"  # what stands for the URL of the hand-over issue until there is one
NAMED = 8  # open incidents that Slack's short form names one by one


@dataclass(frozen=True)
class Destinations:
    """Where a hand-off goes, who may read it there, and who may be mentioned in it (`handoff.*`, `people`).

    `private` says whether the channel is known to be private: else a confidential issue is a reference and no more.
    """

    project: str | None = None
    channel: str | None = None
    internal: bool = True
    in_slack: Literal["none", "six-fields"] = "none"
    private: bool = False
    handles: Handles = field(default_factory=Handles)

    @property
    def confides_in_slack(self) -> bool:
        """Whether what a confidential issue is about may be said in the channel."""
        return self.in_slack == "six-fields" and self.private


@dataclass(frozen=True)
class Comment:
    """The note for one incident's issue; one that is too long goes on in further ones, each with a mark of its own."""

    issue: Issue
    mark: Mark
    text: str
    internal: bool


@dataclass(frozen=True)
class Handover:
    """The shift's hand-over issue in `project`; `assignees` are GitLab user names.

    `text` is all of its description but the mark and the line that says where Slack has it. What a description has no
    room for goes on in comments on it, `more`, each with its mark.
    """

    project: str
    title: str
    mark: Mark
    text: str
    assignees: tuple[str, ...] = ()
    more: tuple[tuple[Mark, str], ...] = ()


@dataclass(frozen=True)
class Announcement:
    """The message for a Slack channel: at most 12 lines of mrkdwn, then one message an incident in its thread.

    `marker` and the first of each detail are block ids; `domain.slack.messages` splits a detail's text where it is too
    long for a block. The last line may have a place for the URL of the hand-over issue: WHERE.
    """

    channel: str
    marker: str
    lines: tuple[str, ...]
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PageNote:
    """The note for a page in PagerDuty: `text` has a place for where the hand-off is, WHERE, and is known by that."""

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
