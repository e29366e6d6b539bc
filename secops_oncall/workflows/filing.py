"""Filing notes as GitLab issues, each once: one look at what is there already, the plan, and its requests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from secops_oncall import threads
from secops_oncall.domain.events import Event, Note, NoteKind, filed, notes
from secops_oncall.domain.flight import failed, flying, unended
from secops_oncall.domain.improvements import (
    ALIKE,
    FILING,
    Shape,
    Target,
    alike,
    begin,
    draft,
    key,
    likeness,
    tried,
    words,
)
from secops_oncall.domain.issues import Issue, IssueQuery, NewIssue
from secops_oncall.domain.outcomes import DRY_RUN, Outcome, Result
from secops_oncall.domain.text import clean, quoted
from secops_oncall.errors import NotFoundError, OncallError
from secops_oncall.ports import GitLab, Journal
from secops_oncall.workflows import outcomes
from secops_oncall.workflows.improvements import again, already, is_filed, of_note
from secops_oncall.workflows.making import lack, make, under_way
from secops_oncall.workflows.once import Found
from secops_oncall.workflows.origins import Origins
from secops_oncall.workflows.outcomes import Acted, remember
from secops_oncall.workflows.writing import later, writer

# Asked where an issue may be the same: it is that one, or the note is filed all the same, or not now.
Ask = Callable[[NewIssue, Sequence[Issue]], Issue | Literal["file", "skip"]]


@dataclass(frozen=True)
class Wish:
    """How notes are to be filed: under another kind or title than their own, in spite of issues that are like them."""

    kind: NoteKind | None = None
    title: str | None = None
    force: bool = False


@dataclass(frozen=True)
class Step:
    """What is to become of a note: `new` is sent, unless it has its `outcome` already; `there` is what it became."""

    note: Note
    new: NewIssue
    outcome: Outcome | None = None
    there: Issue | None = None


@dataclass(frozen=True)
class Plan:
    """What is to become of every note, and what could not be asked beside it; `events` are what the journal held."""

    steps: list[Step]
    problems: list[OncallError] = field(default_factory=list)
    events: Sequence[Event] = ()

    @property
    def drafts(self) -> list[tuple[NewIssue, str]]:
        """The issues that are to be made, each with its marker."""
        return [(step.new, key(step.note.id)) for step in self.steps if step.outcome is None]

    @property
    def rehearsed(self) -> Acted:
        """The outcomes of a plan that is not carried out."""
        planned = [step.outcome or _of(step, Result.PLANNED, "dry_run", _terms(step.new)) for step in self.steps]
        return Acted(planned, self.problems)


def plan(
    gitlab: GitLab,
    journal: Journal,
    target: Target,
    notes: Sequence[Note],
    wish: Wish,
    origins: Callable[[Sequence[Note], Sequence[Event]], Origins],
    ask: Ask | None,
    now: datetime,
) -> Plan:
    """What filing the notes would do; one wave, beside which `origins` asks what they are about.

    Where an issue is like one of them `ask` decides; without it the note is refused. Raises AuthError for a bot's token
    and one that may only read, NotFoundError for a project or label that isn't there: GitLab would make the label.
    """
    waiting = [note for note in notes if not is_filed(note)]
    if not waiting:
        return Plan([Step(note, draft(note, target, Shape()), already(note)) for note in notes])
    events = journal.events()
    about = threads.start(lambda: origins(waiting, events))
    seen = _look(gitlab, target, waiting, wish, events)
    found = about.result()
    steps: list[Step] = []
    for note in notes:
        new = draft(note, target, Shape(wish.kind, wish.title, found.links.get(note.id, ())))
        step = Step(note, new, already(note) if is_filed(note) else None)
        steps.append(step if step.outcome else _judged(step, seen, steps, wish, ask, now))
    return Plan(steps, found.problems, events)


def file(gitlab: GitLab, journal: Journal, planned: Plan, now: datetime) -> Acted:
    """Make the planned issues side by side, each sent once: what gets no answer is looked up by its marker.

    That they are begun is in the journal before; of two runs at once the one that wrote it first sends.
    """
    begun = {step.note.id: begin(step.note.id, step.new.project, now) for step in planned.steps if not step.outcome}
    if begun:
        journal.append(*begun.values())
    written, known = journal.events(), {event.uid for event in planned.events}
    since = {note.id: note for note in notes(written)}

    def one(step: Step) -> Step:
        if step.outcome:
            return step
        if is_filed(since[step.note.id]):
            return replace(step, outcome=already(since[step.note.id]))
        first = next(event for event in unended(written, FILING, step.note.id) if event.uid not in known)
        return _sent(gitlab, step) if first.uid == begun[step.note.id].uid else _flying(step, first, now)

    ended = threads.each(one, planned.steps)
    events = [event for step in ended for event in _learnt(step, begun.get(step.note.id), now)]
    told = [step.outcome for step in ended if step.outcome]
    return Acted(told, [*planned.problems, *remember(journal, events)])


@dataclass(frozen=True)
class _Seen:
    """What is there already: the issue of each note that was filed before, by the note's id, and all open ones."""

    made: Mapping[str, Issue]
    open: Sequence[Issue]
    events: Sequence[Event]


