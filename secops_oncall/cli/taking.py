"""Taking a hand-off over, step by step: which one, what is known of it, whose pages, and what goes out."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from secops_oncall.app import App
from secops_oncall.cli import asking
from secops_oncall.cli.reading_back import Reading
from secops_oncall.domain.accepting import Answer, Begun, Reply, begun
from secops_oncall.domain.outcomes import FINE, NOTE, THREAD, Outcome
from secops_oncall.domain.pages import Page
from secops_oncall.domain.people import same
from secops_oncall.domain.readback import ReadBack
from secops_oncall.domain.received import Handed, standing
from secops_oncall.domain.text import clean, plural, shorten
from secops_oncall.errors import NotFoundError, OncallError, UsageError
from secops_oncall.views.handed import label, print_handed
from secops_oncall.views.incidents import Reader
from secops_oncall.views.readback import Author, comments, mrkdwn
from secops_oncall.workflows import accepting
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.receiving import Found, offered

VERBS = {NOTE: "read back", "gitlab": "closed", THREAD: "read back", "pagerduty": "reassigned"}


def chosen(home: App, found: Found, sender: str | None, given: ReadBack) -> Handed | None:
    """The hand-off to take over; one of mine where there is no other, and None where there is none at all.

    Raises UsageError for several where nobody can be asked, and for one that is too old to be taken without a name;
    NotFoundError for a USER who has handed nothing off, where what waits is for another, and where nothing does that
    the answers that were `given` could be about.
    """
    if sender:
        every = found.of(sender)
        return _one(home, [each for each in every if each.waits][:1] or every[:1])
    there = offered(found, home.now())
    for old in there.expired:
        home.streams.warn(f"older than 48 h, and nobody accepted it: {label(old, home.now())}")
    mine = there.mine or _read_back_here(home, found)
    if there.waiting or mine or there.own:
        return _one(home, there.waiting or mine[:1] or there.own[:1])
    if there.expired:
        who = there.expired[0].outgoing
        raise UsageError(
            "no hand-off of the last 48 h waits for you", f"oncall handoff accept --from {who.email or who.id}"
        )
    _for_nobody(found, given, home.now())
    return None


def _read_back_here(home: App, found: Found) -> list[Handed]:
    """Those that this machine has read back, whoever did so after it."""
    events = home.journal.events()
    return [each for each in found.handed if not found.is_mine(each) and begun(events, each)]


def _for_nobody(found: Found, given: ReadBack, now: datetime) -> None:
    """Raise NotFoundError where the answers would be for a hand-off that isn't mine to take unasked, or for none."""
    if waiting := next((each for each in found.handed if each.waits and not each.is_expired(now)), None):
        who, what = waiting.outgoing, f"no hand-off waits for you; {waiting.outgoing.name}'s waits for another engineer"
        raise NotFoundError(what, f"oncall handoff accept --from {who.email or who.id}")
    if given != ReadBack():
        raise NotFoundError("no hand-off waits for you, so that nothing was read back", "oncall handoff show")


def _one(home: App, handed: Sequence[Handed]) -> Handed:
    if len(handed) == 1:
        return handed[0]
    labelled = [(label(each, home.now()), each) for each in handed]
    if home.streams.interactive:
        return home.streams.pick("Which hand-off do you take over?", labelled)[0]
    listed = "; ".join(shorten(clean(each), 80) for each, _ in labelled)
    raise UsageError(f"{plural(len(handed), 'hand-off')} wait for you: {listed}", "oncall handoff accept --from USER")


