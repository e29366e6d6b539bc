"""Small services in memory that answer as the ports promise and record every write, and what to fill them with."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import (
    Activity,
    Board,
    GitLabUser,
    Issue,
    IssueEdit,
    IssueNote,
    IssueQuery,
    LabelEvent,
    LinkedIssue,
    NewIssue,
    OwnComment,
)
from secops_oncall.domain.marks import mark_in
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Alert, Kin, LogEntry, Owner, Page, PageDetail, PageNote, PageQuery, Status
from secops_oncall.domain.people import Contact, Me, OnCall, Person, RoleName
from secops_oncall.domain.roster import KeptRoster
from secops_oncall.domain.slack import Channel, Message
from secops_oncall.errors import NotFoundError, OncallError

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ME = Me("PANA001", "Ana Ferreira", "ana@example.com", teams=("PTSECOP",))
USER = GitLabUser(11, "ana", "Ana Ferreira")
COLLEAGUES = (GitLabUser(12, "ben", "Ben Okafor"), GitLabUser(13, "chen", "Chen Wei"))
NUMBERS = {user.username: user.id for user in (USER, *COLLEAGUES)}
GONE = NotFoundError("acme/gone: not found or no access", "check its name")


class FakePagerDuty:
    """PagerDuty with pages, on-call entries and contacts. `teams` says whose a page is, where it isn't my team's.

    `failing` holds the error that a method raises instead of answering; `writes` what was acked and resolved. As in the
    real one lists leave out the bridge, and nothing stops an ack from reopening a resolved page: looking first is the
    workflow's business. `undone` are the resolves that acks came after.
    """

    def __init__(
        self,
        pages: Iterable[PageDetail] = (),
        *,
        me: Me = ME,
        turns: Iterable[OnCall] = (),
        contacts: Mapping[str, tuple[Contact, ...] | None] | None = None,
        teams: Mapping[str, str] | None = None,
        now: datetime = NOW,
    ) -> None:
        self.details = {page.id: page for page in pages}
        self.turns = list(turns)
        self.given: list[OnCall] = []  # overrides, each of the schedule that its id names
        self.reach = dict(contacts or {})
        self.teams = dict(teams or {})
        self.now = now
        self.akin: dict[str, Kin] = {}
        self.policies: dict[str, Levels] = {}
        self.kept: KeptRoster | None = None
        self.undone: dict[str, LogEntry] = {}
        self.failing: dict[str, OncallError] = {}
        self.writes: list[tuple[str, tuple[str, ...]]] = []
        self._me = me

    def me(self) -> Me:
        self._may("me")
        return self._me

    def pages(self, query: PageQuery) -> list[Page]:
        self._may("pages")
        found = [plain(page) for page in self.details.values() if self._is_wanted(page, query)]
        return found if query.bridged else [replace(page, bridge=None) for page in found]

    def page(self, ref: str) -> Page:
        self._may("page")
        found = [page for page in self.details.values() if ref in (page.id, str(page.number))]
        if not found:
            raise NotFoundError(f"page {ref} not found", "oncall pages")
        return plain(found[0])

    def log(self, page: str) -> list[LogEntry]:
        self._may("log")
        return list(self._known(page).timeline)

    def alerts(self, page: str) -> list[Alert]:
        """What a page is given of details, links and a runbook comes with an alert of its own."""
        self._may("alerts")
        known = self._known(page)
        told = Alert("A0", known.created_at, None, "", known.details, known.links, known.runbook)
        return [*([told] if told.details or told.links or told.runbook else []), *known.alerts]

    def notes(self, page: str) -> list[PageNote]:
        self._may("notes")
        return list(self._known(page).notes)

    def kin(self, page: str) -> Kin:
        self._may("kin")
        return self.akin.get(page, Kin())

    def levels(self, policy: str, since: datetime, until: datetime) -> Levels:
        self._may("levels")
        if policy not in self.policies:
            raise NotFoundError(f"policy {policy} not found", "check its id")
        return self.policies[policy]

    def acknowledge(self, pages: Sequence[Page]) -> list[Outcome]:
        self._may("acknowledge")
        self.writes.append(("acknowledge", tuple(page.id for page in pages)))
        return [self._change(page, "acknowledged", "acknowledge") for page in pages]

    def reopened(self, pages: Sequence[Page], since: datetime) -> dict[str, LogEntry]:
        self._may("reopened")
        return {page.id: self.undone[page.id] for page in pages if page.id in self.undone}

    def resolve(self, pages: Sequence[Page]) -> list[Outcome]:
        self._may("resolve")
        self.writes.append(("resolve", tuple(page.id for page in pages)))
        return [self._change(page, "resolved", "resolve") for page in pages]

    def snooze(self, page: Page, rest: timedelta | datetime) -> tuple[Outcome, datetime | None]:
        self._may("snooze")
        self.writes.append(("snooze", (page.id,)))
        until = rest if isinstance(rest, datetime) else self.now + rest
        self.details[page.id] = replace(self.details[page.id], snoozed_until=until)
        return Outcome(page.id, Result.DONE, page.number, title=page.title, url=page.url), until

    def touched(self, since: datetime, until: datetime, teams: Sequence[str]) -> list[str]:
        self._may("touched")
        log = [(entry.at, page.id) for page in self._of(teams) for entry in page.timeline if since <= entry.at <= until]
        return list(dict.fromkeys(id for _, id in sorted(log)))

    def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
        self._may("on_call")
        wanted = list(roles)
        return [
            turn
            for turn in self.turns
            if any(role.matches(turn) for role in wanted)
            and (turn.start is None or turn.start <= until)
            and (turn.end is None or since < turn.end)
        ]

    def overrides(self, schedule: str, since: datetime, until: datetime) -> list[OnCall]:
        self._may("overrides")
        every = [one for one in self.given if one.schedule_id == schedule]
        return [one for one in every if one.start and one.end and one.start < until and since < one.end]

    def contacts(self, user: str) -> tuple[Contact, ...] | None:
        self._may("contacts")
        return self.reach.get(user, ())

    def users(self, name: str) -> list[Person]:
        self._may("users")
        known = {turn.person.id: turn.person for turn in self.turns}
        return [one for one in known.values() if name.casefold() in f"{one.id} {one.name} {one.email}".casefold()]

    def note(self, page: Page, text: str) -> Outcome:
        self._may("note")
        self.writes.append(("note", (page.id, text)))
        if page.id in self.details:
            noted = PageNote(self.now, self._me.name, text, self._me.id)
            self.details[page.id] = replace(self.details[page.id], notes=(*self.details[page.id].notes, noted))
        return Outcome(page.id, Result.DONE, page.number, title=page.title, url=page.url)

    def request_responder(self, page: Page, people: Sequence[Person], message: str) -> Outcome:
        self._may("request_responder")
        self.writes.append(("request_responder", (page.id, *(person.id for person in people))))
        return Outcome(page.id, Result.DONE, page.number, title=page.title, url=page.url)

    def escalate_to(self, page: Page, level: int, people: Sequence[Person]) -> Outcome:
        self._may("escalate_to")
        self.writes.append(("escalate_to", (page.id, str(level), *(person.id for person in people))))
        return Outcome(page.id, Result.DONE, page.number, title=page.title, url=page.url)

    def reassign(self, pages: Sequence[Page], person: Person) -> list[Outcome]:
        self._may("reassign")
        self.writes.append(("reassign", (person.id, *(page.id for page in pages))))
        for page in pages:
            self.details[page.id] = replace(self.details[page.id], assigned_to=(person,))
        return [Outcome(page.id, Result.DONE, page.number, title=page.title, url=page.url) for page in pages]

    def roster_is_due(self) -> bool:
        return self.kept is None

    def keep_roster(self, kept: KeptRoster | None) -> None:
        self.kept = kept

    def kept_roster(self) -> KeptRoster | None:
        return self.kept

    def _may(self, method: str) -> None:
        if method in self.failing:
            raise self.failing[method]

    def _known(self, page: str) -> PageDetail:
        if page not in self.details:
            raise NotFoundError(f"page {page} not found", "oncall pages")
        return self.details[page]

    def _of(self, teams: Sequence[str]) -> list[PageDetail]:
        """The pages of teams; everybody's where none is named."""
        mine = (*self._me.teams, "")[0]
        return [page for page in self.details.values() if not teams or self.teams.get(page.id, mine) in teams]

    def _is_wanted(self, page: PageDetail, query: PageQuery) -> bool:
        return (
            page.status in query.statuses
            and page in self._of(query.teams)
            and (not query.users or any(person.id in query.users for person in page.assigned_to))
            and query.urgency in (None, page.urgency)
            and (query.resolved_since is None or query.resolved_since <= (page.resolved_at or page.created_at))
            and (query.since is None or query.since <= page.created_at <= (query.until or self.now))
        )

    def _change(self, page: Page, status: Status, deed: str) -> Outcome:
        before, me = self.details[page.id], self._me.person
        entry = LogEntry(self.now, deed, me.name, "", page.id, me)
        after = replace(before, status=status, timeline=(*before.timeline, entry))
        if before.status == "resolved":
            self.undone[page.id] = [each for each in before.timeline if each.kind == "resolve"][-1]
        if status == "acknowledged":
            owner = before.owner or Owner(me.id, me.name, self.now)
            after = replace(after, acknowledged_by=(*before.acknowledged_by, me), owner=owner, assigned_to=(me,))
        else:
            after = replace(after, acknowledged_by=(), assigned_to=(), resolved_at=self.now)
        self.details[page.id] = after
        return Outcome(page.id, Result.DONE, page.number, title=page.title, url=page.url)


