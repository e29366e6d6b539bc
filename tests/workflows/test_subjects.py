"""Which incident is meant: by a page, by its issue, and as far as that can be told in an outage."""

from threading import get_ident
from typing import Any

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.domain.pages import PageNote
from secops_oncall.errors import AuthError, NotFoundError, RemoteError, UsageError
from secops_oncall.workflows.subjects import Services, Subject, subject
from tests.fakes import NOW, FakeGitLab, FakeJournal, FakePagerDuty, a_page, an_issue

ONE, TWO = "Q1ONE00001", "Q1TWO00002"
REF = "acme/operations#101"
GITLAB = "https://gitlab.example.com"
DOWN = RemoteError("it does not answer", "try again")
SEEN = Event(NOW, "focus", ONE, "Leaked key", {"number": 4060})


def found(
    text: str,
    pagerduty: FakePagerDuty | None = None,
    gitlab: FakeGitLab | None = None,
    *seen: Event,
    sources: tuple[IssueQuery, ...] = (IssueQuery("acme/operations", "project", ("incident",)),),
) -> Subject:
    responders, lab = pagerduty or FakePagerDuty([a_page(ONE)]), gitlab or FakeGitLab()
    services = Services(lambda: responders, lambda: lab, GITLAB, sources, ("acme/operations",))
    return subject(services, FakeJournal(*seen), text)


@pytest.mark.parametrize("text", [ONE, ONE.lower(), "4060", f"https://acme.pagerduty.com/incidents/{ONE}"])
def test_a_page_means_its_issue_s_incident_with_all_pages_that_it_names(text: str) -> None:
    lab = FakeGitLab([an_issue(REF, f"{ONE} and {TWO}", title="Leaked key")])
    assert found(text, None, lab) == Subject(REF, "Leaked key", (ONE, TWO), ONE)


def test_a_page_without_an_issue_is_its_own() -> None:
    assert found(ONE) == Subject(ONE, f"About {ONE}", (ONE,), ONE)
    assert found(ONE, sources=()) == Subject(ONE, f"About {ONE}", (ONE,), ONE)


def test_services_are_built_where_the_command_runs_since_two_threads_cannot_load_one_library() -> None:
    built: list[int] = []

    def lab() -> FakeGitLab:
        built.append(get_ident())
        return FakeGitLab([an_issue(REF, ONE)])

    sources = (IssueQuery("acme/operations", "project"),)
    services = Services(lambda: FakePagerDuty([a_page(ONE)]), lab, GITLAB, sources, ("acme/operations",))
    assert subject(services, FakeJournal(), ONE).key == REF
    assert set(built) == {get_ident()}


def test_an_issue_that_the_page_links_is_its_incident_too() -> None:
    note = PageNote(NOW, "ben", f"see {GITLAB}/Acme/Operations/-/issues/101")
    lab = FakeGitLab([an_issue(REF, labels=())])
    linked = found(ONE, FakePagerDuty([a_page(ONE, notes=(note,))]), lab)
    assert linked == Subject(REF, f"About {REF}", (ONE,), ONE)
    closed = FakeGitLab([an_issue(REF, labels=(), state="closed")])
    assert found(ONE, FakePagerDuty([a_page(ONE, notes=(note,))]), closed).key == ONE


def test_a_page_behind_several_incidents_names_none() -> None:
    lab = FakeGitLab([an_issue(REF, ONE), an_issue("acme/operations#102", ONE)])
    with pytest.raises(UsageError, match="behind 2 incidents: acme/operations#101, acme/operations#102"):
        found("4060", None, lab)


@pytest.mark.parametrize("text", [REF, "Acme/Operations#101", f"{GITLAB}/acme/operations/-/issues/101"])
def test_an_issue_is_itself(text: str) -> None:
    assert found(text, None, FakeGitLab([an_issue(REF, ONE)])) == Subject(REF, f"About {REF}", (ONE,))


