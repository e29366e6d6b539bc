"""The read-back as it is typed: three short prompts or the editor, and in what it differs from the hand-off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import tzinfo

from secops_oncall.app import App
from secops_oncall.domain import posted
from secops_oncall.domain.differences import Told, compare
from secops_oncall.domain.readback import LABELS, NEEDED, ReadBack, draft, parse
from secops_oncall.domain.received import Handed
from secops_oncall.errors import Cancelled, OncallError, UsageError
from secops_oncall.keys import press
from secops_oncall.streams import Streams
from secops_oncall.views.readback import say_differences
from secops_oncall.workflows.accepting import HOW, checked
from secops_oncall.workflows.receiving import Found

Press = Callable[[Streams, str], str]
_EDITOR = "e"  # what opens the whole read-back, wherever something is asked
_GO_ON = "[g]o on, [e]dit, [q]uit"


class Reading:
    """One read-back of a hand-off. What was typed is printed where it comes to nothing."""

    def __init__(self, home: App, found: Found, handed: Handed, zone: tzinfo, press: Press = press) -> None:
        self._home, self._streams, self._press = home, home.streams, press
        self._me, self._told = found.me.person, told(found, handed, zone)
        self._name, self._drafts = f"read-back-{handed.outgoing.name}", list[Callable[[], None]]()

    def words(self, given: ReadBack, *, yes: bool) -> ReadBack:
        """What is read back: what was `given`, and what is asked for. Where it differs that is said, and asked about.

        Raises UsageError where nobody can be asked; with `yes` nothing is, unless an answer is missing.
        """
        words = self._whole(given)
        while differences := compare(words, self._told, self._me):
            say_differences(self._streams, differences)
            if yes:
                break
            if not self._streams.interactive:
                raise UsageError("the read-back differs from the hand-off", "say it otherwise, or add --yes")
            with self.not_lost(words):
                key = self._press(self._streams, _GO_ON).lower()
                if key == "q":
                    raise Cancelled("cancelled", "nothing was sent")
            if key == "g":
                break
            words = self._edited(words) if key == _EDITOR else words
        return words

    def kept(self) -> None:
        """Forget what was written in an editor: the journal has it."""
        for discard in self._drafts:
            discard()

    @contextmanager
    def not_lost(self, words: ReadBack) -> Iterator[None]:
        """Print what was typed where it comes to nothing."""
        try:
            yield
        except (OncallError, KeyboardInterrupt):
            if any(getattr(words, name) for name in LABELS):
                self._streams.warn("what you read back is not kept; it was:")
                self._streams.answer(draft(words))
            raise

    def _whole(self, given: ReadBack) -> ReadBack:
        words = given
        if words.missing and not self._streams.interactive:
            raise UsageError("a read-back is three answers, and there is no terminal to ask for them on", HOW)
        if words.missing:
            self._streams.hint("Read it back in your own words; e opens all of it in your editor.")
        while words.missing:
            name = words.missing[0]
            with self.not_lost(words):
                typed = self._streams.ask(f"{LABELS[name]} …")
            words = self._edited(words) if typed == _EDITOR else self._answered(words, name, typed)
        return checked(words)

    def _answered(self, words: ReadBack, name: str, typed: str) -> ReadBack:
        """The words with one answer more; one that can't be meant so is said, and asked for again."""
        try:
            others = {each: "x" for each in NEEDED if each != name}
            checked(replace(ReadBack(**others), **{name: typed}))
        except UsageError as error:
            self._streams.error(error.message, error.hint)
            return words
        return replace(words, **{name: typed})

    def _edited(self, words: ReadBack) -> ReadBack:
        typed = self._home.draft(draft(words), self._name)
        self._drafts.append(typed.discard)
        written = parse(typed.text)
        self._home.renew()
        try:
            return checked(written)
        except UsageError as error:
            if not written.missing:
                with self.not_lost(written):
                    raise
            self._streams.error(error.message, error.hint)
            return self._whole(written)


def told(found: Found, handed: Handed, zone: tzinfo) -> Told:
    """What a read-back of a hand-off has to agree with; of one that was read back, what was added since."""
    incidents = [place for place in handed.incidents if place.waits] or handed.incidents
    texts = [text for place in handed.places for text in (place.text, *(note.text for note in place.addenda))]
    steps = [step for place in incidents for step in posted.read(place.latest).next_steps]
    people = {person.name: person for person in (*found.whose.people.values(), *(one.person for one in found.entries))}
    return Told(
        "\n".join(texts),
        steps,
        [place.issue.ref for place in incidents],
        list(people.values()),
        {person.name: user for user, person in found.whose.people.items()},
        zone,
        [number for place in incidents for number in posted.pages(place.text)],
    )
