"""Edits: one event each, only what changed, and nothing that anybody else has said meanwhile is lost."""

from collections.abc import Collection
from datetime import UTC, timedelta
from typing import Any

import pytest

from secops_oncall.domain.draft import Item, parse, render
from secops_oncall.domain.editing import Edited
from secops_oncall.domain.events import Event
from secops_oncall.domain.people import OnCall, Role, RoleName
from secops_oncall.domain.said import TYPED, Said, called_noise, edit, event, joined, said
from secops_oncall.domain.traces import NextStep
from secops_oncall.errors import AuthError, ConfigError, RemoteError, UsageError
from secops_oncall.workflows.editing import LONGEST, Wish, begin, keep, take
from secops_oncall.workflows.steps import People, Times
from secops_oncall.workflows.subjects import Subject
from tests.fakes import ME, NOW, FakeJournal, FakePagerDuty

ONE, TWO, REF = "Q1ONE00001", "Q1TWO00002", "acme/operations#101"
ABOUT = Subject(REF, "Leaked key", (ONE,))
SINCE = NOW - timedelta(hours=5)
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Security Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Security Responder", 2),
}
M = timedelta(minutes=1)
IN_AN_HOUR = NOW + 60 * M


def times() -> Times:
    return Times(NOW, lambda: UTC)


def people(*turns: OnCall) -> People:
    return People(lambda: FakePagerDuty(turns=turns), (ROLES["engineer"],), NOW, {})


def kept(journal: FakeJournal, about: Subject = ABOUT, *, dry_run: bool = False, **wish: Any) -> Edited:
    return keep(journal, about, Wish(**wish), times(), people(), SINCE, dry_run=dry_run)


def told(journal: FakeJournal, *names: str) -> Said:
    return joined(names or ABOUT.names, said(journal.events(TYPED, SINCE)))


def test_several_flags_are_one_event_with_what_changed() -> None:
    journal = FakeJournal(event(REF, {"state": "old", "zoom": "https://zoom.us/j/1"}, NOW - M))
    edited = kept(
        journal,
        texts={"state": "new\n\nand known", "zoom": "https://zoom.us/j/1"},
        lines={"next_steps": ("rotate | Ben | 1h",), "engaged": ("@ben, forensics",), "if_then": ("a => b",)},
    )
    assert edited.changed == ("state", "engaged", "next_steps", "if_then")
    assert (
        told(journal)
        == edited.said
        == Said(
            state="new\n\nand known",
            zoom="https://zoom.us/j/1",
            engaged=("@ben, forensics",),
            next_steps=(NextStep("rotate", "Ben", IN_AN_HOUR),),
            if_then=("If a, then b",),
        )
    )
    assert len(journal.written) == 2
    assert set(journal.written[-1].data) == {"state", "add", "pages"}
    assert (journal.written[-1].subject, journal.written[-1].at) == (REF, NOW)


def test_what_is_said_so_already_is_not_said_again() -> None:
    journal = FakeJournal()
    wish: dict[str, Any] = {"texts": {"state": "a"}, "lines": {"related": ("g/p#1",)}, "noise": True}
    assert kept(journal, **wish).changed == ("state", "related", "noise")
    before = list(journal.written)
    again = kept(journal, **wish)
    assert (again.changed, again.said, again.noise) == ((), Said(state="a", related=("g/p#1",)), True)
    assert journal.written == before


def test_a_dry_run_tells_the_same_and_keeps_nothing() -> None:
    journal = FakeJournal()
    edited = kept(journal, dry_run=True, texts={"state": "a"}, noise=False)
    assert (edited.changed, edited.said.state, edited.noise) == (("state", "noise"), "a", False)
    assert journal.written == []


def test_what_is_cleared_is_empty_and_what_comes_with_it_is_all_there_is() -> None:
    journal = FakeJournal()
    kept(journal, texts={"state": "a"}, lines={"next_steps": ("one", "two"), "related": ("g/p#1",)})
    edited = kept(journal, lines={"next_steps": ("three",)}, clear=("next_steps", "state", "tried"))
    assert edited.said == Said(related=("g/p#1",), next_steps=(NextStep("three"),))
    assert edited.changed == ("state", "next_steps")
    assert told(journal) == edited.said


def test_a_step_is_done_by_its_number_and_the_others_stay() -> None:
    journal = FakeJournal()
    kept(journal, lines={"next_steps": ("one", "two", "three")})
    edited = kept(journal, done=(1, 3), lines={"next_steps": ("four",)})
    assert [step.action for step in edited.said.next_steps] == ["two", "four"]
    assert told(journal) == edited.said


