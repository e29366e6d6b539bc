"""Listing pages and looking at one: what is asked side by side, and what an outage leaves of the answer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from threading import Event as Signal
from typing import Any

import pytest

from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import Issue, IssueNote, IssueQuery
from secops_oncall.domain.pages import Page, PendingAction
from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.ports import PageQuery
from secops_oncall.workflows import returning
from secops_oncall.workflows.pages import PageFilter, Pages, Shown, focus_on, in_focus, list_pages, page_issues, show
from tests.fakes import ME, NOW, FakeGitLab, FakeJournal, FakePagerDuty, a_page, an_issue

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor")
ENGINEER = RoleName("Security Responder", 1)
ONE, TWO, THREE = "Q1ONE00001", "Q1TWO00002", "Q1THREE003"
REF, OTHER = "acme/operations#101", "acme/infra#7"
GITLAB = "https://gitlab.example.com"
OPERATIONS, INFRA = (IssueQuery(f"acme/{name}", "project", ("incident",)) for name in ("operations", "infra"))
DOWN = RemoteError("GitLab does not answer", "try again")
GONE = NotFoundError("acme/gone: not found or no access", "check its name")


def listed(
    pagerduty: FakePagerDuty,
    lab: FakeGitLab | None = None,
    *sources: IssueQuery,
    minutes: int = 15,
    engineer: RoleName | None = ENGINEER,
    **wanted: Any,
) -> Pages:
    places, query = sources or (OPERATIONS,), PageFilter(**wanted)
    return list_pages(pagerduty, lab, places, query, ack_minutes=minutes, engineer=engineer, now=NOW)


def ids(found: Pages) -> list[str]:
    return [page.id for page in found.pages]


def shown(pagerduty: FakePagerDuty, lab: FakeGitLab | None = None, page: str = ONE, *sources: IssueQuery) -> Shown:
    return show(pagerduty, lab, sources or (OPERATIONS,), page, engineer=ENGINEER, gitlab_url=GITLAB, ack_minutes=15)


def link(ref: str) -> str:
    return f"{GITLAB}/{ref.replace('#', '/-/issues/')}"


def failing(lab: FakeGitLab, **methods: OncallError) -> FakeGitLab:
    lab.failing = dict(methods)
    return lab


class Partly(FakeGitLab):
    """A GitLab where one place is not to be found, and that keeps what it is asked."""

    lost: OncallError = GONE

    def issues(self, query: IssueQuery) -> list[Issue]:
        self.asked = [*getattr(self, "asked", []), query]
        if query.place == "acme/gone":
            raise self.lost
        return super().issues(query)


LOST = IssueQuery("acme/gone", "project", ("incident",))


def test_pages_are_my_teams_and_mine_the_most_urgent_first_and_each_once() -> None:
    mine = a_page(ONE, assigned_to=(ANA,), minutes=30)
    both = a_page(TWO, assigned_to=(ANA,), minutes=9)
    acked = a_page(THREE, "acknowledged", minutes=1)
    elses = a_page("Q1ELSE0004", minutes=2)
    pagerduty = FakePagerDuty([mine, both, acked, elses], teams={ONE: "PTOTHER", "Q1ELSE0004": "PTOTHER"})
    assert ids(listed(pagerduty)) == [TWO, ONE, THREE]
    assert ids(listed(pagerduty, mine=True)) == [TWO, ONE]
    assert ids(listed(pagerduty, all_teams=True)) == ["Q1ELSE0004", TWO, ONE, THREE]


def test_without_teams_pages_are_mine() -> None:
    pagerduty = FakePagerDuty([a_page(ONE, assigned_to=(ANA,)), a_page(TWO)], me=replace(ME, teams=()))
    assert ids(listed(pagerduty)) == [ONE]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"statuses": ("triggered",)}, [ONE]),
        ({"statuses": ("acknowledged",)}, [TWO]),
        ({"statuses": ("resolved",)}, [THREE]),
        ({"urgency": "low"}, [TWO]),
        ({"service": "vpn"}, [ONE]),
        ({"search": "TOKEN"}, [TWO]),
        ({"search": "nothing of the kind"}, []),
        ({"since": NOW - timedelta(minutes=20)}, [ONE]),
    ],
)
def test_a_filter(wanted: dict[str, Any], found: list[str]) -> None:
    pages = [
        a_page(ONE, minutes=9, service="VPN gateway"),
        a_page(TWO, "acknowledged", urgency="low", title="Canary token opened"),
        a_page(THREE, "resolved"),
    ]
    assert ids(listed(FakePagerDuty(pages), **wanted)) == found


@pytest.mark.parametrize(("teams", "wanted"), [(ME.teams, {"mine": True}), ((), {})], ids=["mine", "of no team"])
def test_resolved_pages_that_nobody_can_list_are_no_empty_list(teams: tuple[str, ...], wanted: dict[str, Any]) -> None:
    """A resolved page is assigned to nobody, so that none of them is mine (pagerduty.md, 1.2)."""
    pagerduty = FakePagerDuty([a_page(ONE, "resolved")], me=replace(ME, teams=teams))
    with pytest.raises(UsageError, match="resolved") as caught:
        listed(pagerduty, statuses=("resolved",), **wanted)
    assert "--all-teams" in caught.value.hint


def test_nothing_to_list_is_an_empty_list() -> None:
    assert listed(FakePagerDuty(), FakeGitLab()) == Pages([], [])


def test_a_page_has_its_deadline_and_the_issue_that_names_it() -> None:
    lab = FakeGitLab([an_issue(REF, f"See {ONE}"), an_issue("acme/elsewhere#1", TWO)])
    late = PendingAction("escalate", NOW + timedelta(minutes=2))
    found = listed(FakePagerDuty([a_page(ONE, minutes=4), a_page(TWO, minutes=5, pending=(late,))]), lab, minutes=20)
    first, second = found.pages
    assert first.issue
    assert (first.issue.ref, first.issue.state, first.ack_deadline) == (REF, "opened", NOW + timedelta(minutes=16))
    assert (second.issue, second.ack_deadline) == (None, late.at)


def test_a_hand_over_issue_only_tells_of_a_page() -> None:
    told = an_issue("acme/operations#9", f"{ONE}", title="On-Call Handover 2026-11-23 02:00/14:00 UTC", minutes=90)
    lab = FakeGitLab([told, an_issue(REF, ONE)])
    (page,) = listed(FakePagerDuty([a_page(ONE)]), lab).pages
    assert page.issue and page.issue.ref == REF
    whole = shown(FakePagerDuty([a_page(ONE)]), lab)
    assert (whole.issue and whole.issue.ref, whole.candidates) == (REF, [])
    assert shown(FakePagerDuty([a_page(ONE)]), FakeGitLab([told])).issue is None


def test_listing_takes_one_wave() -> None:
    """My pages, my teams', the turns and the issues wait for each other here: one by one they would wait for ever."""
    together = Barrier(4)

    class Responders(FakePagerDuty):
        def pages(self, query: PageQuery) -> list[Page]:
            together.wait(5)
            return super().pages(query)

        def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
            together.wait(5)
            return super().on_call(roles, since, until)

    class Lab(FakeGitLab):
        def issues(self, query: IssueQuery) -> list[Issue]:
            together.wait(5)
            return super().issues(query)

    assert ids(listed(Responders([a_page(ONE)]), Lab())) == [ONE]


