"""Which incident is meant: named, in focus, or the one that is mine; never a guess."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.issues import GitLabUser
from secops_oncall.domain.pages import Alert
from secops_oncall.domain.slack import Message
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.focus import focus_on
from secops_oncall.workflows.meant import AWAY, HELD, MINE, Named, Wish, meant
from tests.fakes import NOW, FakeGitLab, FakeJournal, an_issue, plain
from tests.workflows.rooms import ANA, BEN, ONE, REF, THREAD, acked, desk, look, note, pager

ISSUE = an_issue(REF, f"See {ONE}", title="Leaked key")
TWO, OTHER = "Q1TWO00002", "acme/operations#102"
SECOND = an_issue(OTHER, TWO)


@pytest.mark.parametrize("named", [Named(issue=REF), Named(page=ONE), Named(page="4112")])
def test_by_its_issue_or_its_page(named: Named) -> None:
    gitlab = FakeGitLab([ISSUE, SECOND], notes={REF: [note("readback", "ben")]})
    found = look(desk(pager(acked()), gitlab), named, whose=True)
    assert (found.issue.ref, found.pages, found.echo) == (REF, (ONE,), "")
    assert (found.charge.owner, found.charge.acting) == (ANA, BEN)
    assert found.about.shift.startswith("engineer/PANA001/")


def test_the_owner_is_the_first_acker_of_the_earliest_page_that_is_there() -> None:
    issue = replace(ISSUE, description=f"{ONE} {TWO} Q1QUOTED99")
    pages = [acked(ONE, BEN, minutes=90), acked(TWO, minutes=30, number=4113)]
    found = look(desk(pager(*pages), FakeGitLab([issue])), whose=True)
    assert found.charge.owner == BEN
    assert look(desk(pager(), FakeGitLab([issue])), whose=True).charge.owner is None


def test_an_owner_who_does_not_matter_is_not_asked_for() -> None:
    pagerduty = pager(acked())
    pagerduty.failing = {"page": AssertionError("nobody asked"), "log": AssertionError("nobody asked")}  # type: ignore[dict-item]
    assert look(desk(pagerduty, FakeGitLab([ISSUE]))).charge.owner is None


def test_a_page_may_link_its_issue_instead() -> None:
    url = "https://gitlab.example.com/acme/operations/-/issues/102"
    page = acked(ONE, alerts=(Alert("A1", NOW, None, "", {"ticket": url}, ()),))
    assert look(desk(pager(page), FakeGitLab([SECOND])), Named(page=ONE)).issue.ref == OTHER


def test_a_page_without_an_issue_says_how_to_make_one() -> None:
    with pytest.raises(NotFoundError, match="page 4112 has no issue yet") as caught:
        look(desk(pager(acked()), FakeGitLab()), Named(page=ONE))
    assert caught.value.hint == "oncall incident file 4112"


def test_a_page_whose_issues_are_closed_means_the_newest_of_them() -> None:
    older = replace(SECOND, description=ONE, state="closed", created_at=NOW - timedelta(days=2))
    newer = replace(ISSUE, state="closed", created_at=NOW - timedelta(days=1))
    assert look(desk(pager(acked()), FakeGitLab([newer, older])), Named(page=ONE)).issue.ref == REF


@pytest.mark.parametrize("named", [Named(issue=REF), Named(page=ONE)])
@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("moved to acme/web#7", f"{REF} was moved: it is acme/web#7 now", "the same command with --issue acme/web#7"),
        ("moved to web#7", f"{REF} was moved: it is acme/web#7 now", "the same command with --issue acme/web#7"),
        ("closed", f"{REF} was moved to another project", f"oncall open {REF}, which leads there"),
    ],
)
def test_a_moved_issue_is_not_written_to_and_it_is_said_where_it_is(
    named: Named, text: str, what: str, hint: str
) -> None:
    by_system = replace(note("update", "ben", text), system=True, mark=None)
    forged = note("update", "ben", "moved to evil/place#1", minutes=1)
    gitlab = FakeGitLab([replace(ISSUE, state="closed", moved=True)], notes={REF: [by_system, forged]})
    with pytest.raises(UsageError) as caught:
        look(desk(pager(acked()), gitlab), named)
    assert (caught.value.message, caught.value.hint) == (what, hint)


def test_where_gitlab_lists_nothing_nobody_says_that_there_is_no_issue() -> None:
    gitlab = FakeGitLab([ISSUE])
    gitlab.failing = {"issues": RemoteError("GitLab does not answer", "try again")}
    with pytest.raises(RemoteError, match="GitLab does not answer"):
        look(desk(pager(acked()), gitlab), Named(page=ONE))


def test_a_page_behind_several_issues_is_no_answer() -> None:
    with pytest.raises(UsageError, match=f"several issues name page 4112: {REF}, {OTHER}"):
        look(desk(pager(acked()), FakeGitLab([ISSUE, replace(SECOND, description=ONE)])), Named(page=ONE))


def test_both_named_contradict_each_other() -> None:
    with pytest.raises(UsageError, match="contradict"):
        look(desk(pager(), FakeGitLab()), Named(ONE, REF))


def test_the_page_in_focus_only_where_it_is_followed_and_said() -> None:
    journal = FakeJournal(focus_on(plain(acked()), NOW))
    at = desk(pager(acked()), FakeGitLab([ISSUE, replace(SECOND, assignees=("ana",))]), journal=journal)
    followed = look(at, Named(), follow=True)
    assert (followed.issue.ref, followed.echo) == (REF, f"in focus: 4112 About {ONE}")
    chosen: list[str] = []

    def choose(work: Sequence[Incident]) -> Incident:
        chosen.extend(each.id for each in work)
        return next(each for each in work if each.id == OTHER)

    assert meant(at, Named(), MINE, choose, NOW).issue.ref == OTHER
    assert sorted(chosen) == [REF, OTHER]


def test_the_one_that_is_mine_is_taken_and_said() -> None:
    at = desk(pager(acked()), FakeGitLab([ISSUE, SECOND]))
    found = look(at, Named())
    assert (found.issue.ref, found.echo) == (REF, f"incident: {REF} Leaked key")


def test_what_i_act_on_by_its_notes_is_mine() -> None:
    gitlab = FakeGitLab([SECOND], notes={OTHER: [note("readback", "ana")]})
    assert look(desk(pager(acked(TWO, BEN)), gitlab), Named()).issue.ref == OTHER


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (MINE, "no open incident is yours"),
        (AWAY, "you are on a break from no open incident"),
        (HELD, "no open page is acked by you"),
    ],
)
def test_where_nothing_fits_it_is_said(wish: Wish, why: str) -> None:
    at = desk(pager(acked(TWO, BEN)), FakeGitLab([SECOND]))
    with pytest.raises(UsageError, match=why):
        look(at, Named(), wish)


def test_what_i_am_on_a_break_from() -> None:
    line = "**Acting from now:** @ben | **Until back:** 2026-11-23 15:00 UTC | **Owner (unchanged):** @ana"
    gitlab = FakeGitLab([ISSUE, SECOND], notes={OTHER: [note("break", "ana", line)]})
    assert look(desk(pager(acked(), acked(TWO, number=4113)), gitlab), Named(), AWAY).issue.ref == OTHER


def test_mine_without_an_issue_says_how_to_make_one() -> None:
    with pytest.raises(NotFoundError) as caught:
        look(desk(pager(acked()), FakeGitLab()), Named())
    assert caught.value.hint == "oncall incident file 4112"


@pytest.mark.parametrize(
    "gitlab", [FakeGitLab([ISSUE], me=GitLabUser(91, "bot", "Bot", bot=True)), FakeGitLab([ISSUE])], ids=["bot", "read"]
)
def test_a_token_that_may_not_write_in_my_name_is_refused(gitlab: FakeGitLab) -> None:
    gitlab.may = frozenset({"api"}) if gitlab.me().bot else frozenset({"read_api"})
    with pytest.raises(AuthError):
        look(desk(pager(acked()), gitlab))


def test_an_issue_that_is_not_there() -> None:
    with pytest.raises(OncallError, match="acme/operations#7"):
        look(desk(pager(), FakeGitLab()), Named(issue="acme/operations#7"))


def test_threads_are_those_that_people_of_ours_linked_the_last_one_first() -> None:
    other = THREAD.replace("1760000000", "1760000009")
    notes = [
        note("update", "ben", f"We talk in {THREAD}", minutes=30),
        note("update", "mallory", f"no, in {THREAD.replace('C0SECOPS', 'C0EVIL')}", minutes=20),
        note("update", "ana", other, minutes=10),
    ]
    found = look(desk(pager(acked()), FakeGitLab([ISSUE], notes={REF: notes})))
    assert found.threads == [Message("C0SECOPS", "1760000009.000100"), Message("C0SECOPS", "1760000000.000100")]
