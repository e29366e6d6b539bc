"""The missing issue of a page: made exactly once, and only where none is about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secops_oncall.domain.flight import FLIGHT
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.issues import GitLabUser, Issue, IssueNote, IssueQuery, NewIssue
from secops_oncall.domain.pages import Alert, PageDetail
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.incidents import Desk
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.page_filing import Plan, file, plan
from tests.fakes import NOW, FakeGitLab, FakeJournal, FakePagerDuty, a_page, an_issue
from tests.workflows.rooms import BEN, BROKEN, ONE, REF, SILENT, acked, desk, first, pager

PAGE = acked(title="Leaked key")
MARKER = f"<!-- oncall:page - page-{ONE} -->"


class Losing(FakeGitLab):
    """A GitLab whose answer to a new issue is lost; `arrives` says whether the issue wasn't."""

    lost: OncallError = SILENT
    arrives = True

    def create(self, new: NewIssue, marker: str) -> Issue:
        if self.arrives:
            super().create(new, marker)
        raise self.lost


def at_desk(gitlab: FakeGitLab, *pages: PageDetail, journal: FakeJournal | None = None) -> Desk:
    return desk(pager(*(pages or (PAGE,))), gitlab, journal=journal)


def planned(at: Desk, page: str | None = ONE, project: str | None = None, **more: Any) -> Plan:
    return plan(at, page, project, more.get("choose", first), more.get("now", NOW))


def filed(at: Desk, page: str | None = ONE, **more: Any) -> Acted:
    now = more.get("now", NOW)
    return file(at, planned(at, page, **more), now)


def one(acted: Acted) -> tuple[str, str, str | None]:
    (outcome,) = acted.outcomes
    return outcome.result.value, outcome.code, outcome.ref


def made(gitlab: FakeGitLab) -> list[NewIssue]:
    return [write[2] for write in gitlab.writes if write[0] == "create"]


def test_the_issue_is_confidential_marked_and_mine_where_i_own_the_page() -> None:
    gitlab = FakeGitLab()
    acted = filed(at_desk(gitlab))
    assert one(acted) == ("done", "", "acme/operations#1")
    assert acted.outcomes[0].message == "acme/operations#1, confidential, assigned to ana"
    (new,) = made(gitlab)
    assert (new.title, new.labels, new.confidential, new.assignees) == ("Leaked key", ("incident",), True, (11,))
    assert MARKER in gitlab.kept["acme/operations#1"].description


def test_a_colleagues_page_gets_an_issue_that_nobody_has() -> None:
    gitlab = FakeGitLab()
    filed(at_desk(gitlab, acked(by=BEN)))
    assert made(gitlab)[0].assignees == ()


def test_another_project_may_be_named() -> None:
    gitlab = FakeGitLab()
    assert one(filed(at_desk(gitlab), project="acme/other")) == ("done", "", "acme/other#1")


def test_without_a_project_it_says_what_to_set() -> None:
    at = at_desk(FakeGitLab())
    at = replace(at, settings=replace(at.settings, sources=(IssueQuery("acme", "group", ("incident",)),)))
    with pytest.raises(ConfigError) as caught:
        planned(at)
    assert caught.value.hint == "set incidents.projects, or --project group/name"


@pytest.mark.parametrize(
    ("issues", "page"),
    [
        ([an_issue(REF, ONE)], PAGE),
        ([an_issue(REF, ONE, state="closed")], PAGE),
        ([an_issue(REF, ONE, labels=())], PAGE),
        ([an_issue(REF)], replace(PAGE, alerts=(Alert("A", NOW, None, "", {"i": an_issue(REF).url}, ()),))),
        ([an_issue(REF, ONE), an_issue("acme/operations#7", ONE)], PAGE),
    ],
    ids=["open", "closed", "without the label", "linked by the page", "several"],
)
def test_a_page_that_an_issue_is_about_already_gets_none(issues: list[Issue], page: PageDetail) -> None:
    gitlab = FakeGitLab(issues)
    acted = filed(at_desk(gitlab, page))
    assert one(acted) == ("refused", "named", REF)
    assert made(gitlab) == []


def test_an_issue_in_the_named_project_counts_too() -> None:
    gitlab = FakeGitLab([an_issue("acme/other#3", ONE, labels=())])
    assert one(filed(at_desk(gitlab), project="acme/other")) == ("refused", "named", "acme/other#3")


def test_a_label_that_is_not_there_is_an_error_before_anything() -> None:
    gitlab = FakeGitLab(labels=["other"])
    with pytest.raises(NotFoundError, match="has no label 'incident'"):
        filed(at_desk(gitlab))
    assert gitlab.writes == []


def test_what_cannot_be_looked_at_may_hide_an_issue() -> None:
    gitlab = FakeGitLab()
    gitlab.failing = {"issues": RemoteError("GitLab does not answer", "try again")}
    with pytest.raises(RemoteError):
        filed(at_desk(gitlab))
    pagerduty = pager(PAGE)
    pagerduty.failing = {"alerts": RemoteError("PagerDuty does not answer", "try again")}
    with pytest.raises(RemoteError, match="its alerts could not be read"):
        filed(desk(pagerduty, FakeGitLab()))


@pytest.mark.parametrize("may", ["bot", "read"])
def test_a_token_that_may_not_file_in_my_name(may: str) -> None:
    gitlab = FakeGitLab(me=GitLabUser(91, "bot", "Bot", bot=True)) if may == "bot" else FakeGitLab()
    gitlab.may = frozenset({"api" if may == "bot" else "read_api"})
    with pytest.raises(AuthError):
        filed(at_desk(gitlab))