def test_what_the_hand_off_may_not_have_is_said() -> None:
    closed = found(REF, None, FakeGitLab([an_issue(REF, ONE, state="closed")]))
    assert closed.warnings == (f"{REF} is closed: the hand-off has it only while a page of it is open",)
    nameless = found(REF, None, FakeGitLab([an_issue(REF)]))
    assert nameless.warnings == (f"{REF} names no page: the hand-off has it only if a page names it",)
    resolved = found(ONE, FakePagerDuty([a_page(ONE, "resolved")]))
    assert "is resolved, and no open issue names it" in resolved.warnings[0]


@pytest.mark.parametrize("text", ["not a page", "", "#12", "https://gitlab.other.com/acme/operations/-/issues/101"])
def test_what_names_neither_is_refused(text: str) -> None:
    if text == "#12":
        with pytest.raises(NotFoundError):
            found(text)  # an issue of the one project
        return
    with pytest.raises(UsageError, match="neither a page nor an issue"):
        found(text)


@pytest.mark.parametrize("text", ["4061", TWO, "acme/operations#7"])
def test_what_is_not_there_is_an_error(text: str) -> None:
    with pytest.raises(NotFoundError):
        found(text)


def test_a_page_of_another_account_is_none() -> None:
    with pytest.raises(NotFoundError, match="another account"):
        found(f"https://other.pagerduty.com/incidents/{ONE}")


def down(error: Exception = DOWN) -> FakePagerDuty:
    responders = FakePagerDuty([a_page(ONE)])
    responders.failing["page"] = error  # type: ignore[assignment]
    return responders


@pytest.mark.parametrize("error", [DOWN, AuthError("no PagerDuty token", "export it")])
def test_in_an_outage_a_page_is_what_the_journal_knows(error: Any) -> None:
    by_number, by_id = found("4060", down(error), None, SEEN), found(ONE, down(error), None, SEEN)
    assert (by_number.key, by_number.title, by_number.pages) == (by_id.key, by_id.title, by_id.pages)
    assert (by_id.key, by_id.title) == (ONE, "Leaked key")
    assert by_number.warnings == (f"{error.message}: page 4060 is taken as it was typed",)
    assert found(ONE, down(error)).key == ONE


def test_in_pagerduty_s_outage_gitlab_still_tells_the_issue() -> None:
    lab = FakeGitLab([an_issue(REF, ONE)])
    assert found("4060", down(), lab, SEEN).key == REF
    assert found(ONE, down(), lab).key == REF


def test_a_number_that_nobody_knows_says_what_to_name_instead() -> None:
    with pytest.raises(RemoteError) as refused:
        found("4060", down())
    assert refused.value.hint == "name page 4060 by its id, or its issue: the journal does not know its number"


def test_in_gitlab_s_outage_an_issue_is_taken_as_it_was_typed_and_a_page_is_its_own() -> None:
    lab = FakeGitLab([an_issue(REF, ONE)])
    lab.failing = {"issue": DOWN, "issues": DOWN}
    assert found(REF, None, lab) == Subject(REF, warnings=(f"it does not answer: {REF} is taken as it was typed",))
    assert found("4060", None, lab) == Subject(ONE, f"About {ONE}", (ONE,), ONE)


def test_without_a_gitlab_token_too() -> None:
    def no_token() -> FakeGitLab:
        raise AuthError("no GitLab token", "export it")

    services = Services(lambda: FakePagerDuty([a_page(ONE)]), no_token, GITLAB, (IssueQuery("acme", "group"),))
    assert subject(services, FakeJournal(), ONE).key == ONE
    assert subject(services, FakeJournal(), REF).warnings == (f"no GitLab token: {REF} is taken as it was typed",)


def test_a_page_whose_alerts_can_not_be_read_is_its_own() -> None:
    responders = FakePagerDuty([a_page(ONE)])
    responders.failing["alerts"] = DOWN
    assert found(ONE, responders).key == ONE