@pytest.mark.parametrize("error", [DOWN, AuthError("GitLab rejects the token", "export …")], ids=["down", "refused"])
def test_without_gitlab_the_pages_are_there_and_that_is_told_once(error: OncallError) -> None:
    lab = failing(FakeGitLab([an_issue(REF, ONE)]), issues=error)
    found = listed(FakePagerDuty([a_page(ONE)]), lab, OPERATIONS, INFRA)
    assert (ids(found), found.problems) == ([ONE], [error])
    assert found.pages[0].issue is None


def test_one_place_that_is_not_there_costs_only_its_own_issues() -> None:
    lab = Partly([an_issue(REF, ONE)])
    found = listed(FakePagerDuty([a_page(ONE)]), lab, LOST, OPERATIONS)
    assert found.problems == [GONE]
    assert found.pages[0].issue and found.pages[0].issue.ref == REF


def test_where_no_gitlab_is_used_nothing_is_missing() -> None:
    assert page_issues(None, [OPERATIONS]) == ([], [])
    found = listed(FakePagerDuty([a_page(ONE)]), None)
    assert (ids(found), found.problems) == ([ONE], [])


@pytest.mark.parametrize("method", ["me", "pages"])
def test_without_pagerduty_there_is_no_list(method: str) -> None:
    pagerduty = FakePagerDuty([a_page(ONE)])
    pagerduty.failing = {method: RemoteError("PagerDuty does not answer", "try again")}
    with pytest.raises(RemoteError, match="PagerDuty"):
        listed(pagerduty, FakeGitLab())


