"""Which place of a hand-off needs what: new, changed where it stands, an addendum, or nothing; a wave at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from secops_oncall.domain.documents import WHERE, Announcement, Comment, Documents, Handover, PageNote
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.marks import page_key
from secops_oncall.domain.outcomes import NOTE, THREAD, Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.domain.posting import AGAIN, Spot, Step
from secops_oncall.domain.slack import Message, link, messages
from secops_oncall.errors import OncallError
from secops_oncall.ports import GitLab, PagerDuty, Slack
from secops_oncall.workflows.places import SLACK, Held, MessageInSlack, NoteOnPage, Place, unsent
from secops_oncall.workflows.places_gitlab import HANDOVER, HandoverIssue, NoteOnIssue
from secops_oncall.workflows.placing_gitlab import InGitLab, additions
from secops_oncall.workflows.standing import Service, Standing

MISSING = "missing-issue"
_ADDED = "*Addendum:* this was read back already, and has to be read back again"
_STAYS = "a note on the page, with its first words: PagerDuty lets nobody change one"
NO_ISSUE_YET = "the issues of the incidents"  # where Slack says the hand-off is, until it has an issue


@dataclass(frozen=True)
class Plan:
    """A hand-off's documents, and what stands in their places. `homeless` are pages without an issue to put a note on.

    `tells` are the issues that Slack tells of by name, since everybody may read them; `known` the runs that had begun
    when the places were looked at. `pages` are the ids of each incident's pages, by which Slack's thread knows it while
    it has no issue. `read` is when the journal was read, and with it what was typed; `flags` are those that the same
    command needs to mean the same again.
    """

    gitlab: Callable[[], GitLab]
    pagerduty: PagerDuty
    slack: Callable[[], Slack]
    documents: Documents
    standing: Standing
    homeless: Sequence[Page] = ()
    tells: Sequence[Issue] = ()
    known: frozenset[str] = frozenset()
    pages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    read: datetime | None = None
    flags: str = ""

    def first(self) -> list[Place]:
        """The comments, and the hand-over issue."""
        document, noted = self.documents.handover, self._noted
        return [*noted, *map(self._missing, self.homeless), *(self._handover(document, noted) if document else ())]

    def second(self, handover: Issue | None, *, comes: bool = False) -> list[Place]:
        """Slack's message, the notes in PagerDuty, and what the hand-over issue has no room for.

        `comes` says, before anything is sent, that there will be a hand-over issue.
        """
        document, said = self.documents.handover, self.documents.slack
        more = self._more(document, handover) if document and handover else ()
        pages = [self._on_page(note, handover, comes) for note in self.documents.pages]
        return [*([self._message(said, handover)] if said else []), *more, *filter(None, pages)]

    def third(self, handover: Issue | None, message: Message | None, *, comes: bool = False) -> list[Place]:
        """Slack's thread, and the line of the hand-over issue that says where that is; `comes` as for the message."""
        document, said = self.documents.handover, self.documents.slack
        line = None
        if document and handover and message:
            line = self._lab.line(document, handover, message, self._url(message))
        return [*(self._thread(said, message, comes) if said else ()), *([line] if line else [])]

    @property
    def every(self) -> list[Place]:
        """All of them, as far as is known before anything is sent."""
        handover, first = self.standing.handover, self.first()
        second = self.second(handover, comes=_will_be(first, HANDOVER))
        return [*first, *second, *self.third(handover, self.message, comes=_will_be(second, SLACK))]

    @property
    def sends(self) -> bool:
        """Whether anything of it takes a request."""
        return any(place.step.sends for place in self.every)

    @property
    def message(self) -> Message | None:
        """My message in Slack, where there is one."""
        said, there = self.documents.slack, self.standing.slack
        return there.message(said.marker) if said and there else None

    @property
    def _lab(self) -> InGitLab:
        return InGitLab(self.gitlab, self.standing)

    @property
    def _noted(self) -> list[Place]:
        return [self._note(comment) for comment in self.documents.comments]

    def _note(self, comment: Comment) -> Place:
        blank = NoteOnIssue(self.gitlab, comment.issue, comment.mark, comment.text, comment.internal)
        return self._held(blank, "gitlab") or self._lab.note(blank)

    def _missing(self, page: Page) -> Place:
        lost = self.standing.lost.get("gitlab")
        blank = Outcome(page.id, Result.REFUSED, page.number, place=NOTE, url=page.url, code=MISSING)
        hint = f"oncall incident file {page.number}, then oncall handoff post"
        told = replace(blank, message="the page has no issue to put the note on", hint=hint)
        return Held(Spot(NOTE, page_key(page.id)), unsent(blank, lost) if lost else told)

    def _handover(self, document: Handover, noted: Iterable[Place]) -> Iterator[Place]:
        users = [user for name in reversed(document.assignees) if (user := self.standing.users.get(name))]
        blank = HandoverIssue(self.gitlab, document, users)
        held = self._held(blank, "gitlab")
        yield from [held] if held else self._lab.handover(blank, self.message, self._url(self.message), noted)

    def _more(self, document: Handover, handover: Issue) -> Iterator[Place]:
        for mark, text in document.more:
            yield self._lab.note(NoteOnIssue(self.gitlab, handover, mark, text, internal=False))

    def _message(self, said: Announcement, handover: Issue | None) -> Place:
        where = link(handover.ref, handover.url) if handover else NO_ISSUE_YET
        text = "\n".join(said.lines).replace(WHERE, where)
        return self._in_slack(said, messages(said.marker, text)[0], self.message, frozen=self._accepted)

    def _thread(self, said: Announcement, root: Message | None, comes: bool) -> Iterator[Place]:
        refs = {comment.issue.ref for comment in self.documents.comments}
        for about, blocks, frozen in self._replies(said):
            found = self._reply(root, said.marker, about, next(iter(blocks)))
            place = self._in_slack(said, blocks, found, about, root, frozen=frozen)
            lost = self._held(place, "gitlab") if about not in refs else None  # which may know an issue of it
            waits = "it waits for the message that it belongs to"
            told = replace(place.planned, result=Result.QUEUED, code="remote", message=waits, hint=AGAIN)
            ready = root or comes or place.step is Step.HOLD
            yield lost or (place if ready else Held(place.spot, told))

    def _replies(self, said: Announcement) -> Iterator[tuple[str, dict[str, str], bool]]:
        """The messages of the thread: the issue, the blocks, whether it was read back; an addendum comes last."""
        added = {note.issue.ref: note for note in additions(self._noted)}
        for marker, text in said.details:
            about = marker.removeprefix(f"{said.marker}:")
            yield from ((about, blocks, self._accepted) for blocks in messages(marker, text))
            if note := added.get(about):
                number, is_read_back = note.mark.key.rpartition("/")[2], bool(note.why)
                again = messages(f"{marker}/addendum/{number}", f"{_ADDED}\n{text}")
                yield from ((about, blocks, is_read_back) for blocks in again)

    def _reply(self, root: Message | None, marker: str, about: str, id: str) -> Message | None:
        """My message about an incident in the thread: by its block's id, or as that was before there was an issue."""
        there, rest = self.standing.slack, id.removeprefix(f"{marker}:{about}")
        ids = [id, *(f"{marker}:{page}{rest}" for page in self.pages.get(about, ()))]
        return next((found for each in ids if there and (found := there.reply(root, each))), None)

    def _in_slack(
        self,
        said: Announcement,
        blocks: dict[str, str],
        there: Message | None,
        about: str | None = None,
        root: Message | None = None,
        *,
        frozen: bool,
    ) -> Place:
        standing = self.standing.slack
        if standing is None:
            return self._silent(said, blocks, about)
        channel, since = standing.channel.id, standing.since
        blank = MessageInSlack(self.slack, said.channel, channel, blocks, since, there=there, thread=root, about=about)
        if there is None:
            return blank
        if there.lines == blocks:
            return replace(blank, step=Step.KEEP)
        if frozen:
            return replace(blank, step=Step.KEEP, why="it was read back")
        return replace(blank, step=Step.CHANGE)

    def _silent(self, said: Announcement, blocks: dict[str, str], about: str | None) -> Place:
        """A message for a channel that could not be looked at: what is there already nobody knows."""
        blank = Outcome(said.channel, Result.QUEUED, ref=about, place=THREAD if about else SLACK)
        spot = Spot(blank.place, next(iter(blocks)))
        return Held(spot, unsent(blank, self.standing.lost["slack"]))

    def _on_page(self, note: PageNote, handover: Issue | None, comes: bool) -> Place | None:
        """The note on a page, known by the address in it; none where there is nothing to link to."""
        page, standing = note.page, self.standing
        own = page.issue.url if page.issue else None
        url = handover.url if handover else own
        blank = NoteOnPage(self.pagerduty, page, note.text.replace(WHERE, url or ""))
        mine = [each.text for each in standing.pages.get(page.id, ()) if each.by == standing.pager]
        if url and (there := [text for text in mine if url in text.split()]):
            return replace(blank, step=Step.KEEP, why="" if blank.text in there else _STAYS)
        if held := self._held(blank, "pagerduty"):
            return held
        if comes:
            return blank
        if self.documents.handover and handover is None:
            waits = "it waits for the hand-over issue, to which it leads"
            return Held(blank.spot, replace(blank.planned, code="remote", message=waits, hint=AGAIN))
        return blank if url else None

    def _url(self, message: Message | None) -> str:
        """The address of a message, where Slack tells it without being asked for more than who I am."""
        if message is None or self.standing.slack is None:
            return ""
        try:
            return self.slack().permalink(message)
        except OncallError:
            return ""

    def _held(self, place: Place, service: Service) -> Held | None:
        """The place as one where nothing is sent, if its service could not be looked at."""
        lost = self.standing.lost.get(service)
        return Held(place.spot, unsent(place.planned, lost)) if lost else None

    @property
    def _accepted(self) -> bool:
        """Whether the whole was read back: on the hand-over issue, else on every incident's."""
        shift = self.documents.shift
        if self.standing.handover:
            return self._lab.read_back(self.standing.handover, shift, None) is not None
        issues = {comment.issue.ref: comment.issue for comment in self.documents.comments}.values()
        return bool(issues) and all(self._lab.read_back(issue, shift, None) for issue in issues)


def _will_be(places: Iterable[Place], kind: str) -> bool:
    """Whether a place of some kind is to be sent to."""
    return any(place.spot.place == kind and place.step.sends for place in places)
