"""Acking and resolving: never again, never over somebody, never back from the dead, and every outcome told."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from secops_oncall.domain.events import focus
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Owner, Page, PageDetail, PageQuery
from secops_oncall.domain.people import Person
from secops_oncall.errors import ConfigError, ExitCode, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.acting import FEW, Asked, Choose, acknowledge, resolve
from secops_oncall.workflows.outcomes import Acted
from tests.fakes import ME, NOW, FakeJournal, FakePagerDuty, a_page

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor")
CANARY, TRAVEL, INVOICE = "Q1CANARYTOKEN01", "Q1TRAVEL000002", "Q1INVOICE00003"
DOWN = RemoteError("PagerDuty does not answer", "try again")
FULL = ConfigError("the journal can't be used: disk full", "make room")


def nobody(pages: Sequence[Page]) -> Sequence[Page]:
    raise AssertionError("nothing was to be chosen")


def refuse(pages: Sequence[Page]) -> Sequence[Page]:
    raise UsageError(", ".join(page.id for page in pages), "oncall ack PAGE")


def mine(id: str, *, minutes: int = 60, **more: Any) -> PageDetail:
    return a_page(id, minutes=minutes, assigned_to=(ANA,), **more)


def acked(id: str, *by: Person, minutes: int = 60, **more: Any) -> PageDetail:
    known = {"assigned_to": by[-1:], "acknowledged_by": by, "owner": Owner(by[0].id, by[0].name, NOW) if by else None}
    return a_page(id, "acknowledged", minutes=minutes, **{**known, **more})


def ack(
    pagerduty: FakePagerDuty, *refs: str, journal: FakeJournal | None = None, choose: Choose = nobody, **asked: bool
) -> Acted:
    return acknowledge(pagerduty, journal or FakeJournal(), Asked(refs, **asked), choose, NOW)


def close(
    pagerduty: FakePagerDuty, *refs: str, journal: FakeJournal | None = None, choose: Choose = nobody, **asked: bool
) -> Acted:
    return resolve(pagerduty, journal or FakeJournal(), Asked(refs, **asked), choose, NOW)


def results(acted: Acted) -> list[tuple[str, str, str]]:
    return [(outcome.id, outcome.result.value, outcome.code) for outcome in acted.outcomes]


def in_focus(journal: FakeJournal) -> str | None:
    found = focus(journal.written, NOW)
    return found.id if found else None


class Counting(FakePagerDuty):
    """A PagerDuty that counts what is read of it."""

    def pages(self, query: PageQuery) -> list[Page]:
        self.reads = [*getattr(self, "reads", []), "list"]
        return super().pages(query)

    def page(self, ref: str) -> Page:
        self.reads = [*getattr(self, "reads", []), ref]
        return super().page(ref)


class Answering(FakePagerDuty):
    """A PagerDuty that answers a write with outcomes of its own."""

    def __init__(self, pages: Sequence[PageDetail], **outcomes: tuple[Result, str]) -> None:
        super().__init__(pages)
        self.outcomes = outcomes

    def acknowledge(self, pages: Sequence[Page]) -> list[Outcome]:
        self.writes.append(("acknowledge", tuple(page.id for page in pages)))
        return [
            Outcome(page.id, result, page.number, title=page.title, code=code)
            for page in reversed(pages)
            for result, code in [self.outcomes[page.id]]
        ]

    resolve = acknowledge


def test_an_ack_is_sent_once_told_from_the_answer_kept_and_put_in_focus() -> None:
    pagerduty, journal = FakePagerDuty([mine(CANARY, number=4117)]), FakeJournal()
    acted = ack(pagerduty, "4117", journal=journal)
    assert (results(acted), acted.exit_code) == ([(CANARY, "done", "")], ExitCode.OK)
    assert pagerduty.writes == [("acknowledge", (CANARY,))]
    (outcome,) = acted.outcomes
    assert (outcome.number, outcome.title, outcome.place) == (4117, f"About {CANARY}", "pagerduty")
    kept = journal.written[0]
    assert (kept.kind, kept.subject, kept.at, kept.data) == ("ack", CANARY, NOW, {"result": "done", "code": ""})
    assert in_focus(journal) == CANARY


def test_another_account_s_url_is_an_outcome_of_its_own_beside_the_page_that_has_its_id() -> None:
    pagerduty, there = FakePagerDuty([mine(CANARY), mine(TRAVEL)]), f"https://other.pagerduty.com/incidents/{CANARY}"
    acted = ack(pagerduty, TRAVEL, there, CANARY)
    assert results(acted) == [(TRAVEL, "done", ""), (there, "failed", "not_found"), (CANARY, "done", "")]
    assert pagerduty.writes == [("acknowledge", (TRAVEL, CANARY))]
    with pytest.raises(NotFoundError, match="another account: other"):
        ack(pagerduty, CANARY, there)
    assert len(pagerduty.writes) == 1


def test_a_resolve_that_is_refused_says_how_to_own_the_page_first() -> None:
    acked_by_a_machine = acked(TRAVEL, number=4116)
    refused = close(FakePagerDuty([mine(CANARY, number=4117), acked_by_a_machine]), "4117", "4116")
    assert [(one.code, one.hint) for one in refused.outcomes] == [
        ("unacked", "oncall ack 4117"),
        ("unacked", "oncall ack 4116"),
    ]
    assert [one.message.partition(",")[0] for one in refused.outcomes] == [
        "nobody has acked it",
        "only an integration has acked it",
    ]
    owned = ack(FakePagerDuty([acked(CANARY, BEN), mine(TRAVEL)]), CANARY, TRAVEL, "Q1GONE0001")
    assert [one.hint for one in owned.outcomes] == ["", "", "oncall pages"]


def waits(pagerduty: FakePagerDuty, *refs: str, choose: Choose = nobody, **asked: bool) -> list[str] | None:
    """The ids of my pages that an ack has seen to be unacked still."""
    changed = acknowledge(pagerduty, FakeJournal(), Asked(refs, **asked), choose, NOW)
    return None if changed.waiting is None else [page.id for page in changed.waiting]


def test_what_was_listed_on_the_way_tells_what_still_waits() -> None:
    def several() -> FakePagerDuty:
        return FakePagerDuty([mine(CANARY), mine(TRAVEL), mine(INVOICE), a_page("Q1OTHERS"), acked("Q1ACKED", ANA)])

    ids = (CANARY, TRAVEL, "Q1OTHERS", "Q1ACKED", "Q1GONE")
    assert waits(several(), every=True) == []
    assert waits(several(), every=True, dry_run=True) == [CANARY, TRAVEL, INVOICE]
    assert waits(several(), choose=lambda pages: pages[:1]) == [TRAVEL, INVOICE]
    assert waits(several(), *ids) == [INVOICE]
    assert waits(several(), *ids[:FEW]) is None
    assert waits(several(), piped=True) is None
    assert waits(FakePagerDuty()) == []


def test_what_a_colleague_acked_while_it_was_picked_waits_no_more() -> None:
    pagerduty = FakePagerDuty([mine(CANARY), mine(TRAVEL)])

    def slowly(pages: Sequence[Page]) -> Sequence[Page]:
        pagerduty.details[CANARY] = acked(CANARY, BEN)
        return [page for page in pages if page.id == CANARY]

    assert waits(pagerduty, choose=slowly) == [TRAVEL]


@pytest.mark.parametrize(
    ("names", "few"),
    [([], False), ([CANARY], True), (["1", "2", "3", "4"], True), (["1", "01", "2", "3", "4"], True), ("12345", False)],
)
def test_few_pages_are_read_singly(names: Sequence[str], few: bool) -> None:
    assert Asked(tuple(names)).few is few


def test_one_page_in_several_forms_is_one_page() -> None:
    pagerduty = FakePagerDuty([mine(CANARY, number=4117)])
    forms = ("4117", CANARY, CANARY.lower(), "0004117", f"https://acme.pagerduty.com/incidents/{CANARY}", " 4117 ")
    acted = ack(pagerduty, *forms)
    assert (results(acted), pagerduty.writes) == ([(CANARY, "done", "")], [("acknowledge", (CANARY,))])


def test_several_pages_go_out_in_one_request_and_come_back_as_they_were_asked_for() -> None:
    pages = [mine(CANARY), mine(TRAVEL), mine(INVOICE)]
    answers = dict.fromkeys((CANARY, TRAVEL, INVOICE), (Result.DONE, ""))
    pagerduty = Answering(pages, **answers)
    acted = ack(pagerduty, TRAVEL, INVOICE, CANARY)
    assert [outcome.id for outcome in acted.outcomes] == [TRAVEL, INVOICE, CANARY]
    assert pagerduty.writes == [("acknowledge", (TRAVEL, INVOICE, CANARY))]


def test_what_is_mine_already_is_not_acked_again_and_comes_into_focus() -> None:
    pagerduty, journal = FakePagerDuty([acked(CANARY, ANA)]), FakeJournal()
    acted = ack(pagerduty, CANARY, journal=journal)
    assert (results(acted), acted.exit_code) == ([(CANARY, "already", "mine")], ExitCode.OK)
    assert acted.outcomes[0].message == "yours already"
    assert pagerduty.writes == []
    assert [event.kind for event in journal.written] == ["focus"]
    assert in_focus(journal) == CANARY


def test_an_ack_of_mine_whose_owner_is_not_told_is_mine() -> None:
    assert results(ack(FakePagerDuty([acked(CANARY, ANA, owner=None)]), CANARY)) == [(CANARY, "already", "mine")]


@pytest.mark.parametrize("force", [False, True])
def test_what_i_joined_already_names_its_owner_and_is_not_acked_again(force: bool) -> None:
    pagerduty = FakePagerDuty([acked(CANARY, BEN, ANA)])
    acted = ack(pagerduty, CANARY, force=force)
    assert (results(acted), acted.exit_code) == ([(CANARY, "already", "joined")], ExitCode.OK)
    assert "owned by Ben Okafor" in acted.outcomes[0].message
    assert pagerduty.writes == []


def test_anothers_page_is_refused_with_its_owners_name_and_nothing_changes() -> None:
    pagerduty, journal = FakePagerDuty([acked(CANARY, BEN)]), FakeJournal()
    acted = ack(pagerduty, CANARY, journal=journal)
    assert (results(acted), acted.exit_code) == ([(CANARY, "refused", "owned")], ExitCode.PARTIAL)
    assert "owned by Ben Okafor since 14:00 UTC" in acted.outcomes[0].message
    assert (pagerduty.writes, journal.written) == ([], [])


def test_force_joins_and_the_owner_stays() -> None:
    pagerduty = FakePagerDuty([acked(CANARY, BEN)])
    assert results(ack(pagerduty, CANARY, force=True)) == [(CANARY, "done", "")]
    owner = pagerduty.details[CANARY].owner
    assert owner and owner.id == BEN.id


def test_a_page_that_only_an_integration_acked_is_nobody_s_and_an_ack_makes_it_mine() -> None:
    pagerduty = FakePagerDuty([acked(CANARY)])
    acted = ack(pagerduty, CANARY)
    assert (results(acted), pagerduty.writes) == ([(CANARY, "done", "")], [("acknowledge", (CANARY,))])
    owner = pagerduty.details[CANARY].owner
    assert owner and owner.id == ME.id
    assert results(ack(FakePagerDuty([acked(CANARY)]), CANARY, piped=True)) == [(CANARY, "refused", "not_mine")]


@pytest.mark.parametrize("force", [False, True])
def test_a_resolved_page_is_never_reopened(force: bool) -> None:
    pagerduty, journal = FakePagerDuty([a_page(CANARY, "resolved")]), FakeJournal()
    acted = ack(pagerduty, CANARY, force=force, journal=journal)
    assert (results(acted), acted.exit_code) == ([(CANARY, "refused", "resolved")], ExitCode.PARTIAL)
    assert (pagerduty.writes, journal.written) == ([], [])


def test_without_a_page_it_is_the_one_triggered_page_that_is_mine() -> None:
    pagerduty = FakePagerDuty([mine(CANARY), a_page(TRAVEL, assigned_to=(BEN,)), acked(INVOICE, ANA)])
    assert results(ack(pagerduty)) == [(CANARY, "done", "")]
    assert pagerduty.writes == [("acknowledge", (CANARY,))]


def test_without_a_page_and_with_none_of_mine_nothing_is_done() -> None:
    pagerduty, journal = FakePagerDuty([a_page(TRAVEL, assigned_to=(BEN,))]), FakeJournal()
    acted = ack(pagerduty, journal=journal)
    assert (acted.outcomes, acted.exit_code) == ([], ExitCode.OK)
    assert (pagerduty.writes, journal.written) == ([], [])


def test_of_several_one_is_chosen_the_most_urgent_offered_first() -> None:
    offered: list[str] = []

    def choose(pages: Sequence[Page]) -> Sequence[Page]:
        offered.extend(page.id for page in pages)
        return pages[:2]

    pagerduty = FakePagerDuty(
        [mine(INVOICE, urgency="low"), mine(TRAVEL, minutes=9, urgency="high"), mine(CANARY, minutes=3)]
    )
    acted = ack(pagerduty, choose=choose)
    assert offered == [CANARY, TRAVEL, INVOICE]
    assert pagerduty.writes == [("acknowledge", (CANARY, TRAVEL))]
    assert [outcome.id for outcome in acted.outcomes] == [CANARY, TRAVEL]


def test_where_nobody_can_choose_nothing_is_sent() -> None:
    pagerduty, journal = FakePagerDuty([mine(CANARY), mine(TRAVEL)]), FakeJournal()
    with pytest.raises(UsageError, match=CANARY):
        ack(pagerduty, choose=refuse, journal=journal)
    assert (pagerduty.writes, journal.written) == ([], [])


def test_what_happened_while_the_engineer_chose_is_seen() -> None:
    """The list on the screen may be minutes old: a colleague has acked one of them, and another is over."""
    pagerduty = FakePagerDuty([mine(CANARY), mine(TRAVEL), mine(INVOICE)])

    def choose(pages: Sequence[Page]) -> Sequence[Page]:
        pagerduty.details[CANARY] = a_page(CANARY, "resolved")
        pagerduty.details[TRAVEL] = acked(TRAVEL, BEN)
        return sorted(pages, key=lambda page: page.id)

    acted = ack(pagerduty, choose=choose)
    assert results(acted) == [(CANARY, "refused", "resolved"), (INVOICE, "done", ""), (TRAVEL, "refused", "owned")]
    assert pagerduty.writes == [("acknowledge", (INVOICE,))]


def test_all_is_every_triggered_page_of_mine_and_nobody_is_asked() -> None:
    pages = [mine(CANARY, minutes=9), mine(TRAVEL, minutes=3), acked(INVOICE, BEN)]
    pagerduty, journal = FakePagerDuty(pages), FakeJournal()
    acted = ack(pagerduty, every=True, journal=journal)
    assert [outcome.id for outcome in acted.outcomes] == [TRAVEL, CANARY]
    assert pagerduty.writes == [("acknowledge", (TRAVEL, CANARY))]
    assert in_focus(journal) == TRAVEL
    assert [event.kind for event in journal.written].count("focus") == 1


def test_a_pipe_acks_only_what_is_assigned_to_me() -> None:
    pagerduty = FakePagerDuty([mine(CANARY), a_page(TRAVEL, assigned_to=(BEN,)), a_page(INVOICE)])
    acted = ack(pagerduty, CANARY, TRAVEL, INVOICE, piped=True)
    assert results(acted) == [(CANARY, "done", ""), (TRAVEL, "refused", "not_mine"), (INVOICE, "refused", "not_mine")]
    assert "Ben Okafor" in acted.outcomes[1].message
    assert "nobody" in acted.outcomes[2].message
    assert acted.exit_code == ExitCode.PARTIAL
    assert pagerduty.writes == [("acknowledge", (CANARY,))]


def test_a_pipe_with_force_acks_all_of_it_and_a_name_that_was_typed_needs_none() -> None:
    pagerduty = FakePagerDuty([mine(CANARY), a_page(TRAVEL, assigned_to=(BEN,)), a_page(INVOICE)])
    assert [result for _, result, _ in results(ack(pagerduty, CANARY, TRAVEL, piped=True, force=True))] == ["done"] * 2
    assert results(ack(pagerduty, INVOICE)) == [(INVOICE, "done", "")]


def test_an_empty_pipe_is_no_wish_for_my_own_page() -> None:
    pagerduty = FakePagerDuty([mine(CANARY)])
    acted = ack(pagerduty, piped=True)
    assert (acted.outcomes, acted.exit_code, pagerduty.writes) == ([], ExitCode.OK, [])


def test_one_page_that_is_not_there_is_an_error_of_its_own() -> None:
    with pytest.raises(NotFoundError, match="9999"):
        ack(FakePagerDuty([mine(CANARY)]), "9999")


def test_one_of_several_that_is_not_there_keeps_none_of_the_others_from_being_acked() -> None:
    pagerduty, journal = FakePagerDuty([mine(CANARY), mine(TRAVEL)]), FakeJournal()
    acted = ack(pagerduty, CANARY, "9999", TRAVEL, journal=journal)
    assert results(acted) == [(CANARY, "done", ""), ("9999", "failed", "not_found"), (TRAVEL, "done", "")]
    assert (acted.exit_code, "9999" in acted.outcomes[1].message) == (ExitCode.PARTIAL, True)
    assert [event.subject for event in journal.written if event.kind == "ack"] == [CANARY, TRAVEL]


def test_where_all_of_them_fail_alike_the_exit_code_says_how() -> None:
    assert ack(FakePagerDuty(), "9998", "9999").exit_code == ExitCode.NOT_FOUND
    silent = FakePagerDuty([mine(CANARY), mine(TRAVEL)])
    silent.failing = {"page": DOWN}
    assert ack(silent, CANARY, TRAVEL).exit_code == ExitCode.REMOTE


def test_more_than_a_few_are_looked_up_in_one_list_and_only_the_rest_singly() -> None:
    ids = [f"Q1MANY{place:04}" for place in range(FEW)]
    pagerduty = Counting([*(mine(id, number=5000 + place) for place, id in enumerate(ids)), a_page(CANARY, "resolved")])
    acted = ack(pagerduty, "5000", *ids[1:], CANARY)
    assert [result for _, result, _ in results(acted)] == ["done"] * FEW + ["refused"]
    assert pagerduty.reads == ["list", CANARY]
    few = Counting([mine(id) for id in ids])
    ack(few, *ids)
    assert (sorted(few.reads), FEW) == (ids, 4)


@pytest.mark.parametrize("words", [("no page at all",), ("4117", "https://evil.example/incidents/Q1CANARY")])
def test_what_is_no_page_is_refused_before_anything_is_sent(words: tuple[str, ...]) -> None:
    pagerduty = Counting([mine(CANARY, number=4117)])
    with pytest.raises(UsageError, match="is no page"):
        ack(pagerduty, *words)
    assert (pagerduty.writes, hasattr(pagerduty, "reads")) == ([], False)


def test_a_dry_run_sends_nothing_keeps_nothing_and_moves_no_focus() -> None:
    pagerduty, journal = FakePagerDuty([mine(CANARY), acked(TRAVEL, ANA), acked(INVOICE, BEN)]), FakeJournal()
    acted = ack(pagerduty, CANARY, TRAVEL, INVOICE, dry_run=True, journal=journal)
    assert [result for _, result, _ in results(acted)] == ["planned", "already", "refused"]
    assert (pagerduty.writes, journal.written) == ([], [])
    assert ack(pagerduty, CANARY, dry_run=True).exit_code == ExitCode.OK


def test_a_request_that_fails_as_a_whole_is_told_and_nothing_is_kept() -> None:
    pagerduty, journal = FakePagerDuty([mine(CANARY)]), FakeJournal()
    pagerduty.failing = {"acknowledge": DOWN}
    with pytest.raises(RemoteError, match="does not answer"):
        ack(pagerduty, CANARY, journal=journal)
    assert journal.written == []


def test_what_the_service_answers_is_what_is_told_and_only_what_i_hold_comes_into_focus() -> None:
    """A colleague's ack that came in between is done, and names the owner (interface.md, "Exit codes")."""
    answers = {CANARY: (Result.UNKNOWN, "remote"), TRAVEL: (Result.DONE, "joined"), INVOICE: (Result.FAILED, "remote")}
    pagerduty, journal = Answering([mine(CANARY), mine(TRAVEL), mine(INVOICE)], **answers), FakeJournal()
    acted = ack(pagerduty, CANARY, TRAVEL, INVOICE, journal=journal)
    assert results(acted) == [(id, result.value, code) for id, (result, code) in answers.items()]
    assert acted.exit_code == ExitCode.PARTIAL
    kept = [(event.subject, event.data["result"]) for event in journal.written if event.kind == "ack"]
    assert kept == [(CANARY, "unknown"), (TRAVEL, "done"), (INVOICE, "failed")]
    assert in_focus(journal) == TRAVEL