def _look(gitlab: GitLab, target: Target, notes: Sequence[Note], wish: Wish, events: Sequence[Event]) -> _Seen:
    """Everything that speaks for or against filing notes, side by side."""
    me = threads.start(lambda: writer(gitlab, "issue"))
    lacking = threads.start(lambda: gitlab.missing_labels(target.project, [target.label]))
    listed = threads.start(lambda: threads.each(gitlab.issues, _questions(target, notes, wish)))
    made = threads.start(lambda: threads.each(lambda note: _made(gitlab, note, events), notes))
    me.result()
    try:
        missing, found, issues = lacking.result(), made.result(), [one for some in listed.result() for one in some]
    except NotFoundError as error:
        raise NotFoundError(error.message, "set issues.improvement_project") from None
    if missing:
        what = f"{target.project} has no label {quoted(target.label)}, and GitLab would create it"
        raise NotFoundError(what, "set issues.improvement_label")
    return _Seen({note.id: issue for note, issue in zip(notes, found, strict=True) if issue}, issues, events)


def _questions(target: Target, notes: Sequence[Note], wish: Wish) -> list[IssueQuery]:
    """Every open improvement, and what has all the words of a title without being marked as one.

    GitLab's search wants all words to be there, so that it alone misses what is only like a title.
    """
    titles = [draft(note, target, Shape(title=wish.title)).title for note in notes]
    here = IssueQuery(target.project, "project", described=False)
    return [replace(here, labels=(target.label,)), *(replace(here, search=" ".join(words(title))) for title in titles)]


def _made(gitlab: GitLab, note: Note, events: Sequence[Event]) -> Issue | None:
    """The issue that an earlier run made of a note, if one has ever begun to, and wherever that was."""
    projects = tried(events, note.id)
    return next((issue for each in projects if (issue := gitlab.created(each, key(note.id)))), None)


def _judged(step: Step, seen: _Seen, before: Sequence[Step], wish: Wish, ask: Ask | None, now: datetime) -> Step:
    """A step with its outcome, where nothing is to be sent."""
    note, new = step.note, step.new
    there = seen.made.get(note.id)
    airborne = flying(unended(seen.events, FILING, note.id), now)
    if there:
        return _checked(replace(step, there=there), Result.ALREADY, "filed", "an earlier run made it")
    if airborne:
        return _flying(step, airborne[0], now)
    if wish.force:
        return step
    twin = next((one for one in before if not one.outcome and likeness(one.new.title, new.title) >= ALIKE), None)
    if twin:
        why = f"the note {twin.note.short} is like it, and is filed now"
        return replace(step, outcome=_of(step, Result.REFUSED, "duplicate", why, again(note)))
    like = alike(new.title, seen.open)
    return _asked(step, like, ask) if like else step


def _asked(step: Step, like: Sequence[Issue], ask: Ask | None) -> Step:
    """A step that some issues are like: to be sent all the same, or with its outcome."""
    answer = ask(step.new, like) if ask else None
    if answer == "file":
        return step
    if isinstance(answer, Issue):
        said = of_note(step.note, Result.DONE, "", "as the one that is there", answer)
        return replace(step, there=answer, outcome=said)
    first = like[0]
    named = first.ref if first.confidential else f"{first.ref} {quoted(first.title)}"
    why, hint = f"{named} is like it", f"{again(step.note)} --as {first.ref}, or --force"
    refused = _of(step, Result.REFUSED, "duplicate", why, "" if ask else hint)
    return replace(step, outcome=replace(refused, ref=first.ref, url=first.url))


def _flying(step: Step, begun: Event, now: datetime) -> Step:
    """A step that another run has begun: its request may still be on its way, and nobody can tell."""
    return replace(step, outcome=_of(step, Result.UNKNOWN, "in_flight", under_way(begun, now), _later(step)))


def _sent(gitlab: GitLab, step: Step) -> Step:
    """Make the issue of a step, once."""
    made = make(gitlab, step.new, key(step.note.id))
    if isinstance(made, Found):
        return _checked(replace(step, there=made.value), Result.DONE, "", "")
    if made.result is Result.FAILED:
        return replace(step, outcome=outcomes.failed(_of(step, Result.FAILED, "", ""), made.error))
    return replace(step, outcome=_of(step, Result.UNKNOWN, "remote", made.why, _later(step)))


def _checked(step: Step, result: Result, code: str, message: str) -> Step:
    """A step whose issue is there, with what GitLab made of it; an earlier run's may have lost its label."""
    new, issue, hint = step.new, step.there, ""
    lost = lack(new, issue) if issue else None
    if issue and lost and (result is Result.DONE or (new.confidential and not issue.confidential)):
        result, code, (message, hint) = Result.FAILED, "remote", lost
    elif issue and result is Result.DONE and issue.confidential:
        message = "confidential"
    return replace(step, outcome=replace(of_note(step.note, result, code, message, issue), hint=hint))


def _learnt(step: Step, begun: Event | None, now: datetime) -> list[Event]:
    """What the journal is told of a step: what it became, or that what was begun has come to nothing."""
    if step.there:
        secret = step.new.confidential or step.there.confidential
        return [filed(step.note.id, step.there.ref, now, confidential=secret)]
    never = step.outcome and (step.outcome.result is not Result.UNKNOWN or step.outcome.code == "in_flight")
    return [failed(begun, now)] if begun and never else []


def _of(step: Step, result: Result, code: str, message: str, hint: str = "") -> Outcome:
    return replace(of_note(step.note, result, code, message), title=clean(step.new.title), hint=hint)


def _later(step: Step) -> str:
    return later(again(step.note))


def _terms(new: NewIssue) -> str:
    how = ", confidential" if new.confidential else ""
    return f"in {new.project} with the label {', '.join(new.labels)}{how}; {DRY_RUN}"
