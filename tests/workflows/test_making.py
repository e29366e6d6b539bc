"""An issue made once: from GitLab's answer, or found again by its marker."""

from typing import Any

import pytest

from secops_oncall.domain.issues import Issue, NewIssue
from secops_oncall.domain.outcomes import Result
from secops_oncall.errors import NotFoundError, OncallError
from secops_oncall.workflows.making import lack, make
from secops_oncall.workflows.once import Found, Lost
from tests.fakes import FakeGitLab, an_issue
from tests.workflows.rooms import BROKEN, SILENT

NEW = NewIssue("acme/operations", "title", "text", ("incident",), confidential=True)
MARKER = "<!-- oncall:page - page-Q1 -->"
GONE = NotFoundError("acme/operations: not found or no access", "check")


class Losing(FakeGitLab):
    """A GitLab whose answer to a new issue is lost; `arrives` says whether the issue wasn't."""

    lost: OncallError = SILENT
    arrives = True

    def create(self, new: NewIssue, marker: str) -> Issue:
        if self.arrives:
            super().create(new, marker)
        raise self.lost


def test_it_is_made_once() -> None:
    gitlab = FakeGitLab()
    made = make(gitlab, NEW, MARKER)
    assert isinstance(made, Found) and made.value.title == "title"
    assert len(gitlab.writes) == 1


@pytest.mark.parametrize("lost", [SILENT, BROKEN])
def test_without_an_answer_it_is_found_by_its_marker(lost: OncallError) -> None:
    gitlab = Losing()
    gitlab.lost = lost
    assert isinstance(make(gitlab, NEW, MARKER), Found)


@pytest.mark.parametrize(
    ("lost", "failing", "result"),
    [
        (SILENT, {}, Result.UNKNOWN),
        (BROKEN, {}, Result.FAILED),
        (SILENT, {"created": SILENT}, Result.UNKNOWN),
        (BROKEN, {"created": SILENT}, Result.UNKNOWN),
        (GONE, {}, Result.FAILED),
    ],
)
def test_what_is_not_there(lost: OncallError, failing: dict[str, Any], result: Result) -> None:
    gitlab = Losing()
    gitlab.lost, gitlab.arrives, gitlab.failing = lost, False, failing
    made = make(gitlab, NEW, MARKER)
    assert isinstance(made, Lost) and (made.result, made.error) == (result, lost)
    assert lost.message in made.why


def test_what_gitlab_did_not_keep() -> None:
    kept = an_issue("acme/operations#1", confidential=True)
    assert lack(NEW, kept) is None
    assert lack(NEW, an_issue("acme/operations#1", confidential=True, labels=())) == (
        "it is there, but without the label incident",
        "oncall open acme/operations#1, and give it the label there",
    )
    lost = lack(NEW, an_issue("acme/operations#1"))
    assert lost and "did not keep it confidential" in lost[0]