class FakeGitLab:
    """GitLab with issues, their notes and links, boards and labels. A group is the first part of a project's path.

    `labels` are those that exist (None: all do); `happened` and `own` are what `activity` and `my_comments` answer;
    `failing` and `writes` as in FakePagerDuty.
    """

    def __init__(
        self,
        issues: Iterable[Issue] = (),
        *,
        notes: Mapping[str, Sequence[IssueNote]] | None = None,
        links: Mapping[str, Sequence[LinkedIssue]] | None = None,
        boards: Iterable[Board] = (),
        labels: Iterable[str] | None = None,
        me: GitLabUser = USER,
    ) -> None:
        self.kept = {issue.ref: issue for issue in issues}
        self.comments = {ref: list(some) for ref, some in (notes or {}).items()}
        self.related = {ref: list(some) for ref, some in (links or {}).items()}
        self.merging: dict[str, list[LinkedIssue]] = {}  # merge requests
        self.boards = list(boards)
        self.there = None if labels is None else set(labels)
        self.users = {user.id: user for user in (USER, *COLLEAGUES, me)}  # whoever can be assigned
        self.label_log: list[tuple[str, LabelEvent]] = []
        self.happened: dict[str, list[Activity]] = {}
        self.own: list[OwnComment] = []
        self.may: frozenset[str] | None = frozenset({"api"})
        self.now = NOW
        self.signed: dict[str, list[tuple[tuple[str, ...], IssueNote]]] = {}  # my own notes, with their markers
        self.keeps_internal = True  # whether an internal note is kept so
        self.failing: dict[str, OncallError] = {}
        self.writes: list[tuple[Any, ...]] = []
        self._me = me

    def me(self) -> GitLabUser:
        self._may("me")
        return self._me

    def issues(self, query: IssueQuery) -> list[Issue]:
        self._may("issues")
        return [issue for issue in self.kept.values() if _is_listed(issue, query)]

    def issue(self, ref: str) -> Issue:
        self._may("issue")
        return self._known(ref)

    def notes(self, ref: str) -> list[IssueNote]:
        self._may("notes")
        return sorted(self.comments.get(self._known(ref).ref, ()), key=lambda note: note.at)

    def links(self, ref: str) -> list[LinkedIssue]:
        self._may("links")
        return list(self.related.get(self._known(ref).ref, ()))

    def merge_requests(self, ref: str) -> list[LinkedIssue]:
        self._may("merge_requests")
        return list(self.merging.get(self._known(ref).ref, ()))

    def board(self, place: str, name: str) -> Board:
        self._may("board")
        found = [board for board in self.boards if (board.place, board.name) == (place, name)]
        if not found:
            raise NotFoundError(f"{place} has no board {name}", "set backlog.board")
        return found[0]

    def missing_labels(self, project: str, labels: Sequence[str]) -> list[str]:
        self._may("missing_labels")
        return [] if self.there is None else [label for label in labels if label not in self.there]

    def labels(self, place: IssueQuery) -> list[str]:
        self._may("labels")
        used = {
            label
            for issue in self.kept.values()
            if _is_listed(issue, IssueQuery(place.place, place.kind))
            for label in issue.labels
        }
        return sorted(used | (self.there or set()))

    def edit(self, issue: Issue, edit: IssueEdit) -> Issue:
        self._may("edit")
        self.writes.append(("edit", issue.ref, edit))
        before, at = self._known(issue.ref), self.now
        kept = [label for label in before.labels if label not in edit.remove]
        labels = tuple(dict.fromkeys([*kept, *edit.add]))
        who = before.assignees if edit.assignees is None else tuple(self.users[id].username for id in edit.assignees)
        due = before.due_date if edit.due_date is None else edit.due_date or None
        state = "closed" if edit.close else before.state
        text, mark = before.description, before.mark
        if edit.description is not None:
            text, mark = edit.description, mark_in(edit.description)
        after = replace(before, assignees=who, labels=labels, due_date=due, state=state, updated_at=at)
        after = replace(after, description=text, mark=mark)
        after = replace(after, assignee_ids=_numbers(who))
        self.kept[issue.ref] = after
        for action, some in (("add", set(labels) - set(before.labels)), ("remove", set(before.labels) - set(labels))):
            for label in sorted(some):
                event = LabelEvent(len(self.label_log) + 1, at, self._me, action, label)  # type: ignore[arg-type]
                self.label_log.append((before.ref, event))
        return after

    def create(self, new: NewIssue, marker: str) -> Issue:
        self.writes.append(("create", new.project, new))
        self._may("create")
        iid = 1 + max((issue.iid for issue in self.kept.values() if issue.project == new.project), default=0)
        told = {"title": new.title, "labels": new.labels, "confidential": new.confidential, "author": self._me.username}
        assignees = tuple(self.users[id].username for id in new.assignees)
        told |= {"assignees": assignees, "mark": mark_in(marker), "id": 5000 + iid}
        made = an_issue(f"{new.project}#{iid}", f"{new.description}\n\n{marker}", minutes=0, **told)
        self.kept[made.ref] = made
        return made

    def created(self, project: str, marker: str) -> Issue | None:
        self._may("created")
        mine = (one for one in self.kept.values() if one.project == project and one.author == self._me.username)
        return next((issue for issue in mine if marker in issue.description), None)

    def update_note(self, ref: str, id: int, text: str, mark: str) -> IssueNote:
        self.writes.append(("update_note", ref, (text,), (mark,)))
        self._may("update_note")
        found = next(note for note in self.comments[ref] if note.id == id)
        changed = replace(found, text=text, mark=mark_in(mark))
        self.comments[ref] = [changed if note.id == id else note for note in self.comments[ref]]
        return changed

    def user(self, username: str) -> GitLabUser | None:
        self._may("user")
        return next((user for user in self.users.values() if user.username == username), None)

    def label_events(self, ref: str) -> list[LabelEvent]:
        self._may("label_events")
        return [event for issue, event in self.label_log if issue == self._known(ref).ref]

    def activity(self, ref: str) -> list[Activity]:
        self._may("activity")
        return sorted(self.happened.get(self._known(ref).ref, ()), key=lambda one: one.at)

    def my_comments(self, since: datetime) -> list[OwnComment]:
        self._may("my_comments")
        return [comment for comment in self.own if comment.at >= since]

    def scopes(self) -> frozenset[str] | None:
        self._may("scopes")
        return self.may

    def marked(self, ref: str, markers: Sequence[str]) -> dict[str, IssueNote]:
        self._may("marked")
        return {marker: note for marker in markers for kept, note in self.signed.get(ref, ()) if marker in kept}

    def add_note(self, ref: str, text: str, markers: Sequence[str], *, internal: bool) -> IssueNote:
        self.writes.append(("add_note", ref, (text,), tuple(markers)))
        self._may("add_note")
        kept, mark = internal and self.keeps_internal, next(filter(None, map(mark_in, markers)), None)
        note = IssueNote(len(self.writes), self.now, self._me.username, text, kept, False, mark)
        self.signed.setdefault(ref, []).append((tuple(markers), note))
        self.comments.setdefault(ref, []).append(note)
        return note

    def _may(self, method: str) -> None:
        if method in self.failing:
            raise self.failing[method]

    def _known(self, ref: str) -> Issue:
        found = {known.casefold(): issue for known, issue in self.kept.items()}.get(ref.casefold())
        if found is None:
            raise NotFoundError(f"{ref} is not found, or you have no access", "oncall issues")
        return found


