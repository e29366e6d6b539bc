"""`handoff remind`: a hand-over issue opened in time, and messages to both engineers; all it remembers is its marks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from secops_oncall import threads
from secops_oncall.domain.documents import WHERE, Handover
from secops_oncall.domain.issues import GitLabUser, Issue, IssueEdit, IssueNote, newest_activity_first
from secops_oncall.domain.open_work import handovers_in, is_work
from secops_oncall.domain.outcomes import THERE, Outcome, Result
from secops_oncall.domain.people import Person, by_user
from secops_oncall.domain.posting import Step
from secops_oncall.domain.previous import READ_BACK, handover_of, marked, surplus
from secops_oncall.domain.received import Believed, named_in
from secops_oncall.domain.reminders import BACK, Due, Notice, due, is_draft
from secops_oncall.domain.slack import link
from secops_oncall.domain.text import quoted
from secops_oncall.domain.thread_line import text_in
from secops_oncall.errors import ConfigError, OncallError
from secops_oncall.ports import GitLab, PagerDuty, Slack
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.handoff_reading import RECENT
from secops_oncall.workflows.outcomes import failed
from secops_oncall.workflows.places import Held, MessageInSlack, Place, sent
from secops_oncall.workflows.places_gitlab import HANDOVER as ISSUE
from secops_oncall.workflows.places_gitlab import HandoverIssue
from secops_oncall.workflows.placing_gitlab import InGitLab
from secops_oncall.workflows.standing import Standing

T = TypeVar("T")

AGAIN = "oncall handoff remind, which looks first and does only what is missing"
RENEWED, SURPLUS = "renewed", "surplus"  # the codes of a hand-over issue that was there, and of a second one
LOST, NO_ISSUE = "not known, GitLab can't be asked just now", "still to come"  # where the hand-over issue is
# How long before the end of a shift its messages may be from, by Slack's clock: a runner's own may be fast. They are
# known by shift and person, so that a longer look back finds nothing that is another's.
SEEN = timedelta(hours=12)


@dataclass(frozen=True)
class Watch:
    """Something to remind of, and what GitLab knows of it: its hand-over issue, with the notes on it.

    `work` are the open page-created issues, `users` both engineers by their GitLab user names. A read-back counts where
    its author is among the `believed`. `surplus` are further drafts of the same shift. `lost` says why GitLab could not
    be asked.
    """

    due: Due
    me: GitLabUser | None = None
    believed: frozenset[str] = frozenset()
    issue: Issue | None = None
    notes: Sequence[IssueNote] = ()
    work: Sequence[Issue] = ()
    users: Mapping[str, GitLabUser] = field(default_factory=dict)
    surplus: Sequence[Issue] = ()
    outgoing: str | None = None  # the GitLab user name of the outgoing engineer
    lost: OncallError | None = None

    @property
    def written(self) -> bool:
        """Whether the hand-off was posted to its issue."""
        return self.issue is not None and not is_draft(self.issue)

    @property
    def accepted(self) -> bool:
        """Whether somebody else than the outgoing engineer has read it back."""
        others = self.believed - {(self.outgoing or "").casefold()}
        read = (note.mark for note in marked(self.notes, others))
        return any(mark.kind == READ_BACK and mark.shift == self.due.shift.id for mark in read)


@dataclass(frozen=True)
class _Lab:
    """What GitLab knows, whatever is due."""

    me: GitLabUser
    handovers: Sequence[Issue]
    work: Sequence[Issue]


def look(pagerduty: PagerDuty, gitlab: Callable[[], GitLab], settings: HandoffSettings, now: datetime) -> list[Watch]:
    """What there is to remind of now (aware), in two waves. PagerDuty is never asked who I am: a bot is nobody there.

    Raises what PagerDuty raises, and ConfigError where nobody would believe the marks that this account writes.
    """
    if not settings.destinations.project:
        raise ConfigError("handoff.project is not set", 'set it to "group/project", where hand-over issues are kept')
    if not settings.bot:
        hint = "set it to the user name of the automation's GitLab account, here and for every engineer"
        raise ConfigError("handoff.bot is not set, so that nobody would believe the automation", hint)
    lab = _built(gitlab)
    asked = threads.start(lambda: _lab(lab(), settings, now))
    entries = pagerduty.on_call([settings.roles["engineer"]], now - BACK, now + BACK)
    dues = due(entries, settings.roles, now, settings.rules)
    try:
        known = asked.result()
    except ConfigError:
        raise
    except OncallError as error:
        found = [Watch(each, lost=error) for each in dues]
    else:
        found = threads.each(lambda each: _watch(lab(), known, settings, each), dues)
    return [watch for watch in found if not watch.due.waits_for_nobody]


def remind(
    gitlab: Callable[[], GitLab],
    slack: Callable[[], Slack],
    watch: Watch,
    document: Handover,
    notices: Iterable[Notice],
    *,
    dry_run: bool = False,
) -> list[Outcome]:
    """Open or renew the hand-over issue, and message whom it concerns, each exactly once; nothing is raised.

    Nobody is reminded of what was accepted, nor of an acceptance that can't be looked up.
    """
    closed = [_closed(gitlab, issue, dry_run=dry_run) for issue in watch.surplus]
    if watch.accepted:
        return closed
    told = [] if watch.lost and watch.due.kind == "waiting" else list(notices)
    by_place: dict[str | None, list[Notice]] = defaultdict(list)
    for notice in told:
        by_place[notice.place].append(notice)
    since = watch.due.end - SEEN
    client = _built(slack)
    looked = threads.start(lambda: threads.each(lambda some: _message(client, *some, since), by_place.items()))
    opened, issue = _carried_out(_issue(gitlab, watch, document), dry_run=dry_run)
    opened, there = _assigned(opened, watch, document, issue), issue or watch.issue
    where = link(there.ref, there.url) if there else LOST if watch.lost else NO_ISSUE
    ended = threads.each(lambda place: _carried_out(_linked(place, where), dry_run=dry_run)[0], looked.result())
    return [*closed, opened, *ended]


def _built(client: Callable[[], T]) -> Callable[[], T]:
    """A client that is built here, where the command runs: two threads at once can't load what SDKs share.

    Where it can't be built, whoever asks for it is told why.
    """
    try:
        built = client()
    except OncallError as error:
        problem = error

        def lost() -> T:
            raise problem

        return lost
    return lambda: built


def _lab(gitlab: GitLab, settings: HandoffSettings, now: datetime) -> _Lab:
    """Who I am there, the hand-over issues, and the open work; ConfigError where I am not the automation."""
    around = handovers_in(settings.destinations.project or "", now - RECENT)
    handovers = threads.start(lambda: gitlab.issues(around))
    listed = threads.start(lambda: threads.each(gitlab.issues, settings.sources))
    me = gitlab.me()
    if me.username.casefold() != (settings.bot or "").casefold():
        what = f"the GitLab token belongs to {quoted(me.username)}, and handoff.bot is {quoted(settings.bot or '')}"
        raise ConfigError(what, "give it the token of that account, or set handoff.bot for every engineer, too")
    work = newest_activity_first(issue for some in listed.result() for issue in some if is_work(issue))
    return _Lab(me, handovers.result(), sorted(work, key=lambda issue: (issue.created_at, issue.id)))


def _watch(gitlab: GitLab, lab: _Lab, settings: HandoffSettings, each: Due) -> Watch:
    """What is due, with its issue as it stands, and both engineers."""
    believed = frozenset(name.casefold() for name in settings.people)  # of a read-back: the automation accepts nothing
    handles = settings.destinations.handles.known(each.people.values())
    outgoing = handles.user(each.outgoing.name, each.outgoing.email)
    issue = handover_of(lab.handovers, each.shift.id, [lab.me.username, *filter(None, [outgoing])])
    each = each.handed_to(_named(issue, settings, each) if issue else None)
    names = {side: handles.user(person.name, person.email) for side, person in each.people.items()}
    more = surplus(lab.handovers, issue, lab.me.username)
    known = Watch(each, lab.me, believed, issue, work=lab.work, surplus=more, outgoing=outgoing)
    try:
        found = threads.start(lambda: threads.each(gitlab.user, filter(None, names.values())))
        notes = gitlab.notes(issue.ref) if issue else ()
        return replace(known, notes=notes, users={user.username: user for user in found.result() if user})
    except OncallError as error:
        return replace(known, lost=error)


def _named(issue: Issue, settings: HandoffSettings, each: Due) -> Person | None:
    """Whom a posted hand-over issue names as taking over: by the `people` table, or as the schedule names them."""
    word, entries = "" if is_draft(issue) else named_in(text_in(issue.description)), each.rota.entries
    if word.startswith("@"):
        return Believed(by_user(settings.people, entries)).who(word.removeprefix("@"))
    on_call = (entry.person for entry in entries if entry.person.name.casefold() == word.casefold())
    return next(on_call, Person("", word)) if word else None


def _issue(gitlab: Callable[[], GitLab], watch: Watch, document: Handover) -> Place:
    """The hand-over issue: opened where there is none, renewed while it is a draft, and else left alone."""
    folded = {name.casefold(): user for name, user in watch.users.items()}
    known = (folded.get(name.casefold()) for name in reversed(document.assignees))
    blank = HandoverIssue(gitlab, document, [user for user in known if user], there=watch.issue)
    if watch.lost:
        return Held(blank.spot, failed(blank.planned, watch.lost))
    if watch.written:
        return replace(blank, step=Step.KEEP, why="the hand-off was posted there")
    standing = Standing("", watch.me, {watch.issue.ref: watch.notes} if watch.issue else {}, handover=watch.issue)
    lab = InGitLab(gitlab, replace(standing, believed=watch.believed))
    place = next(lab.handover(replace(blank, there=None), None, ""))
    if isinstance(place, HandoverIssue) and place.there and place.users and _is_nobodys(place.there, document):
        return replace(place, step=Step.CHANGE, why="")
    return place


def _is_nobodys(issue: Issue, document: Handover) -> bool:
    """Whether none of those who are to have a hand-over issue has it; a free server keeps but one of them."""
    return bool(document.assignees) and set(document.assignees).isdisjoint(issue.assignees)


def _assigned(told: Outcome, watch: Watch, document: Handover, issue: Issue | None) -> Outcome:
    """The outcome of a draft: one that GitLab has assigned to nobody in spite of the request is not what was asked."""
    is_there = told.result in THERE and issue and not watch.written
    if not (is_there and issue and _is_nobodys(issue, document)):
        return told
    why = f"it is there, but assigned to neither of {' and '.join(document.assignees)}"
    hint = f"give the token's account, and them, Reporter in {issue.project}, then {AGAIN}"
    return replace(told, result=Result.FAILED, code="remote", message=why, hint=hint)


def _closed(gitlab: Callable[[], GitLab], issue: Issue, *, dry_run: bool) -> Outcome:
    """Close a second draft, unless somebody has posted into it meanwhile."""
    planned = Outcome(str(issue.id), Result.PLANNED, ref=issue.ref, place=ISSUE, url=issue.url, code=SURPLUS)
    if dry_run:
        return planned
    try:
        if not is_draft(gitlab().issue(issue.ref)):
            return replace(planned, result=Result.ALREADY, message="a hand-off was posted there, and it stays open")
        gitlab().edit(issue, IssueEdit(close=True))
    except OncallError as error:
        return replace(failed(planned, error), hint=AGAIN)
    return replace(planned, result=Result.DONE, message="a second draft of the same shift")


def _message(slack: Callable[[], Slack], name: str | None, notices: Sequence[Notice], since: datetime) -> Place:
    """What of some messages to one place isn't there yet; where that can't be looked up nothing is sent."""
    blocks = {notice.marker: notice.text for notice in notices}
    whom = " and ".join(f"the {notice.side} engineer" for notice in notices)
    blank = MessageInSlack(slack, name or "-", name or "-", blocks, since, why=whom)
    if name is None:
        why = f"{whom}: no Slack id in the people table, and no handoff.slack_channel"
        told = replace(blank.planned, result=Result.REFUSED, code="no_address", message=why)
        return Held(blank.spot, replace(told, hint="set `people` or handoff.slack_channel, for the automation"))
    try:
        found = slack().marked(name, list(blocks), since)
    except OncallError as error:
        return Held(blank.spot, failed(blank.planned, error))
    left = {marker: text for marker, text in blocks.items() if marker not in found}
    return replace(blank, blocks=left) if left else replace(blank, step=Step.KEEP)


def _linked(place: Place, where: str) -> Place:
    """The message with where the hand-over issue is."""
    if not isinstance(place, MessageInSlack):
        return place
    return replace(place, blocks={marker: text.replace(WHERE, where) for marker, text in place.blocks.items()})


def _carried_out(place: Place, *, dry_run: bool) -> tuple[Outcome, Issue | None]:
    """The outcome of a place, without its title, and the issue that is there now. No disk keeps what is left to do."""
    if dry_run and place.step.sends:
        return replace(place.planned, result=Result.PLANNED, code="dry_run", title="", hint=""), None
    done = sent(place)
    there = done.thing if isinstance(done.thing, Issue) else getattr(place, "there", None)
    told, issue = replace(done.outcome, title=""), there if isinstance(there, Issue) else None
    if told.result is Result.QUEUED:
        return replace(told, result=Result.FAILED, code="remote", hint=AGAIN), issue
    if told.result is Result.UNKNOWN:
        return replace(told, hint=AGAIN), issue
    renewed = told.result is Result.DONE and place.spot.place == ISSUE and place.step is Step.CHANGE
    return replace(told, code=RENEWED) if renewed else told, issue
