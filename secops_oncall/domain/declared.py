"""The first line of a note, which tells people and the fold who acts, who is engaged, and until when."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from secops_oncall.domain.handles import Handles
from secops_oncall.domain.people import Person
from secops_oncall.domain.times import stamp, stamps

ACTING, OWNER = "Acting from now", "Owner (unchanged)"
ENGAGED, LEFT, UNTIL = "Engaged", "Left", "Until back"
IMPACT = "High impact"
NOBODY = "nobody"

# A name that Markdown would act on stands in a code span, in which anything may stand.
_CODE = r"(`+)(?!`)(.*?)(?<!`)\{}(?!`)"
_SPAN, _PAIR = (
    re.compile(_CODE.format(1)),
    re.compile(rf"\*\*([^*:]+):\*\* ({_CODE.format(3)}|@[\w.-]+|[^|`@*]*?)(?: \| |$)"),
)


def takes_over(person: Person, owner: Person | None, handles: Handles) -> str:
    """That somebody acts from now on, and who owns it all the same: a read-back's line, and that of a break's end."""
    return _line([(ACTING, handles.mention(person)), _owned(owner, handles)])


def goes_on_break(to: Person, back: datetime, owner: Person | None, handles: Handles) -> str:
    """That somebody else acts until the author is back, at a moment (aware)."""
    return _line([(ACTING, handles.mention(to)), (UNTIL, stamp(back)), _owned(owner, handles)])


def engages(people: Iterable[Person], handles: Handles) -> str:
    """That people are engaged from now on."""
    return _line([(ENGAGED, handles.mention(person)) for person in people])


def leaves(person: Person, handles: Handles) -> str:
    """That somebody is engaged no longer."""
    return _line([(LEFT, handles.mention(person))])


def is_high_impact(people: Iterable[Person], owner: Person | None, handles: Handles) -> str:
    """That it is of high impact, and which managers are engaged for that."""
    return _line([(IMPACT, "yes"), *((ENGAGED, handles.mention(one)) for one in people), _owned(owner, handles)])


def named(text: str, label: str, people: Mapping[str, Person]) -> list[Person]:
    """Whom the first line of a note names under a label; `people` are known by GitLab user name, in lower case."""
    by_name = {person.name.casefold(): person for person in people.values()}
    return [_person(value, people, by_name) for found, value in _pairs(text) if found == label and value]


def until(text: str) -> datetime | None:
    """When the author of a note says to be back (aware, UTC)."""
    told = next((value for label, value in _pairs(text) if label == UNTIL), "")
    return next(iter(stamps(told)), None)


def _owned(owner: Person | None, handles: Handles) -> tuple[str, str]:
    return OWNER, handles.mention(owner) or NOBODY


def _line(pairs: Iterable[tuple[str, str]]) -> str:
    return " | ".join(f"**{label}:** {value}" for label, value in pairs)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """The labels and values of the first line; nothing of a line that is not wholly ours."""
    line, found, at = text.partition("\n")[0].strip(), [], 0
    while at < len(line):
        pair = _PAIR.match(line, at)
        if pair is None:
            return
        found.append((pair[1], pair[2]))
        at = pair.end()
    yield from found


def _person(value: str, users: Mapping[str, Person], by_name: Mapping[str, Person]) -> Person:
    """A mention is somebody's whose user name that is; what stands in a code span is a name, whatever it looks like."""
    code = _SPAN.fullmatch(value)
    if value.startswith("@"):
        return users.get(value[1:].casefold(), Person("", value[1:]))
    name = code[2].strip() if code else value
    return by_name.get(name.casefold(), Person("", name))