class PartlyGitLab(FakeGitLab):
    """A GitLab where the place `acme/gone` is `lost`, and that keeps which issues it is asked for."""

    def __init__(self, issues: Iterable[Issue] = (), **more: Any) -> None:
        super().__init__(issues, **more)
        self.lost: OncallError = GONE
        self.asked: list[IssueQuery] = []

    def issues(self, query: IssueQuery) -> list[Issue]:
        self.asked.append(query)
        if query.place == "acme/gone":
            raise self.lost
        return super().issues(query)


class FakeSlack:
    """Slack with channels in memory: `posted` is what each got. `failing` and `lost`, a post that gets no answer."""

    def __init__(self) -> None:
        self.posted: dict[str, list[dict[str, str]]] = {}
        self.failing: dict[str, OncallError] = {}
        self.lost: OncallError | None = None  # raised once the message is there
        self.private: set[str] = set()
        self.ids: dict[str, str] = {}  # of channels that are not called by their name

    def post(self, channel: str, lines: Mapping[str, str], thread: Message | None = None) -> Message:
        if "post" in self.failing:
            raise self.failing["post"]
        place = f"{channel}/{thread.ts}" if thread else channel
        self.posted.setdefault(place, []).append(dict(lines))
        if self.lost:
            raise self.lost
        return Message(place, str(len(self.posted[place])))

    def update(self, message: Message, lines: Mapping[str, str]) -> Message:
        if "update" in self.failing:
            raise self.failing["update"]
        self.posted[message.channel][int(message.ts) - 1] = dict(lines)
        return message

    def find(
        self, channel: str, markers: Collection[str], since: datetime, thread: Message | None = None
    ) -> Message | None:
        if "find" in self.failing:
            raise self.failing["find"]
        found = [message for message in self.own(channel, since, thread) if set(markers) <= set(message.lines)]
        return found[0] if found else None

    def own(self, channel: str, since: datetime, thread: Message | None = None) -> list[Message]:
        if "own" in self.failing:
            raise self.failing["own"]
        place = f"{channel}/{thread.ts}" if thread else channel
        every = [Message(place, str(at), lines) for at, lines in enumerate(self.posted.get(place, ()), 1)]
        return every if thread else every[::-1]

    def channel(self, name: str) -> Channel:
        if "channel" in self.failing:
            raise self.failing["channel"]
        return Channel(self.ids.get(name, name), name.removeprefix("#"), name in self.private, True, False)

    def permalink(self, message: Message) -> str:
        return f"https://acme.slack.com/archives/{message.channel}/p{message.ts}"

    def marked(self, channel: str, markers: Collection[str], since: datetime) -> dict[str, Message]:
        found = {marker: self.find(channel, [marker], since) for marker in markers}
        return {marker: message for marker, message in found.items() if message}


