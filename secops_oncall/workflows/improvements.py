"""What becomes of notes without a request: they are dropped, or filed as an issue that is there already."""

from collections.abc import Sequence
from datetime import datetime

from secops_oncall.domain.events import DROPPED, Event, Note, NoteKind, filed
from secops_oncall.domain.improvements import Target, title_of, unfiled
from secops_oncall.domain.issues import TITLE, Issue
from secops_oncall.domain.outcomes import DRY_RUN, Outcome, Result
from secops_oncall.domain.text import clean, clean_lines
from secops_oncall.errors import ConfigError, UsageError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows.notes import list_notes, named_note

UNKEPT = "new"  # the id of a note that a dry run doesn't keep


class Rehearsal:
    """A journal of which a dry run reads: what is written to it is not kept."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def append(self, *events: Event) -> None:
        """Keep nothing."""

    def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
        """What the journal itself holds."""
        return self._journal.events(kind, since)


def target(project: str | None, label: str) -> Target:
    """Where improvements are filed; ConfigError where no project is set."""
    if not project:
        raise ConfigError("issues.improvement_project is not set", 'set it to "group/project"')
    return Target(project, label)


def checked_title(title: str | None) -> str | None:
    """A title as it was typed, in one line; UsageError for none, and for one that GitLab would refuse."""
    if title is None:
        return None
    line = clean(title)
    if not line or len(line) > TITLE:
        what = f"the title has {len(line)} characters, and GitLab takes {TITLE}" if line else "the title is empty"
        raise UsageError(what, 'oncall improve TEXT --title "what would be better"')
    return line


def list_unfiled(journal: Journal, kind: NoteKind | None = None) -> list[Note]:
    """The notes (of one kind, or of any) that are to be filed or dropped, of any shift, oldest first."""
    return unfiled(list_notes(journal, [kind] if kind else ()))


def waiting(journal: Journal, text: str, kind: NoteKind, page: str | None) -> Note | None:
    """The unfiled note that says the very same (about the PAGE, where one is named), as an earlier run kept it.

    A second one would be filed a second time, since nothing would tell what became of the first.
    """
    words = clean_lines(text).strip()
    return next((note for note in unfiled(list_notes(journal, [kind], page)) if note.text == words), None)


def named(journal: Journal, ids: Sequence[str]) -> list[Note]:
    """The notes that ids, or their beginnings, name, each once; raises as `named_note` does."""
    found = [named_note(journal, id) for id in ids]
    return list({note.id: note for note in found}.values())


def drop(journal: Journal, some: Sequence[Note], why: str, now: datetime, *, dry_run: bool) -> list[Outcome]:
    """Have nothing become of notes; what was filed stays so. No service is asked."""
    rest = [note for note in some if note.filed is None]
    if rest and not dry_run:
        journal.append(*(filed(note.id, None, now, why) for note in rest))
    result, code, said = _carried_out(dry_run)
    return [
        of_note(note, result, code, said or why, place="journal") if note in rest else already(note) for note in some
    ]


def file_as(
    gitlab: GitLab, journal: Journal, some: Sequence[Note], ref: str, now: datetime, *, dry_run: bool
) -> list[Outcome]:
    """Have notes filed as an issue that is there; NotFoundError where it isn't. GitLab is told nothing of it."""
    issue = gitlab.issue(ref)
    rest = [note for note in some if not is_filed(note)]
    if rest and not dry_run:
        journal.append(*(filed(note.id, issue.ref, now, confidential=issue.confidential) for note in rest))
    result, code, said = _carried_out(dry_run)
    return [
        of_note(note, result, code, said or "as the one that is there", issue) if note in rest else already(note)
        for note in some
    ]


def is_filed(note: Note) -> bool:
    """Whether a note has become an issue; one that was dropped may still be filed."""
    return note.filed not in (None, DROPPED)


def already(note: Note) -> Outcome:
    """The outcome of a note that something has become of before."""
    if is_filed(note):
        return Outcome(
            note.id, Result.ALREADY, ref=note.filed, place="gitlab", code="filed", message="nothing was sent"
        )
    return of_note(note, Result.ALREADY, "dropped", "", place="journal")


def again(note: Note) -> str:
    """The command that files a note."""
    return "oncall improve TEXT" if note.id == UNKEPT else f"oncall improve --note {note.short}"


def of_note(
    note: Note, result: Result, code: str, message: str, issue: Issue | None = None, *, place: str = "gitlab"
) -> Outcome:
    """What became of a note, and the issue that it became where there is one. `id` is the note's."""
    ref, title, url = (issue.ref, issue.title, issue.url) if issue else (None, title_of(note.text), None)
    return Outcome(note.id, result, ref=ref, place=place, title=title, url=url, code=code, message=message)


def _carried_out(dry_run: bool) -> tuple[Result, str, str]:
    return (Result.PLANNED, "dry_run", DRY_RUN) if dry_run else (Result.DONE, "", "")