@pytest.mark.parametrize("name", [ONE, ONE.lower(), "4117", f"https://acme.pagerduty.com/incidents/{ONE}"])
def test_a_page_is_shown_whole_by_any_of_its_names(name: str) -> None:
    said = IssueNote(1, NOW, "ben", "ruled out the VPN", internal=True, system=False)
    lab = Partly([an_issue(REF, f"See {ONE}", confidential=True)], notes={REF: [said]})
    lab.failing = {"issue": AssertionError("it is in the list already")}  # type: ignore[dict-item]
    found = shown(FakePagerDuty([a_page(ONE, minutes=4, number=4117, details={"ip": "192.0.2.7"})]), lab, name)
    assert (found.page.id, found.page.details) == (ONE, {"ip": "192.0.2.7"})
    assert found.page.ack_deadline == NOW + timedelta(minutes=11)
    assert found.page.issue and (found.page.issue.ref, found.page.issue.confidential) == (REF, True)
    assert (found.issue, found.notes) == (lab.kept[REF], [said])
    assert (found.candidates, found.problems, lab.asked) == ([], [], [OPERATIONS])


def test_a_page_that_does_not_say_when_it_escalates_is_timed_by_its_policy() -> None:
    known: dict[str, Any] = {"policy_id": "PSECRSP", "assigned_at": NOW - timedelta(minutes=2), "assigned_to": (ANA,)}
    pagerduty = FakePagerDuty([a_page(ONE, minutes=4, **known)])
    turns = (OnCall(ANA, None, None, level=1),)
    pagerduty.policies = {"PSECRSP": Levels((timedelta(minutes=22), timedelta(minutes=30)), 0, turns)}
    assert shown(pagerduty).page.ack_deadline == listed(pagerduty).pages[0].ack_deadline == NOW + timedelta(minutes=20)
    pagerduty.policies = {"PSECRSP": Levels((timedelta(minutes=22),), 0, (OnCall(ANA, None, None, level=1),))}
    assert (shown(pagerduty).page.ack_deadline, shown(pagerduty).page.escalated_at) == (None, None)


TURNS = [
    OnCall(ANA, None, NOW + timedelta(hours=7), "Security Responder", 1),
    OnCall(BEN, NOW + timedelta(hours=7), None, "Security Responder", 1),
]
SNOOZED = a_page(ONE, "acknowledged", snoozed_until=NOW + timedelta(hours=9))


def whose(pagerduty: FakePagerDuty, **wanted: Any) -> list[str | None]:
    """Whose shift the page comes back in, as it is listed and as it is shown."""
    (page,) = listed(pagerduty, **wanted).pages
    return [page.whose_shift, shown(pagerduty).page.whose_shift]


