"""The documents that docs/handoff.md shows are what a shift with nothing missing puts into each place."""

import re
from pathlib import Path

from secops_oncall.domain.documents import WHERE
from secops_oncall.domain.marks import Mark
from secops_oncall.views.documents import documents
from secops_oncall.views.handoff_slack import printed
from tests.views.finished import EVERYWHERE, LEAK, finished

PAGE = Path(__file__).resolve().parents[2] / "docs" / "handoff.md"


def shown(language: str) -> list[str]:
    """The page's blocks in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def marked(mark: Mark, text: str) -> str:
    """A document as it goes out."""
    return f"{text}\n\n{mark}\n"


def test_nothing_is_missing_from_it() -> None:
    assert finished().problems == ()


def test_the_page_shows_the_documents_that_it_makes() -> None:
    handoff = finished()
    made = documents(handoff, EVERYWHERE)
    (comment,) = [each for each in made.comments if each.issue.ref == LEAK]
    assert made.handover
    assert shown("markdown") == [
        marked(comment.mark, comment.text),
        marked(made.handover.mark, made.handover.text),
    ]
    (note, _) = made.pages
    assert shown("text") == [
        printed(handoff, EVERYWHERE),
        note.text.replace(WHERE, f"{comment.issue.url.partition('/operations')[0]}/handovers/-/issues/9") + "\n",
    ]
    assert made.handover.title in PAGE.read_text("utf-8")


def test_slack_hears_nothing_of_the_confidential_one_but_where_it_is() -> None:
    short, *_ = shown("text")
    assert len(short.splitlines()) <= 12
    assert "AWS" not in short and "a confidential incident · <" in short