def test_nothing_comes_into_focus_where_nothing_is_held() -> None:
    pagerduty, journal = Answering([mine(CANARY)], **{CANARY: (Result.FAILED, "remote")}), FakeJournal()
    assert ack(pagerduty, CANARY, journal=journal).exit_code == ExitCode.REMOTE
    assert in_focus(journal) is None


@pytest.mark.parametrize("run", [ack, close])
def test_a_journal_that_fails_never_hides_what_was_done(run: object) -> None:
    page = mine(CANARY) if run is ack else acked(CANARY, ANA)
    pagerduty, journal = FakePagerDuty([page]), FakeJournal()
    journal.failing = FULL
    acted: Acted = run(pagerduty, CANARY, journal=journal)  # type: ignore[operator]
    assert (results(acted), acted.problems) == ([(CANARY, "done", "")], [FULL])
    assert acted.exit_code == ExitCode.CONFIG


def test_resolving_says_that_the_work_goes_on() -> None:
    pagerduty, journal = FakePagerDuty([acked(CANARY, ANA)]), FakeJournal()
    acted = close(pagerduty, CANARY, journal=journal)
    assert (results(acted), acted.exit_code) == ([(CANARY, "done", "")], ExitCode.OK)
    assert "the work goes on in its issue" in acted.outcomes[0].message
    assert pagerduty.writes == [("resolve", (CANARY,))]
    assert [(event.kind, event.subject) for event in journal.written] == [("resolve", CANARY)]