def test_a_snoozed_page_is_listed_and_shown_with_whose_shift_it_comes_back_in() -> None:
    assert whose(FakePagerDuty([SNOOZED], turns=TURNS)) == [BEN.name, BEN.name]
    assert whose(FakePagerDuty([SNOOZED], turns=TURNS[:1])) == ["nobody", "nobody"]
    assert whose(FakePagerDuty([a_page(ONE, "acknowledged")], turns=TURNS)) == [None, None]
    week = replace(SNOOZED, snoozed_until=NOW + timedelta(days=7, minutes=9))  # this machine's clock is behind
    assert whose(FakePagerDuty([week], turns=TURNS)) == [BEN.name, BEN.name]


def test_only_the_engineers_of_the_coming_week_are_asked_for_and_only_where_a_page_may_rest() -> None:
    class Responders(FakePagerDuty):
        def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
            asked.append((list(roles), since, until))
            return super().on_call(roles, since, until)

    asked: list[Any] = []
    pagerduty = Responders([SNOOZED], turns=TURNS)
    for wanted in ({"statuses": ("triggered",)}, {"statuses": ("resolved",)}, {"engineer": None}):
        listed(pagerduty, **wanted)
    assert asked == []
    listed(pagerduty)
    assert asked == [([ENGINEER], NOW, NOW + timedelta(days=7, hours=1))]


def test_a_list_is_not_worse_where_on_calls_cannot_be_read() -> None:
    pagerduty = FakePagerDuty([SNOOZED], turns=TURNS)
    for error in (RemoteError("PagerDuty does not answer", "try again"), NotFoundError("no such policy", "check it")):
        pagerduty.failing = {"on_call": error}
        assert whose(pagerduty) == [None, None]
        assert (listed(pagerduty).problems, shown(pagerduty).problems) == ([], [])


def test_no_page_waits_long_for_on_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning, "SOON", 0.02)
    over = Signal()

    class Slow(FakePagerDuty):
        def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
            over.wait(10)
            return super().on_call(roles, since, until)

    assert whose(Slow([SNOOZED], turns=TURNS)) == [None, None]
    over.set()


def test_a_page_that_is_not_there_is_an_error_and_what_is_no_page_asks_for_nothing() -> None:
    with pytest.raises(NotFoundError, match="9999"):
        shown(FakePagerDuty(), FakeGitLab(), "9999")
    lab = Partly()
    with pytest.raises(UsageError, match="is no page"):
        shown(FakePagerDuty(), lab, "no page at all")
    assert not hasattr(lab, "asked")


def test_an_issue_that_the_page_links_is_read_wherever_it_lies() -> None:
    lab = Partly([an_issue(OTHER, "says nothing of the page", state="closed", labels=())])
    found = shown(FakePagerDuty([a_page(ONE, links=(link(OTHER),))]), lab)
    assert (found.issue, lab.asked) == (lab.kept[OTHER], [OPERATIONS])
    assert found.page.issue and found.page.issue.state == "closed"


def test_an_issue_without_label_or_closed_is_searched_for_in_the_same_places() -> None:
    lab = Partly([an_issue(REF, ONE, labels=(), state="closed")])
    assert shown(FakePagerDuty([a_page(ONE)]), lab).issue == lab.kept[REF]
    assert lab.asked == [OPERATIONS, replace(OPERATIONS, labels=(), state="all", search=ONE)]


def test_the_same_issue_listed_and_linked_in_other_letters_is_one() -> None:
    lab = FakeGitLab([an_issue(REF, ONE)])
    found = shown(FakePagerDuty([a_page(ONE, links=(f"{GITLAB}/Acme/Operations/-/issues/101",))]), lab)
    assert (found.issue, found.candidates) == (lab.kept[REF], [])