@pytest.mark.parametrize("number", [2, 99])
def test_a_step_that_is_not_there_is_named_with_those_that_are(number: int) -> None:
    journal = FakeJournal()
    kept(journal, lines={"next_steps": ("rotate",)})
    with pytest.raises(UsageError, match=f"no next step {number} that somebody typed: 1 rotate"):
        kept(journal, done=(number,), texts={"state": "x"})
    assert told(journal).state == ""


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"texts": {"state": " "}}, "--state is empty"),
        ({"texts": {"zoom": "\u202e"}}, "--zoom is empty"),
        ({"lines": {"related": ("g/p#1", "")}}, "--related is empty"),
        ({"lines": {"slack": ("",)}}, "--slack-thread is empty"),
        ({"lines": {"next_steps": ("",)}}, "has no action"),
        ({"lines": {"if_then": ("x",)}}, "is no contingency"),
        ({"texts": {"state": "x"}, "clear": ("state",)}, "--state and --clear state contradict each other"),
    ],
)
def test_what_can_not_be_meant_is_refused_and_nothing_is_kept(wish: dict[str, Any], said: str) -> None:
    journal = FakeJournal()
    with pytest.raises(UsageError) as refused:
        kept(journal, **({"texts": {"tried": "y"}} | wish))
    assert said in refused.value.message
    assert journal.written == []


def test_what_lint_will_refuse_is_kept_and_told() -> None:
    edited = kept(FakeJournal(), texts={"zoom": "the usual"}, lines={"next_steps": ("rotate",)})
    assert edited.warnings == (
        "Active Zoom Bridge: 'the usual' is neither a URL nor None: it is kept, and lint refuses it",
        "Next Steps: 'rotate' has no person and time: it is kept, and lint refuses it",
    )


def test_words_of_an_earlier_shift_count_no_more() -> None:
    journal = FakeJournal(event(REF, {"state": "old", "tried": "a"}, SINCE - M))
    assert kept(journal, texts={"state": "old"}).said == Said(state="old")


def test_noise_is_about_the_page_whatever_the_incident_is_called() -> None:
    journal = FakeJournal()
    assert kept(journal, noise=True).noise is True
    assert kept(journal, Subject(ONE, "", (ONE,), ONE), noise=False, texts={"state": "x"}).noise is False
    assert [(each.subject, dict(each.data)) for each in journal.written] == [
        (ONE, {"noise": True}),
        (ONE, {"state": "x"}),
        (ONE, {"noise": False}),
    ]
    assert called_noise(journal.written) == {ONE: False}
    assert kept(journal, Subject(REF, "", (TWO, ONE), TWO), noise=True).noise is True
    assert called_noise(journal.written) == {ONE: False, TWO: True}


@pytest.mark.parametrize("pages", [(), (ONE, TWO)])
def test_noise_needs_one_page(pages: tuple[str, ...]) -> None:
    journal = FakeJournal()
    with pytest.raises(UsageError) as refused:
        kept(journal, Subject(REF, "", pages), noise=True, texts={"state": "x"})
    assert (refused.value.hint, journal.written) == ("name the page", [])


def test_flags_from_two_terminals_keep_each_other_s_lines_and_the_last_word_on_a_text() -> None:
    """Both have looked before either wrote."""
    journal = FakeJournal()
    other = FakeJournal()
    kept(journal, texts={"state": "one", "tried": "one"}, lines={"next_steps": ("one",)})
    kept(other, texts={"state": "two"}, lines={"next_steps": ("two",)})
    journal.written += other.written
    assert told(journal) == Said(state="two", tried="one", next_steps=(NextStep("one"), NextStep("two")))


# The whole text


def written(
    journal: FakeJournal,
    before: dict[str, Said],
    change: Collection[tuple[str, str]],
    *,
    meanwhile: Collection[Event] = (),
    dry_run: bool = False,
) -> list[Edited]:
    items = [Item(key, f"About {key}", each) for key, each in before.items()]
    text = render(items)
    for old, new in change:
        assert old in text
        text = text.replace(old, new)
    journal.written += meanwhile
    clock = times()
    read, names = parse(text, items, clock), {key: (ONE, key) if key == REF else (key,) for key in before}
    turns = OnCall(ME.person, NOW - M, IN_AN_HOUR, "Security Responder", 1)
    return take(journal, items, read, names, clock, people(turns), SINCE, dry_run=dry_run)


def test_a_text_changes_only_what_was_changed_in_it() -> None:
    journal = FakeJournal(event(ONE, edit({"state": "old", "tried": "a"}, {}), NOW - M))
    (edited,) = written(
        journal, {REF: told(journal)}, [("old", "new"), ("## Next Steps\n", "## Next Steps\n- [ ] x | ana | 1h\n")]
    )
    assert (edited.changed, edited.warnings) == (("state", "next_steps"), ())
    assert set(journal.written[-1].data) == {"state", "next_steps", "pages"}
    assert (
        told(journal) == edited.said == Said(state="new", tried="a", next_steps=(NextStep("x", ME.name, IN_AN_HOUR),))
    )


def test_a_text_that_is_left_as_it_was_changes_nothing() -> None:
    journal = FakeJournal(event(REF, edit({"state": "old"}, {"next_steps": (NextStep("x", "ana"),)}), NOW - M))
    assert [each.changed for each in written(journal, {REF: told(journal), TWO: Said()}, [])] == [(), ()]
    assert len(journal.written) == 1


