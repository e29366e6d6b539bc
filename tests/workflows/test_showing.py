"""Looking at one page: what is read of it, the issue behind it, and what an outage leaves of the answer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.declared import engages
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import IssueNote, IssueQuery
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.pages import Alert, Kin, Owner, PageNote, WholeIssue
from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.domain.whole import whole_issue
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.pages import PageFilter, list_pages
from secops_oncall.workflows.showing import Shown, show
from tests.fakes import GONE, MANAGER, ME, NOW, FakeGitLab, FakePagerDuty, PartlyGitLab, a_page, an_entry, an_issue

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor")
ENGINEER = RoleName("Security Responder", 1)
ONE, TWO = "Q1ONE00001", "Q1TWO00002"
REF, OTHER = "acme/operations#101", "acme/infra#7"
GITLAB = "https://gitlab.example.com"
OPERATIONS, LOST = (IssueQuery(f"acme/{name}", "project", ("incident",)) for name in ("operations", "gone"))
KNOWN: dict[str, Any] = {"engineer": ENGINEER, "manager": MANAGER, "gitlab_url": GITLAB, "ack_minutes": 15}
DOWN = RemoteError("GitLab does not answer", "try again")


def shown(pagerduty: FakePagerDuty, lab: FakeGitLab | None = None, page: str = ONE, *sources: IssueQuery) -> Shown:
    return show(pagerduty, lab, sources or (OPERATIONS,), page, **KNOWN)


def as_shown(lab: FakeGitLab, ref: str) -> WholeIssue:
    """An issue whose notes were read, and that has none."""
    return replace(whole_issue(lab.kept[ref]), notes=())


def link(ref: str) -> str:
    return f"{GITLAB}/{ref.replace('#', '/-/issues/')}"


@pytest.mark.parametrize("name", [ONE, ONE.lower(), "4117", f"https://acme.pagerduty.com/incidents/{ONE}"])
def test_a_page_is_shown_whole_by_any_of_its_names(name: str) -> None:
    said = IssueNote(1, NOW, "ben", "ruled out the VPN", internal=True, system=False)
    lab = PartlyGitLab([an_issue(REF, f"See {ONE}", confidential=True)], notes={REF: [said]})
    lab.failing = {"issue": AssertionError("it is in the list already")}  # type: ignore[dict-item]
    found = shown(FakePagerDuty([a_page(ONE, minutes=4, number=4117, details={"ip": "192.0.2.7"})]), lab, name)
    assert (found.page.id, found.page.details) == (ONE, {"ip": "192.0.2.7"})
    assert found.page.ack_deadline == NOW + timedelta(minutes=11)
    assert found.page.issue == replace(whole_issue(lab.kept[REF]), notes=(said,))
    assert (found.page.issue_candidates, found.problems, lab.asked) == ((), [], [OPERATIONS])


def test_a_page_that_does_not_say_when_it_escalates_is_timed_by_its_policy() -> None:
    known: dict[str, Any] = {"policy_id": "PSECRSP", "assigned_at": NOW - timedelta(minutes=2), "assigned_to": (ANA,)}
    pagerduty = FakePagerDuty([a_page(ONE, minutes=4, **known)])
    turns = (OnCall(ANA, None, None, level=1),)
    pagerduty.policies = {"PSECRSP": Levels((timedelta(minutes=22), timedelta(minutes=30)), 0, turns)}
    listed = list_pages(pagerduty, None, (), PageFilter(), ack_minutes=15, engineer=None, manager=MANAGER, now=NOW)
    assert shown(pagerduty).page.ack_deadline == listed.pages[0].ack_deadline == NOW + timedelta(minutes=20)
    pagerduty.policies = {"PSECRSP": Levels((timedelta(minutes=22),), 0, (OnCall(ANA, None, None, level=1),))}
    assert (shown(pagerduty).page.ack_deadline, shown(pagerduty).page.escalated_at) == (None, None)


def test_a_page_that_is_not_there_is_an_error_and_what_is_no_page_asks_for_nothing() -> None:
    with pytest.raises(NotFoundError, match="9999"):
        shown(FakePagerDuty(), FakeGitLab(), "9999")
    lab = PartlyGitLab()
    with pytest.raises(UsageError, match="is no page"):
        shown(FakePagerDuty(), lab, "no page at all")
    assert lab.asked == []


def test_an_issue_that_the_page_links_is_read_wherever_it_lies() -> None:
    lab = PartlyGitLab([an_issue(OTHER, "says nothing of the page", state="closed", labels=())])
    found = shown(FakePagerDuty([a_page(ONE, links=(link(OTHER),))]), lab)
    assert (found.page.issue, lab.asked) == (as_shown(lab, OTHER), [OPERATIONS])
    assert found.page.issue and found.page.issue.state == "closed"


@pytest.mark.parametrize("where", ["an alert's text", "a note", "a custom field"])
def test_an_issue_may_be_named_in_an_alert_a_note_or_a_custom_field(where: str) -> None:
    url, lab = link(OTHER), FakeGitLab([an_issue(OTHER, labels=())])
    pagerduty = FakePagerDuty([a_page(ONE)])
    if where == "a custom field":
        pagerduty.akin = {ONE: Kin(custom_fields={"Ticket": url})}
    elif where == "a note":
        pagerduty = FakePagerDuty([a_page(ONE, notes=(PageNote(NOW, "Ben", f"See {url}."),))])
    else:
        pagerduty = FakePagerDuty([a_page(ONE, alerts=(Alert("A1", NOW, None, "", {"ticket": url}, ()),))])
    assert shown(pagerduty, lab).page.issue == as_shown(lab, OTHER)


def test_an_issue_without_label_or_closed_is_searched_for_in_the_same_places() -> None:
    lab = PartlyGitLab([an_issue(REF, ONE, labels=(), state="closed")])
    assert shown(FakePagerDuty([a_page(ONE)]), lab).page.issue == as_shown(lab, REF)
    assert lab.asked == [OPERATIONS, replace(OPERATIONS, labels=(), state="all", search=ONE)]


def test_the_same_issue_listed_and_linked_in_other_letters_is_one() -> None:
    lab = FakeGitLab([an_issue(REF, ONE)])
    found = shown(FakePagerDuty([a_page(ONE, links=(f"{GITLAB}/Acme/Operations/-/issues/101",))]), lab)
    assert (found.page.issue, found.page.issue_candidates) == (as_shown(lab, REF), ())


def test_several_issues_are_told_and_none_is_guessed() -> None:
    lab = FakeGitLab([an_issue(REF, ONE), an_issue(OTHER)])
    found = shown(FakePagerDuty([a_page(ONE, links=(link(OTHER),))]), lab)
    assert (found.page.issue, found.problems) == (None, [])
    assert [(one.ref, one.url, one.state) for one in found.page.issue_candidates] == [
        (OTHER, link(OTHER), None),
        (REF, link(REF), "opened"),
    ]


def test_a_page_without_an_issue_is_whole_all_the_same() -> None:
    found = shown(FakePagerDuty([a_page(ONE)]), FakeGitLab([an_issue(REF, TWO)]))
    assert (found.page.issue, found.page.issue_candidates, found.problems) == (None, (), [])


@pytest.mark.parametrize("gitlab_url", [GITLAB, f"{GITLAB}/"])
def test_where_no_gitlab_is_used_a_page_tells_the_issue_that_it_links(gitlab_url: str) -> None:
    pagerduty = FakePagerDuty([a_page(ONE, links=(link(REF),))])
    found = show(pagerduty, None, (), ONE, **(KNOWN | {"gitlab_url": gitlab_url}))
    assert (found.page.issue, found.problems) == (WholeIssue(REF, link(REF)), [])
    several = shown(FakePagerDuty([a_page(ONE, links=(link(REF), link(OTHER)))]), None).page
    assert (several.issue, [one.ref for one in several.issue_candidates]) == (None, [REF, OTHER])


def test_showing_without_gitlab_says_so_and_asks_it_nothing_more() -> None:
    lab = PartlyGitLab([an_issue(REF, ONE)])
    lab.lost = DOWN
    lab.failing = {"issue": DOWN, "notes": DOWN}
    found = shown(FakePagerDuty([a_page(ONE, links=(link(REF),))]), lab, ONE, LOST)
    assert (found.page.issue, found.problems) == (WholeIssue(REF, link(REF)), [DOWN])
    assert len(lab.asked) == 1
    unlinked = shown(FakePagerDuty([a_page(ONE)]), lab, ONE, LOST)
    assert (unlinked.page.issue, unlinked.problems, len(lab.asked)) == (None, [DOWN], 2)


def test_what_one_place_tells_is_shown_though_another_one_fails() -> None:
    lab = PartlyGitLab([an_issue(REF, ONE)])
    lab.lost = DOWN
    found = shown(FakePagerDuty([a_page(ONE)]), lab, ONE, LOST, OPERATIONS)
    assert (found.page.issue, found.problems) == (whole_issue(lab.kept[REF]), [DOWN])


def test_showing_needs_only_the_place_where_the_issue_lies() -> None:
    lab = PartlyGitLab([an_issue(REF, ONE)])
    found = shown(FakePagerDuty([a_page(ONE)]), lab, ONE, LOST, OPERATIONS)
    assert (found.page.issue, found.problems) == (as_shown(lab, REF), [GONE])
    closed = PartlyGitLab([an_issue(REF, ONE, state="closed")])
    found = shown(FakePagerDuty([a_page(ONE)]), closed, ONE, LOST, OPERATIONS)
    assert (found.page.issue, found.problems) == (as_shown(closed, REF), [GONE])


def test_an_issue_whose_notes_cannot_be_read_is_shown_without_them() -> None:
    lab = FakeGitLab([an_issue(REF, ONE)])
    lab.failing = {"notes": DOWN}
    found = shown(FakePagerDuty([a_page(ONE)]), lab)
    assert (found.page.issue, found.problems) == (whole_issue(lab.kept[REF]), [DOWN])


def test_a_linked_issue_that_i_may_not_see_is_named_and_that_is_told() -> None:
    found = shown(FakePagerDuty([a_page(ONE, links=(link("acme/secret#1"),))]), FakeGitLab())
    assert found.page.issue == WholeIssue("acme/secret#1", link("acme/secret#1"))
    assert ["acme/secret#1" in problem.message for problem in found.problems] == [True]


def test_a_page_that_cannot_be_read_is_an_error() -> None:
    pagerduty = FakePagerDuty([a_page(ONE)])
    pagerduty.failing = {"page": RemoteError("PagerDuty does not answer", "try again")}
    with pytest.raises(RemoteError):
        shown(pagerduty, FakeGitLab())


WHOLE = a_page(
    ONE,
    "acknowledged",
    number=4117,
    acknowledged_by=(BEN, ANA),
    owner=Owner(BEN.id, BEN.name, NOW),
    owner_source="acknowledgement",
    timeline=(an_entry("trigger", 9), an_entry("acknowledge", 8, ANA)),
    notes=(PageNote(NOW, "Ben", "Rotated."),),
    details={"ip": "192.0.2.7"},
)


@pytest.mark.parametrize("part", ["log", "alerts", "notes"])
@pytest.mark.parametrize("error", [RemoteError("PagerDuty: 500", "again"), AuthError("not allowed", "ask")])
def test_what_cannot_be_read_of_a_page_is_told_and_the_rest_is_there(part: str, error: OncallError) -> None:
    pagerduty = FakePagerDuty([WHOLE])
    whole = shown(pagerduty, FakeGitLab([an_issue(REF, ONE)])).page
    pagerduty.failing = {part: error}
    found = shown(pagerduty, FakeGitLab([an_issue(REF, ONE)]))
    lost = {
        "log": ("timeline", "owner", "owner_source", "engaged", "acting", "charge"),
        "alerts": ("details", "alerts"),
        "notes": ("notes",),
    }
    kept = {name: value for name, value in vars(whole).items() if name not in lost[part]}
    assert {name: getattr(found.page, name) for name in kept} == kept
    assert getattr(found.page, lost[part][0]) in ((), {})
    told = [(problem.message, problem.hint) for problem in found.problems]
    assert told == [(f"page 4117: its {part} could not be read: {error.message}", error.hint)]


def test_without_its_log_a_page_is_owned_by_who_stands_first_among_those_who_ack_it() -> None:
    pagerduty = FakePagerDuty([WHOLE])
    found = shown(pagerduty).page
    assert (found.owner and found.owner.name, found.owner_source) == (ANA.name, "log")
    pagerduty.failing = {"log": RemoteError("PagerDuty: 500", "again")}
    found = shown(pagerduty).page
    assert (found.owner and found.owner.name, found.owner_source) == (BEN.name, "acknowledgement")
    assert found.engaged == (BEN, ANA)


def test_a_page_of_which_nothing_else_can_be_read_is_shown_and_that_is_told_once() -> None:
    pagerduty = FakePagerDuty([WHOLE])
    down = RemoteError("PagerDuty does not answer", "try again")
    pagerduty.failing = dict.fromkeys(["log", "alerts", "notes", "levels", "on_call"], down)
    found = shown(pagerduty)
    assert (found.page.id, found.page.title, found.page.timeline) == (ONE, WHOLE.title, ())
    (told,) = found.problems
    assert told.message == "page 4117: its log, alerts, notes could not be read: PagerDuty does not answer"


def test_who_acts_and_who_is_engaged_as_the_issues_notes_tell() -> None:
    marked = replace(IssueNote(1, NOW, "ben", "", True, False), mark=Mark("readback", "-", "issue-101"))
    line = engages([Person("", "Zoe")], Handles())
    notes = [marked, replace(marked, id=2, author="ana", text=line, mark=Mark("engage", "-", "issue-101"))]
    lab = FakeGitLab([an_issue(REF, f"See {ONE}")], notes={REF: notes})
    page = a_page(ONE, "acknowledged", timeline=(an_entry("acknowledge", 5, ANA),))
    whose = KNOWN
    found = show(FakePagerDuty([page]), lab, (OPERATIONS,), ONE, **whose, people={"ben": "ben@example.com"}).page
    assert (found.owner and found.owner.id, found.acting) == (ANA.id, Person("", "ben", "ben@example.com"))
    assert found.engaged == (ANA, Person("", "Zoe"))
    ben = replace(BEN, email="ben@example.com")
    known = FakePagerDuty([page], turns=[OnCall(ben, None, None, level=1)])
    assert show(known, lab, (OPERATIONS,), ONE, **whose, people={"ben": "ben@example.com"}).page.acting == ben
    known.failing = {"users": DOWN}
    assert show(known, lab, (OPERATIONS,), ONE, **whose, people={"ben": "ben@example.com"}).page.acting == found.acting
    strangers = show(FakePagerDuty([page]), lab, (OPERATIONS,), ONE, **whose).page
    assert strangers.acting == ANA
    lab.failing = {"notes": DOWN}
    unread = shown(FakePagerDuty([page]), lab).page
    assert (unread.acting, unread.charge) == (ANA, None)