@pytest.mark.parametrize("lost", [SILENT, BROKEN])
def test_an_issue_without_an_answer_is_found_and_not_made_again(lost: OncallError) -> None:
    gitlab, journal = Losing(), FakeJournal()
    gitlab.lost = lost
    at = at_desk(gitlab, journal=journal)
    assert one(filed(at)) == ("done", "", "acme/operations#1")
    assert one(filed(at, now=NOW + timedelta(hours=1))) == ("already", "filed", "acme/operations#1")
    assert len(made(gitlab)) == 1


def test_of_unknown_fate_it_is_not_sent_again_while_it_may_be_on_its_way() -> None:
    gitlab, journal = Losing(), FakeJournal()
    gitlab.arrives = False
    at = at_desk(gitlab, journal=journal)
    assert one(filed(at))[:2] == ("unknown", "remote")
    soon = filed(at, now=NOW + FLIGHT / 2)
    assert one(soon)[:2] == ("unknown", "in_flight")
    assert soon.outcomes[0].next_step == "oncall incident file 4112, in half a minute: it looks first"
    gitlab.arrives = True
    assert one(filed(at, now=NOW + 2 * FLIGHT)) == ("done", "", "acme/operations#1")


def test_what_has_failed_for_certain_is_sent_again_at_once() -> None:
    gitlab, journal = Losing(), FakeJournal()
    gitlab.arrives, gitlab.lost = False, NotFoundError("acme/operations: not found", "check")
    at = at_desk(gitlab, journal=journal)
    assert one(filed(at))[:2] == ("failed", "not_found")
    gitlab.arrives, gitlab.lost = True, SILENT
    assert one(filed(at))[0] == "done"


def test_of_two_runs_at_once_one_files() -> None:
    gitlab, journal = FakeGitLab(), FakeJournal()
    at = at_desk(gitlab, journal=journal)
    both = [planned(at), planned(at)]
    ended = [one(file(at, each, NOW)) for each in both]
    assert [result for result, _, _ in ended] == ["done", "unknown"]
    assert len(made(gitlab)) == 1


def test_an_issue_that_gitlab_did_not_keep_confidential_has_failed() -> None:
    class Leaky(FakeGitLab):
        def create(self, new: NewIssue, marker: str) -> Issue:
            return replace(super().create(new, marker), confidential=False)

    acted = filed(at_desk(Leaky()))
    assert one(acted)[:2] == ("failed", "remote")
    assert acted.outcomes[0].next_step == "oncall open acme/operations#1, and make it confidential there, now"


def test_a_dry_run_says_where_it_would_go() -> None:
    gitlab, journal = FakeGitLab(), FakeJournal()
    rehearsed = planned(at_desk(gitlab, journal=journal)).rehearsed
    assert one(rehearsed) == ("planned", "dry_run", None)
    assert rehearsed.outcomes[0].message == (
        "in acme/operations with the label incident, confidential; not sent: this is a dry run"
    )
    assert (gitlab.writes, journal.written) == ([], [])


def test_that_the_issue_is_closed_is_said() -> None:
    acted = filed(at_desk(FakeGitLab([an_issue(REF, ONE, state="closed")])))
    assert acted.outcomes[0].message == f"{REF} (closed) is about it already"


@pytest.mark.parametrize(
    ("notes", "told"),
    [([], "moved"), (["moved to acme/privacy#9", "closed"], "moved: it is acme/privacy#9 now")],
    ids=["where to is not known", "its notes say where to"],
)
def test_that_the_issue_was_moved_is_said(notes: list[str], told: str) -> None:
    system = [IssueNote(n, NOW, "ben", text, internal=False, system=True) for n, text in enumerate(notes)]
    gitlab = FakeGitLab([an_issue(REF, ONE, state="closed", moved=True)], notes={REF: system})
    assert filed(at_desk(gitlab)).outcomes[0].message == f"{REF} ({told}) is about it already"


# Which page, where none is named


def test_the_page_of_mine_that_has_none() -> None:
    other, teams = acked("Q1OTHER002", number=4113), a_page("Q1TEAMS003", assigned_to=(BEN,))
    gitlab = FakeGitLab([an_issue(REF, "Q1OTHER002")])
    assert one(filed(at_desk(gitlab, PAGE, other, teams), None))[0] == "done"
    assert made(gitlab)[0].title == "Leaked key"


def test_of_several_one_is_chosen() -> None:
    seen: list[str] = []

    def choose(work: Sequence[Incident]) -> Incident:
        seen.extend(each.id for each in work)
        return work[-1]

    other = acked("Q1OTHER002", number=4113, title="Other", minutes=30)
    gitlab = FakeGitLab()
    filed(at_desk(gitlab, PAGE, other), None, choose=choose)
    assert sorted(seen) == [ONE, "Q1OTHER002"]
    assert len(made(gitlab)) == 1


def test_where_every_page_of_mine_has_one_it_is_said() -> None:
    with pytest.raises(UsageError, match="every open page of yours has an issue"):
        filed(at_desk(FakeGitLab([an_issue(REF, ONE)])), None)


def test_a_page_that_is_not_there() -> None:
    with pytest.raises(NotFoundError):
        filed(desk(FakePagerDuty(), FakeGitLab()), "9999")
