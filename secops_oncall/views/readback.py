"""A read-back as it is put on every issue of a hand-off, and what is asked and told before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from secops_oncall.domain import declared, posted
from secops_oncall.domain.accepting import marks
from secops_oncall.domain.differences import Difference
from secops_oncall.domain.documents import Comment
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.people import Person
from secops_oncall.domain.readback import READBACK, ReadBack, lines
from secops_oncall.domain.received import Believed, Handed, Place
from secops_oncall.streams import Streams
from secops_oncall.views.incidents import Reader, issue_link

_WHAT = {"people": "people", "times": "times", "ids": "numbers and ids"}


@dataclass(frozen=True)
class Author:
    """Who reads a hand-off back, at a moment (aware), as what, and whom user names of GitLab mean to them."""

    person: Person
    at: datetime
    standing: str
    whose: Believed


def comments(handed: Handed, words: ReadBack, author: Author, reader: Reader, *, internal: bool) -> tuple[Comment, ...]:
    """The read-back for every issue that the hand-off stands on; `internal` where the issue isn't confidential.

    Where more people read than may know of a confidential incident, it says where the words stand, and not which.
    """
    own = marks(handed)
    return tuple(
        Comment(
            place.issue,
            own[place.issue.ref],
            _note(place, handed, words if _may_hold(place.issue, handed, internal) else None, author, reader),
            internal and not place.issue.confidential,
        )
        for place in handed.places
    )


def say_differences(streams: Streams, differences: Sequence[Difference]) -> None:
    """Say in what a read-back differs from what was handed over, a line each."""
    for each in differences:
        said, handed = ", ".join(each.said), ", ".join(each.handed)
        if said and handed:
            streams.warn(f"you say {said}, and the hand-off says {handed}")
        elif handed:
            streams.warn(f"left out, {_WHAT[each.what]}: {handed}")
        else:
            streams.warn(f"not in the hand-off, {_WHAT[each.what]}: {said}")


def _may_hold(issue: Issue, handed: Handed, internal: bool) -> bool:
    """Whether all who read an issue's note may know what the words may tell of the others."""
    return issue.confidential or internal or not any(place.issue.confidential for place in handed.incidents)


def _note(place: Place, handed: Handed, words: ReadBack | None, author: Author, reader: Reader) -> str:
    who = reader.handles.mention(author.person)
    if place is handed.handover:
        first = f"**{declared.ACTING}:** {who}, on every incident of this hand-off; their owners stay"
    else:
        first = declared.takes_over(author.person, _owner(place, author.whose), reader.handles)
    said = lines(words, reader.typed) if words else [f"  - {_elsewhere(handed)}"]
    return "\n".join([first, "", f"* **{READBACK}** by {who}, {reader.when(author.at)}, {author.standing}", *said])


def _elsewhere(handed: Handed) -> str:
    where = issue_link(handed.handover.issue) if handed.handover else "the confidential issues of this hand-off"
    return f"What was said stands in {where}: a part of the hand-off is confidential"


def _owner(place: Place, whose: Believed) -> Person | None:
    """Whose the incident is, as the hand-off says."""
    name = posted.owner(place.text)
    known = whose.who(name[1:]) if name.startswith("@") else None
    return known or (Person("", name.removeprefix("@")) if name else None)