class FakeJournal:
    """A journal in memory. `written` is all of it; `failing` is the error that the next writes raise."""

    def __init__(self, *events: Event, account: str | None = ME.id) -> None:
        self.written = list(events)
        self.account = account
        self.failing: OncallError | None = None

    def append(self, *events: Event) -> None:
        if self.failing:
            raise self.failing
        self.written += events

    def events(self, kind: str | None = None, since: datetime | None = None) -> list[Event]:
        return [event for event in self.written if kind in (None, event.kind) and (since is None or event.at >= since)]

    def snapshot(self) -> tuple[int, Iterator[Event]]:
        return len(self.written), iter(list(self.written))

    def take(self, read: Callable[[], Iterable[Event]]) -> int:
        known = {event.uid for event in self.written}
        new = list({event.uid: event for event in read() if event.uid not in known}.values())
        self.append(*new)
        return len(new)


MANAGER = RoleName("Security Responder", 2)  # of the policy that pages have, where nothing else is said


class FakeMemory:
    """What is kept, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def get(self, key: str, *, read: Callable[[Any], Any]) -> Any:
        return read(self.kept[key]) if key in self.kept else None

    def put(self, key: str, value: Any) -> None:
        self.kept[key] = value


def a_page(id: str, status: Status = "triggered", *, minutes: int = 60, **more: Any) -> PageDetail:
    """A page that was created so many minutes before NOW, with everything else as it doesn't matter."""
    created = NOW - timedelta(minutes=minutes)
    known = {"number": 4000 + minutes, "title": f"About {id}", "urgency": "high", "priority": None, "service": "EDR"}
    known |= {"policy": MANAGER.name, "assigned_at": created}
    url = f"https://acme.pagerduty.com/incidents/{id}"
    log = (LogEntry(created, "trigger", "EDR", "", id),)
    return PageDetail(**{"timeline": log, **known, **more}, id=id, status=status, created_at=created, url=url)