class Taking:
    """One hand-off on its way to me."""

    def __init__(self, home: App, found: Found, handed: Handed) -> None:
        self._home, self._found, self.handed = home, found, handed
        self._zone = home.local

    @cached_property
    def known(self) -> Begun | None:
        """My read-back of it, where there is one: an earlier run has begun it, or all of it is there."""
        mine = next((place for place in self.handed.places if place.by == self._found.user), None)
        if mine and mine.accepted and not self.handed.waits:
            return Begun(mine.accepted.at, mine.accepted.read_back)
        return begun(self._home.journal.events(), self.handed)

    def show(self) -> None:
        """Print it, and say what is special about my taking it over."""
        print_handed(self._home.streams, self.handed, self._home.now(), self._zone)
        self._home.streams.flush()

    def agreed(self, *, yes: bool) -> None:
        """Ask about a hand-off that somebody else has taken over; the answer no raises Cancelled."""
        by = self.handed.accepted
        if by and not self.handed.waits and not self.known:
            asking.confirmer(self._home, yes)(f"{by.by.name} has accepted it: take it over all the same?")

    def pages(self, *, yes: bool) -> list[Page]:
        """The open pages that would be mine, if that is agreed to; the answer no raises Cancelled."""
        outgoing, me = self.handed.outgoing, self._found.me.person
        pages = accepting.pages_of(self._home.pagerduty, outgoing, me)
        if not pages:
            self._home.streams.say(f"No open page is assigned to {outgoing.name}.")
            return []
        numbers = shorten(", ".join(str(page.number) for page in pages), 60)
        what = f"{plural(len(pages), 'page')} of {outgoing.name} ({numbers}) become yours, unacked"
        asking.confirmer(self._home, yes)(f"{what}, and nothing escalates them from then on?")
        return pages

    def go(self, given: ReadBack, pages: list[Page], *, yes: bool, dry_run: bool) -> Iterator[Acted]:
        """Have it read back, and tell what became of that, then of the pages."""
        acted = self._read_back(given, yes=yes, dry_run=dry_run)
        yield acted
        if pages and not any(one.place == NOTE and one.result in FINE for one in acted.outcomes):
            self._home.streams.warn("the pages stay whose they are: nothing says yet that you take over")
        elif pages:
            home, me = self._home, self._found.me.person
            yield accepting.reassign(home.pagerduty, home.journal, pages, me, home.now(), dry_run=dry_run)

    def _read_back(self, given: ReadBack, *, yes: bool, dry_run: bool) -> Acted:
        home, known, me = self._home, self.known, self._found.me.person
        reading = Reading(home, self._found, self.handed, self._zone)
        if known:
            home.streams.say("Your read-back of it is known, and what is missing of it goes out.")
            words, at = known.words, known.at
        else:
            words, at = reading.words(given, yes=yes), home.now()
        home.renew()
        with reading.not_lost(words) if known is None else nullcontext():
            answer = self._answer(words, Author(me, at, self._standing, self._found.whose))
        acted = accepting.accept(
            home.gitlab, lambda: home.slack, home.journal, answer, words, me, home.now(), dry_run=dry_run
        )
        reading.kept()
        return acted if dry_run else replace(acted, problems=[*acted.problems, *self._who_acts()])

    def _who_acts(self) -> list[OncallError]:
        """Say who acts, where it is not I alone who has read it back; what kept it from being found out."""
        home, me, before = self._home, self._found.me.person, self.handed.accepted
        try:
            others, is_theirs, lost = accepting.rivals(
                home.gitlab, home.journal, self.handed, self._found.whose, me, home.now()
            )
        except OncallError as error:
            return [error]
        if is_theirs:
            home.streams.warn(f"{others[-1].name} has read it back, too, and is acting now: settle it with them")
        elif others and not (before and same(before.by, others[-1])):
            home.streams.warn(f"{others[-1].name} has read it back, too; you are acting now: tell them")
        return lost

    @property
    def _standing(self) -> str:
        return standing(self.handed, on_call=self._found.on_call, named=self._found.is_named(self.handed))

    def _answer(self, words: ReadBack, author: Author) -> Answer:
        """Everything that goes out; what is there already is not looked for again."""
        home, handed = self._home, self.handed
        reader = Reader(self._found.me.time_zone, handles=home.handles)
        notes = comments(handed, words, author, reader, internal=home.config.handoff.internal)
        filed = handed.handover.issue if handed.handover else None
        mine = (place for place in handed.places if not place.waits and place.by == self._found.user)
        return Answer(
            handed,
            notes,
            filed if filed and filed.state == "opened" else None,
            self._reply(words, author),
            frozenset(place.issue.ref for place in mine),
        )

    def _reply(self, words: ReadBack, author: Author) -> Reply | Outcome | None:
        """What is said in Slack's thread; the outcome of what can't be said there."""
        home, handed = self._home, self.handed
        found = accepting.thread(lambda: home.slack, handed, home.destinations)
        if not isinstance(found, accepting.Thread):
            return found
        return Reply(found.name, found.message, mrkdwn(handed, words, author, home.handles, whole=found.whole))