@pytest.mark.parametrize(
    "page",
    [mine(CANARY), mine(CANARY, owner=Owner(BEN.id, BEN.name, NOW)), acked(CANARY)],
    ids=["triggered", "triggered again", "acked by an integration"],
)
def test_a_page_that_nobody_owns_is_not_resolved_unless_forced(page: PageDetail) -> None:
    pagerduty = FakePagerDuty([page])
    acted = close(pagerduty, CANARY)
    assert (results(acted), acted.exit_code) == ([(CANARY, "refused", "unacked")], ExitCode.PARTIAL)
    assert "nobody would own" in acted.outcomes[0].message
    assert pagerduty.writes == []
    assert results(close(pagerduty, CANARY, force=True)) == [(CANARY, "done", "")]


def test_what_is_resolved_already_is_left_alone() -> None:
    pagerduty = FakePagerDuty([a_page(CANARY, "resolved"), acked(TRAVEL, BEN)])
    acted = close(pagerduty, CANARY, TRAVEL)
    assert results(acted) == [(CANARY, "already", "resolved"), (TRAVEL, "done", "")]
    assert (acted.exit_code, pagerduty.writes) == (ExitCode.OK, [("resolve", (TRAVEL,))])
    assert "goes on" not in acted.outcomes[0].message


def test_the_work_goes_on_only_behind_what_is_resolved() -> None:
    answers = {CANARY: (Result.FAILED, "remote"), TRAVEL: (Result.DONE, "")}
    acted = close(Answering([acked(CANARY, ANA), acked(TRAVEL, ANA)], **answers), CANARY, TRAVEL)
    assert ["goes on" in outcome.message for outcome in acted.outcomes] == [False, True]
    assert acted.exit_code == ExitCode.PARTIAL