def test_several_issues_are_told_and_none_is_guessed() -> None:
    lab = FakeGitLab([an_issue(REF, ONE), an_issue(OTHER)])
    found = shown(FakePagerDuty([a_page(ONE, links=(link(OTHER),))]), lab)
    assert (found.issue, found.page.issue, found.notes) == (None, None, [])
    assert (sorted(found.candidates), found.problems) == ([OTHER, REF], [])


def test_a_page_without_an_issue_is_whole_all_the_same() -> None:
    found = shown(FakePagerDuty([a_page(ONE)]), FakeGitLab([an_issue(REF, TWO)]))
    assert (found.issue, found.candidates, found.problems) == (None, [], [])
    unasked = shown(FakePagerDuty([a_page(ONE, links=(link(REF),))]), None)
    assert (unasked.page.id, unasked.issue, unasked.problems) == (ONE, None, [])


def test_showing_without_gitlab_says_so_and_asks_it_nothing_more() -> None:
    lab = Partly([an_issue(REF, ONE)])
    lab.lost = DOWN
    lab.failing = {"issue": DOWN, "notes": DOWN}
    found = shown(FakePagerDuty([a_page(ONE, links=(link(REF),))]), lab, ONE, LOST)
    assert (found.page.id, found.issue, found.problems) == (ONE, None, [DOWN])
    assert len(lab.asked) == 1


def test_showing_needs_only_the_place_where_the_issue_lies() -> None:
    lab = Partly([an_issue(REF, ONE)])
    found = shown(FakePagerDuty([a_page(ONE)]), lab, ONE, LOST, OPERATIONS)
    assert (found.issue, found.problems) == (lab.kept[REF], [GONE])
    closed = Partly([an_issue(REF, ONE, state="closed")])
    found = shown(FakePagerDuty([a_page(ONE)]), closed, ONE, LOST, OPERATIONS)
    assert (found.issue, found.problems) == (closed.kept[REF], [GONE])


def test_an_issue_whose_notes_cannot_be_read_is_shown_without_them() -> None:
    lab = failing(FakeGitLab([an_issue(REF, ONE)]), notes=DOWN)
    found = shown(FakePagerDuty([a_page(ONE)]), lab)
    assert (found.issue, found.notes, found.problems) == (lab.kept[REF], [], [DOWN])
    assert found.page.issue and found.page.issue.ref == REF


def test_a_linked_issue_that_i_may_not_see_is_told() -> None:
    found = shown(FakePagerDuty([a_page(ONE, links=(link("acme/secret#1"),))]), FakeGitLab())
    assert (found.page.id, found.issue) == (ONE, None)
    assert ["acme/secret#1" in problem.message for problem in found.problems] == [True]


@pytest.mark.parametrize("method", ["page", "detail"])
def test_a_page_that_cannot_be_read_is_an_error(method: str) -> None:
    pagerduty = FakePagerDuty([a_page(ONE)])
    pagerduty.failing = {method: RemoteError("PagerDuty does not answer", "try again")}
    with pytest.raises(RemoteError):
        shown(pagerduty, FakeGitLab())


def test_the_focus_is_the_page_that_was_put_there_last_and_ends() -> None:
    page, later = a_page(ONE, number=4117, title="Canary token opened"), a_page(TWO)
    journal = FakeJournal(focus_on(page, NOW))
    found = in_focus(journal, NOW + timedelta(hours=1))
    assert (found.id, found.number, found.title) == (ONE, 4117, "Canary token opened")
    journal.append(focus_on(later, NOW + timedelta(hours=1)), Event(NOW + timedelta(hours=2), "ack", ONE))
    assert in_focus(journal, NOW + timedelta(hours=2)).id == TWO
    with pytest.raises(UsageError, match="none is in focus"):
        in_focus(journal, NOW + timedelta(hours=13))


def test_without_a_focus_the_error_says_what_to_type() -> None:
    with pytest.raises(UsageError, match="none is in focus") as caught:
        in_focus(FakeJournal(), NOW)
    assert caught.value.hint == "oncall show PAGE"
