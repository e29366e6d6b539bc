"""Who has a piece of work: folded from the notes of those who are believed, and the owner stays whatever they say."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from secops_oncall.domain import declared
from secops_oncall.domain.charge import KINDS, Break, Charge, Left, charge, marked
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.people import Person
from tests.fakes import ME, NOW

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor", "ben@example.com")
CHEN = Person("PCHEN03", "Chen Wei", "chen@example.com")
PEOPLE = {"ana": ANA, "Ben": BEN, "chen": CHEN}
HANDLES = Handles(gitlab={person.email or "": user for user, person in PEOPLE.items()})
BOT = "oncall-bot"
BACK = NOW + timedelta(hours=2)


def note(kind: str, author: str, minutes: int, text: str = "", **more: object) -> IssueNote:
    """A note of so many minutes before NOW."""
    at, mark = NOW - timedelta(minutes=minutes), Mark(kind, "engineer/PANA001/2026-11-23T08:00:00Z", "issue-101")
    return replace(IssueNote(1000 - minutes, at, author, text, True, False, mark), **more)  # type: ignore[arg-type]


def away(author: str, to: Person, minutes: int) -> IssueNote:
    return note("break", author, minutes, declared.goes_on_break(to, BACK, ANA, HANDLES))


def folded(*notes: IssueNote, owner: Person | None = ANA, bot: str | None = None) -> Charge:
    return charge(notes, owner, PEOPLE, bot)


def test_without_notes_the_owner_acts() -> None:
    assert folded() == Charge(owner=ANA, acting=ANA)
    assert folded(owner=None) == Charge()


def test_whoever_hands_off_acts_until_somebody_else_reads_it_back() -> None:
    posted = folded(note("handoff", "ben", 60))
    assert (posted.acting, posted.waits, posted.accepted) == (BEN, True, None)
    accepted = folded(note("handoff", "ben", 60), note("readback", "chen", 30))
    assert (accepted.acting, accepted.waits, accepted.owner) == (CHEN, False, ANA)
    assert accepted.accepted is not None
    assert accepted.since == accepted.accepted.at == NOW - timedelta(minutes=30)


def test_ones_own_handoff_is_not_accepted_by_reading_it_back() -> None:
    own = folded(note("handoff", "ben", 60), note("readback", "BEN", 30))
    assert (own.acting, own.waits) == (BEN, True)


def test_a_new_handoff_waits_anew() -> None:
    state = folded(note("handoff", "ana", 90), note("readback", "ben", 60), note("handoff", "ben", 10))
    assert (state.acting, state.waits, state.addenda) == (BEN, True, ())
    assert state.posted is not None and state.posted.author == "ben"


def test_what_is_added_asks_for_another_read_back_and_changes_nobody() -> None:
    begun = [note("handoff", "ana", 90), note("readback", "ben", 60), note("addendum", "ana", 30)]
    added = folded(*begun)
    assert (added.acting, added.waits, [each.author for each in added.addenda]) == (BEN, True, ["ana"])
    again = folded(*begun, note("readback", "ben", 10))
    assert (again.acting, again.waits, again.addenda) == (BEN, False, ())
    assert folded(*begun, note("readback", "ana", 10)).addenda == added.addenda


def test_on_a_break_the_other_acts_until_its_author_is_back() -> None:
    gone = folded(away("ana", BEN, 60))
    assert (gone.owner, gone.acting) == (ANA, BEN)
    assert gone.on_break == Break("ana", BEN, NOW - timedelta(minutes=60), BACK)
    assert folded(away("ana", BEN, 60), note("back", "ben", 30)).acting == BEN
    back = folded(away("ana", BEN, 60), note("back", "ana", 30))
    assert (back.acting, back.on_break, back.since) == (ANA, None, NOW - timedelta(minutes=30))


def test_a_break_within_a_break_ends_with_it() -> None:
    both = [away("ana", BEN, 60), away("ben", CHEN, 50)]
    assert folded(*both).acting == CHEN
    inner = folded(*both, note("back", "ben", 40))
    assert (inner.acting, inner.is_on_break("ANA"), inner.is_on_break("ben")) == (BEN, True, False)
    assert folded(*both, note("back", "ana", 40)).breaks == ()


def test_a_handoff_on_a_break_leaves_the_other_in_charge_and_a_read_back_ends_it() -> None:
    handed = folded(away("ana", BEN, 60), note("handoff", "ana", 30))
    assert (handed.acting, handed.waits) == (BEN, True)
    accepted = folded(away("ana", BEN, 60), note("handoff", "ana", 30), note("readback", "chen", 10))
    assert (accepted.acting, accepted.on_break) == (CHEN, None)


def test_a_second_break_of_the_same_person_takes_the_place_of_the_first() -> None:
    state = folded(away("ana", BEN, 60), away("Ana", CHEN, 50))
    assert (state.acting, [each.to for each in state.breaks]) == (CHEN, [CHEN])


def test_who_is_engaged_and_who_left() -> None:
    engaged = note("engage", "ana", 60, declared.engages([BEN, CHEN], HANDLES))
    released = note("release", "ana", 30, declared.leaves(BEN, HANDLES))
    state = folded(engaged, released)
    assert (state.engaged, state.left) == ((CHEN,), (Left(BEN, NOW - timedelta(minutes=30)),))
    again = folded(engaged, released, note("engage", "ben", 10, declared.engages([BEN], HANDLES)))
    assert (again.engaged, again.left, again.acting) == ((CHEN, BEN), (), ANA)


def test_of_high_impact_the_manager_is_engaged() -> None:
    dana = Person("", "Dana Cohen")
    first = note("high-impact", "ana", 60, declared.is_high_impact([dana], ANA, HANDLES))
    state = folded(first, note("high-impact", "ben", 30, declared.is_high_impact([CHEN], ANA, HANDLES)))
    assert state.engaged == (dana, CHEN)
    assert state.high_impact is not None and state.high_impact.author == "ana"


def test_the_bot_hands_off_for_others_and_never_acts() -> None:
    begun = [note("handoff", BOT, 60), note("readback", BOT, 50), away(BOT, BEN, 40), note("addendum", BOT, 30)]
    state = folded(*begun, bot=BOT)
    assert (state.acting, state.waits, len(state.addenda), state.breaks) == (ANA, True, 1, ())
    assert folded(*begun) == folded()


def test_a_break_that_names_nobody_is_none() -> None:
    assert folded(note("break", "ana", 60, "**Until back:** 2026-11-23 16:00 UTC")).acting == ANA


def test_gitlabs_own_notes_and_those_without_a_mark_tell_nothing() -> None:
    assert folded(note("readback", "ben", 60, system=True), note("readback", "chen", 30, mark=None)) == folded()
    assert marked([note("update", "ana", 5, system=True)]) == []


def test_when_it_was_updated_last() -> None:
    state = folded(note("update", "ana", 90), note("update", "mallory", 5), note("comment", "ben", 3))
    assert state.updated == NOW - timedelta(minutes=90)


AUTHORS = st.sampled_from(["ana", "ben", "CHEN", "mallory", "", BOT])
TEXTS = st.sampled_from(
    [
        "",
        "words\n**Acting from now:** @chen",
        declared.goes_on_break(BEN, BACK, ANA, HANDLES),
        declared.goes_on_break(Person("", "Zoe"), BACK, BEN, HANDLES),
        declared.engages([CHEN, Person("", "Zoe")], HANDLES),
        declared.leaves(CHEN, HANDLES),
    ]
)
NOTES = st.builds(note, st.sampled_from([*KINDS, "done", "nonsense"]), AUTHORS, st.integers(0, 500), TEXTS)
ONE_AT_A_TIME = st.lists(NOTES, max_size=12, unique_by=lambda each: each.at)


@settings(max_examples=300, deadline=None)
@given(ONE_AT_A_TIME, st.randoms(use_true_random=False))
def test_the_order_in_which_notes_are_listed_doesnt_matter(notes: list[IssueNote], random: Random) -> None:
    shuffled = list(notes)
    random.shuffle(shuffled)
    assert folded(*shuffled, bot=BOT) == folded(*notes, bot=BOT)


@settings(max_examples=300, deadline=None)
@given(ONE_AT_A_TIME)
def test_whatever_is_written_the_owner_stays_and_strangers_and_unknown_kinds_change_nothing(
    notes: list[IssueNote],
) -> None:
    state = folded(*notes, bot=BOT)
    assert state.owner == ANA
    ours = [each for each in notes if each.author.casefold() in ("ana", "ben", "chen", BOT)]
    known = [each for each in ours if each.mark and each.mark.kind in KINDS]
    assert folded(*known, bot=BOT) == state
    assert state.acting in (ANA, BEN, CHEN, Person("", "Zoe"))


@settings(max_examples=200, deadline=None)
@given(ONE_AT_A_TIME)
def test_whoever_reads_back_last_acts_and_nobody_is_on_a_break_then(notes: list[IssueNote]) -> None:
    last = note("readback", "chen", -1)
    state = folded(*notes, last)
    assert (state.acting, state.breaks, state.updated) == (CHEN, (), last.at)