def test_without_a_page_it_resolves_the_one_that_i_acked_and_never_the_one_in_focus() -> None:
    journal = FakeJournal()
    pagerduty = FakePagerDuty([acked(CANARY, ANA), mine(TRAVEL), acked(INVOICE, BEN)])
    ack(pagerduty, CANARY, journal=journal)
    pagerduty.details[CANARY], pagerduty.details[INVOICE] = acked(CANARY, BEN), acked(INVOICE, ANA)
    assert in_focus(journal) == CANARY
    assert results(close(pagerduty, journal=journal)) == [(INVOICE, "done", "")]


def test_without_a_page_and_with_none_acked_by_me_it_is_refused() -> None:
    pagerduty = FakePagerDuty([mine(CANARY), replace(acked(TRAVEL, BEN), assigned_to=(ANA,))])
    with pytest.raises(UsageError, match="no open page is acked by you"):
        close(pagerduty)
    assert pagerduty.writes == []


def test_a_page_that_a_colleague_joined_is_still_acked_by_me() -> None:
    """Joining assigns it to the colleague: only my teams' list has it still, and two are no reason to guess."""
    joined = acked(CANARY, ANA, BEN)
    assert joined.assigned_to == (BEN,)
    with pytest.raises(UsageError, match=f"{CANARY}.*{TRAVEL}|{TRAVEL}.*{CANARY}"):
        close(FakePagerDuty([joined, acked(TRAVEL, ANA)]), choose=refuse)
    assert results(close(FakePagerDuty([joined]))) == [(CANARY, "done", "")]
    alone = FakePagerDuty([acked(TRAVEL, ANA), joined], me=replace(ME, teams=()))
    assert results(close(alone)) == [(TRAVEL, "done", "")]


def test_what_is_chosen_to_be_resolved_is_looked_at_again() -> None:
    pagerduty = FakePagerDuty([acked(CANARY, ANA), acked(TRAVEL, ANA)])

    def choose(pages: Sequence[Page]) -> Sequence[Page]:
        pagerduty.details[CANARY] = a_page(CANARY, "resolved")
        return [page for page in pages if page.id == CANARY]

    assert results(close(pagerduty, choose=choose)) == [(CANARY, "already", "resolved")]
    assert pagerduty.writes == []


@pytest.mark.parametrize("method", ["me", "pages"])
def test_what_cannot_be_looked_at_is_not_written(method: str) -> None:
    pagerduty = FakePagerDuty([mine(CANARY)])
    pagerduty.failing = {method: DOWN}
    for run in (ack, close):
        with pytest.raises(OncallError, match="does not answer"):
            run(pagerduty)
    assert pagerduty.writes == []
