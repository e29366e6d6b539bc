"""The labelled issues of every configured group and project."""

from collections.abc import Sequence
from dataclasses import replace

from secops_oncall import threads
from secops_oncall.domain.issues import Issue, IssueQuery, newest_activity_first
from secops_oncall.errors import ConfigError
from secops_oncall.ports import GitLab


def list_issues(gitlab: GitLab, places: Sequence[IssueQuery], labels: Sequence[str]) -> list[Issue]:
    """The issues that have any of the labels in any of the places, each once, newest activity first; one wave.

    GitLab's label filter means all of them, so each label is a question of its own (gitlab.md, "Listing issues").
    Raises ConfigError where no place is configured.
    """
    if not places:
        raise ConfigError("gitlab.groups and gitlab.projects are empty", 'set gitlab.groups = ["your-group"]')
    questions = [replace(place, labels=(*place.labels, label)) for place in places for label in labels]
    return newest_activity_first(issue for some in threads.each(gitlab.issues, questions) for issue in some)
