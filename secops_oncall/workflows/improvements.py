"""What becomes of notes without a request: they are dropped, or filed as an issue that is there already."""

from collections.abc import Sequence
from datetime import datetime

from secops_oncall.domain.events import DROPPED, Note, NoteKind, filed, notes
from secops_oncall.domain.improvements import Target, title_of, unfiled
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.errors import ConfigError
from secops_oncall.ports import GitLab, Journal


def target(project: str | None, label: str) -> Target:
    """Where improvements are filed; ConfigError where no project is set."""
    if not project:
        raise ConfigError("issues.improvement_project is not set", 'set it to "group/project"')
    return Target(project, label)


def list_unfiled(journal: Journal, kind: NoteKind | None = None) -> list[Note]:
    """The notes (of one kind, or of any) that are to be filed or dropped, of any shift, oldest first."""
    return [note for note in unfiled(notes(journal.events())) if kind in (None, note.kind)]


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
        journal.append(*(filed(note.id, issue.ref, now) for note in rest))
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


def of_note(
    note: Note, result: Result, code: str, message: str, issue: Issue | None = None, *, place: str = "gitlab"
) -> Outcome:
    """What became of a note, and the issue that it became where there is one. `id` is the note's."""
    ref, title, url = (issue.ref, issue.title, issue.url) if issue else (None, title_of(note.text), None)
    return Outcome(note.id, result, ref=ref, place=place, title=title, url=url, code=code, message=message)


def _carried_out(dry_run: bool) -> tuple[Result, str, str]:
    return (Result.PLANNED, "dry_run", "this is a dry run") if dry_run else (Result.DONE, "", "")
