"""What GitLab's part of a hand-off needs, by what of mine stands there and whether somebody has read it back."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from secops_oncall.domain import posted
from secops_oncall.domain.documents import Handover
from secops_oncall.domain.issues import Issue, IssueNote
from secops_oncall.domain.markdown import link
from secops_oncall.domain.marks import Mark, MarkedNote
from secops_oncall.domain.posting import Step, same
from secops_oncall.domain.previous import ADDENDUM, READ_BACK, marked
from secops_oncall.domain.said import Said
from secops_oncall.domain.slack import Message
from secops_oncall.domain.thread_line import address_in, text_in, thread_in
from secops_oncall.ports import GitLab
from secops_oncall.workflows.places import Held, Place
from secops_oncall.workflows.places_gitlab import LINE, HandoverIssue, NoteOnIssue
from secops_oncall.workflows.standing import Standing

_ADDED = "## Addendum: this was read back already, and has to be read back again\n"
_ADDED_TO = "* Added to "  # how the hand-over issue's addendum names an incident's


@dataclass(frozen=True)
class InGitLab:
    """What stands in GitLab, and what is to be done about it."""

    gitlab: Callable[[], GitLab]
    standing: Standing

    def note(self, blank: NoteOnIssue) -> NoteOnIssue:
        """A note by what of mine stands on its issue: of several the one that was written last."""
        own = [note for note in self._own(blank.issue) if str(note.mark) == str(blank.mark)]
        if not own:
            return blank
        there = own[-1]
        if same(there.text, blank.text):
            return replace(blank, step=Step.KEEP, there=there)
        answer = self.read_back(blank.issue, blank.mark.shift, there)
        if answer is None:
            return replace(blank, step=Step.CHANGE, there=there)
        if posted.read(there.text) == posted.read(blank.text):
            return replace(blank, step=Step.KEEP, there=there, why=f"{answer.author} has read it back")
        return self._addendum(blank)

    def _addendum(self, blank: NoteOnIssue, added: Sequence[str] = ()) -> NoteOnIssue:
        """What is later than a read-back, in a note of its own until that is read back, too.

        `added` are lines that name what stands elsewhere.
        """
        key, text = blank.mark.key, "\n".join([_ADDED, *added, *([""] if added else []), blank.text])
        before = [note for note in self._own(blank.issue) if note.mark and _adds_to(note.mark, blank.mark)]
        mark = Mark(ADDENDUM, blank.mark.shift, f"{key}/{len(before) + 1}")
        new = replace(blank, step=Step.ADD, mark=mark, text=text)
        if not before:
            return new
        last = before[-1]
        current = replace(new, step=Step.KEEP, mark=last.mark or new.mark, there=last)
        if same(last.text, text):
            return current
        answer = self.read_back(blank.issue, blank.mark.shift, last)
        if answer and _says(last.text) == _says(text):
            return replace(current, why=f"{answer.author} has read it back")
        return new if answer else replace(current, step=Step.CHANGE)

    def handover(
        self, blank: HandoverIssue, message: Message | None, url: str, notes: Iterable[Place] = ()
    ) -> Iterator[Place]:
        """The hand-over issue; what was read back stays as it is, and gets an addendum where more was said, here or
        in one of the incidents' `notes`: it is the one place that whoever takes over looks at by themselves.

        `message` is mine in Slack, with its `url`, where there is one.
        """
        document, there = blank.document, self.standing.handover
        if there is None:
            yield blank
            return
        text, thread = text_in(there.description), message or thread_in(there.description)
        known = replace(blank, there=there, thread=thread, url=url if message else address_in(there.description))
        if not there.confidential:
            yield Held(known.spot, known.shown(there).outcome)
        elif answer := self.read_back(there, document.mark.shift, None):
            why = "" if same(text, document.text) else f"{answer.author} has read it back"
            yield replace(known, step=Step.KEEP, why=why)
            added = [_added_to(note) for note in additions(notes)]
            if added or posted.read(text) != posted.read(document.text):
                again = NoteOnIssue(self.gitlab, there, document.mark, document.text, internal=False)
                yield self._addendum(again, added)
        elif same(text, document.text) and thread_in(there.description) == thread:
            yield replace(known, step=Step.KEEP)
        else:
            yield replace(known, step=Step.CHANGE)

    def line(self, document: Handover, there: Issue, message: Message, url: str) -> Place | None:
        """The line by which another machine finds the thread; None where it stands there, or the text is another's.

        What GitLab has is never sent back to it: what kept the text from acting there is gone from what was read.
        """
        is_there = thread_in(there.description) == message
        if is_there or not there.confidential or not same(text_in(there.description), document.text):
            return None
        return HandoverIssue(self.gitlab, document, (), Step.CHANGE, there, message, url, key=LINE)

    def _own(self, issue: Issue) -> list[IssueNote]:
        """My notes on an issue that carry a mark, oldest first."""
        me = self.standing.user.username.casefold() if self.standing.user else None
        notes = self.standing.notes.get(issue.ref, ())
        mine = (note for note in notes if note.mark and not note.system and note.author.casefold() == me)
        return sorted(mine, key=lambda note: (note.at, note.id))

    def read_back(self, issue: Issue, shift: str, after: IssueNote | None) -> MarkedNote | None:
        """The last read-back by somebody else, of what was posted with a note, or at all."""
        user = self.standing.user
        notes = marked(self.standing.notes.get(issue.ref, ()), self.standing.believed)
        theirs = (note for note in notes if not user or note.author.casefold() != user.username.casefold())
        found = [note for note in theirs if note.mark.kind == READ_BACK and note.mark.shift == shift]
        late = [note for note in found if after is None or (note.at, note.id) > (after.at, after.id)]
        return late[-1] if late else None


def additions(places: Iterable[Place]) -> list[NoteOnIssue]:
    """Those among some places that are addenda."""
    return [place for place in places if isinstance(place, NoteOnIssue) and place.mark.kind == ADDENDUM]


def _added_to(note: NoteOnIssue) -> str:
    """An addendum as another one names it."""
    return f"{_ADDED_TO}{link(note.issue.ref, note.issue.url)}: addendum {note.mark.key.rpartition('/')[2]}"


def _says(text: str) -> tuple[Said, list[str]]:
    """What is new to a reader, unlike facts: what was typed, and which addenda are named."""
    return posted.read(text), [line for line in text.splitlines() if line.startswith(_ADDED_TO)]


def _adds_to(mark: Mark, first: Mark) -> bool:
    """Whether a mark is that of an addendum to what another one is the mark of."""
    parts = mark.key.rpartition("/")
    return (mark.kind, mark.shift, parts[0]) == (ADDENDUM, first.shift, first.key)