def an_issue(ref: str, description: str = "", *, minutes: int = 60, **more: Any) -> Issue:
    """An issue that was opened so many minutes before NOW, with everything else as it doesn't matter."""
    project, _, iid = ref.partition("#")
    created = NOW - timedelta(minutes=minutes)
    known = {
        "title": f"About {ref}",
        "url": f"https://gitlab.example.com/{project}/-/issues/{iid}",
        "state": "opened",
        "labels": ("incident",),
        "assignees": (),
        "author": "alert-bot",
        "updated_at": created,
        "confidential": False,
        "id": int(iid),
        "assignee_ids": _numbers(more.get("assignees", ())),
    }
    return Issue(
        **{**known, **more}, ref=ref, iid=int(iid), project=project, created_at=created, description=description
    )


def an_entry(kind: str, minutes: int, person: Person | None = None, text: str = "") -> LogEntry:
    """A log entry of so many minutes before NOW; without a person an integration did it."""
    return LogEntry(NOW - timedelta(minutes=minutes), kind, person.name if person else "EDR", text, person=person)


def plain(page: Page) -> Page:
    """A page as lists have it, without what only its detail knows."""
    return Page(**{each.name: getattr(page, each.name) for each in fields(Page) if each.name != "links"})


def _numbers(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(NUMBERS.get(name, 0) for name in names)


def _is_listed(issue: Issue, query: IssueQuery) -> bool:
    inside = issue.project == query.place or (query.kind == "group" and issue.project.startswith(f"{query.place}/"))
    assigned = query.assignee in issue.assignees if query.assignee != "None" else not issue.assignees
    words = (query.search or "").casefold()
    return (
        inside
        and set(query.labels) <= set(issue.labels)
        and query.state in ("all", issue.state)
        and (query.assignee is None or assigned)
        and (words in issue.title.casefold() or words in issue.description.casefold())
        and (query.updated_after is None or issue.updated_at >= query.updated_after)
        and query.confidential in (None, issue.confidential)
        and not set(query.without) & set(issue.labels)
        and query.milestone in (None, issue.milestone)
        and query.weight in (None, issue.weight)
    )