def test_an_incident_that_is_taken_out_stays_as_it_was_and_that_is_said() -> None:
    journal = FakeJournal(event(REF, {"state": "old"}, NOW - M))
    before = {TWO: Said(), REF: told(journal)}
    text = render([Item(key, "", each) for key, each in before.items()])
    part = text[text.index(f"\n# {REF}") :].replace(f"# {REF}: ", f"# {REF}: About {REF}")
    _, two = written(journal, before, [(part, "")])
    assert (two.id, two.said.state, two.changed) == (REF, "old", ())
    assert two.warnings == ("it is not in the text any more, and nothing of it was changed",)
    assert len(journal.written) == 1


def test_emptied_fields_are_emptied() -> None:
    journal = FakeJournal(event(REF, edit({"state": "old"}, {"related": ("g/p#1",)}), NOW - M))
    written(journal, {REF: told(journal)}, [("old\n", ""), ("- g/p#1\n", "")])
    assert told(journal).is_empty


def test_what_was_said_while_the_text_was_open_stays_or_is_told() -> None:
    journal = FakeJournal(event(REF, {"state": "old"}, NOW - 2 * M))
    meanwhile = [
        event(REF, {"tried": "by the other terminal"}, NOW - M),
        event(ONE, edit({"state": "theirs"}, {"next_steps": (NextStep("theirs"),)}), NOW - M),
    ]
    (edited,) = written(journal, {REF: told(journal)}, [("old", "mine")], meanwhile=meanwhile)
    assert (
        told(journal)
        == edited.said
        == Said(state="mine", tried="by the other terminal", next_steps=(NextStep("theirs"),))
    )
    assert edited.warnings == ("State now: yours is the last word; meanwhile it was said: theirs",)


def test_what_is_no_answer_or_no_time_is_kept_as_it_was_typed_and_told() -> None:
    journal = FakeJournal()
    change = [
        ("### Confidence: low, medium or high\n", "### Confidence: low, medium or high\nrather high\n"),
        ("## Next Steps\n", "## Next Steps\n- [ ] rotate | Ben | soon\n"),
    ]
    (edited,) = written(journal, {REF: Said()}, change)
    assert told(journal) == Said(confidence="rather high", next_steps=(NextStep("rotate | soon", "Ben"),))
    assert edited.warnings == (
        "'soon' is no time: it is kept among the words of 'rotate | soon'",
        "Confidence: 'rather high' is none of low, medium, high: it is kept, and lint refuses it",
        "Next Steps: 'rotate | soon' has no time: it is kept, and lint refuses it",
    )


def test_a_time_that_has_passed_since_stays_in_a_text() -> None:
    journal = FakeJournal(event(REF, edit({}, {"next_steps": (NextStep("x", "Ben", NOW - M),)}), NOW - 9 * M))
    written(journal, {REF: told(journal)}, [("### State now\n", "### State now\nfine\n")])
    assert told(journal) == Said(state="fine", next_steps=(NextStep("x", "Ben", NOW - M),))


def test_a_dry_run_of_a_text_keeps_nothing() -> None:
    journal = FakeJournal()
    (edited,) = written(journal, {REF: Said()}, [("### State now\n", "### State now\nfine\n")], dry_run=True)
    assert (edited.changed, edited.said.state, journal.written) == (("state",), "fine", [])


def test_a_journal_that_can_not_be_written_is_an_error() -> None:
    journal = FakeJournal()
    journal.failing = ConfigError("no room", "make some")
    with pytest.raises(ConfigError):
        kept(journal, texts={"state": "x"})
    with pytest.raises(ConfigError):
        written(journal, {REF: Said()}, [("### State now\n", "### State now\nfine\n")])


# Since when words count


def on_duty(hours: int = 5) -> FakePagerDuty:
    start = NOW - timedelta(hours=hours)
    return FakePagerDuty(turns=[OnCall(ME.person, start, start + timedelta(hours=12), "Security Responder", 1)])


def test_words_count_since_the_shift_began_which_is_asked_for_once() -> None:
    journal, responders = FakeJournal(), on_duty()
    assert begin(lambda: responders, journal, ROLES, NOW) == SINCE
    responders.failing["on_call"] = RemoteError("down", "wait")
    assert begin(lambda: responders, journal, ROLES, NOW) == SINCE


@pytest.mark.parametrize("error", [RemoteError("down", "wait"), AuthError("no token", "export it")])
def test_where_nobody_knows_the_shift_no_word_is_left_out(error: Exception) -> None:
    responders = on_duty()
    responders.failing["on_call"] = error  # type: ignore[assignment]
    assert begin(lambda: responders, FakeJournal(), ROLES, NOW) == NOW - LONGEST


def test_without_a_shift_there_is_nothing_to_write_for() -> None:
    with pytest.raises(UsageError, match="no current shift") as refused:
        begin(lambda: FakePagerDuty(), FakeJournal(), ROLES, NOW)
    assert refused.value.hint == "oncall who"
