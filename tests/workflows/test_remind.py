"""`handoff remind`: opened, assigned and messaged exactly once, by what stands in GitLab and Slack alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import get_ident
from typing import TypeVar

import pytest

from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import GitLabUser, Issue, IssueNote, IssueQuery, NewIssue
from secops_oncall.domain.marks import Mark
from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.domain.reminders import DRAFT, is_draft
from secops_oncall.domain.slack import Message
from secops_oncall.errors import AuthError, ConfigError, NotFoundError, OncallError, RemoteError
from secops_oncall.views.reminders import draft, notices
from secops_oncall.workflows.handoff import HandoffSettings
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.remind import AGAIN, LOST, NO_ISSUE, Watch, look, remind
from tests.fakes import NOW, FakeGitLab, FakePagerDuty, FakeSlack, an_issue
from tests.workflows.posts import DOWN, SILENT, Scene

T = TypeVar("T")

BOT = GitLabUser(90, "oncall-bot", "On-call", bot=True)
ANA, BEN, CHEN = (Person(f"P{name.upper()}", name.title(), f"{name}@example.com") for name in ("ana", "ben", "chen"))
SHIFT = "engineer/PANA/2026-11-23T02:00:00Z"
ISSUE = "acme/on-call#1"
WORK = IssueQuery("acme/operations", "project", ("incident",))
WHERE = f"<https://gitlab.example.com/acme/on-call/-/issues/1|{ISSUE}>"
EMAILS = {name: f"{name}@example.com" for name in ("ana", "ben", "chen")}
READ_BACK = Mark("readback", SHIFT, "shift")


def turn(person: Person, begins: float, ends: float) -> OnCall:
    hours = timedelta(hours=1)
    return OnCall(person, NOW + begins * hours, NOW + ends * hours, "Responder", 1, "Engineers", "UTC")


class Nobody(FakePagerDuty):
    """A PagerDuty in which an account-level key is nobody."""

    def __init__(self, turns: Iterable[OnCall]) -> None:
        super().__init__(turns=turns)
        self.failing["me"] = ConfigError("an account-level key is nobody's", "set pagerduty.email")


@dataclass
class Team:
    """The services of a team whose shift changes hands at NOW."""

    turns: Sequence[OnCall] = (turn(ANA, -12, 0), turn(CHEN, 0, 12))
    slack_ids: dict[str, str] = field(default_factory=lambda: {f"{n}@example.com": f"U0{n.upper()}" for n in EMAILS})
    channel: str | None = "#secops"
    project: str | None = "acme/on-call"
    bot: str | None = "oncall-bot"
    gitlab: FakeGitLab = field(init=False)
    slack: FakeSlack = field(default_factory=FakeSlack)

    def __post_init__(self) -> None:
        page = "https://acme.pagerduty.com/incidents/Q1"
        self.gitlab = FakeGitLab(
            [an_issue("acme/operations#101", page), an_issue("acme/operations#102", "no page of it")], me=BOT
        )

    @property
    def settings(self) -> HandoffSettings:
        where = Destinations(self.project, self.channel, handles=Handles(_names(), self.slack_ids))
        roles = {"engineer": RoleName("Responder", 1)}
        people = {user: email for email, user in _names().items()}
        return HandoffSettings(roles, sources=(WORK,), people=people, destinations=where, bot=self.bot)  # type: ignore[arg-type]

    def look(self, minutes: float) -> list[Watch]:
        return look(Nobody(self.turns), lambda: self.gitlab, self.settings, NOW + timedelta(minutes=minutes))

    def run(self, minutes: float, *, dry_run: bool = False) -> Acted:
        """One run of the pipeline, so many minutes from NOW: it knows nothing of the ones before."""
        where, told = self.settings.destinations, []
        for watch in self.look(minutes):
            document, some = draft(watch.due, watch.work, where), notices(watch.due, where, written=watch.written)
            told += remind(lambda: self.gitlab, lambda: self.slack, watch, document, some, dry_run=dry_run)
        return Acted(told)

    @property
    def issue(self) -> Issue:
        (found,) = (issue for issue in self.gitlab.kept.values() if issue.project == "acme/on-call")
        return found

    @property
    def said(self) -> dict[str, list[str]]:
        """What was said in every place of Slack."""
        every = self.slack.posted.items()
        return {place: [text for message in some for text in message.values()] for place, some in every}

    def read_back(self, by: str, mark: Mark = READ_BACK) -> None:
        note = IssueNote(7, NOW, by, "**Read-back**", False, False, mark)
        self.gitlab.comments.setdefault(ISSUE, []).append(note)


def _names() -> dict[str, str]:
    return {email: user for user, email in EMAILS.items()}


def told(acted: Acted) -> list[tuple[str, str, str, str]]:
    return [(one.place, one.ref or one.id, one.result.value, one.code) for one in acted.outcomes]


def test_an_hour_before_the_end_the_issue_is_opened_and_both_are_assigned_and_messaged() -> None:
    team = Team()
    ran = team.run(-60)
    assert told(ran) == [
        ("gitlab", ISSUE, "done", ""),
        ("slack", "U0ANA", "done", ""),
        ("slack", "U0CHEN", "done", ""),
    ]
    assert (team.issue.confidential, team.issue.assignees, team.issue.mark) == (
        True,
        ("chen", "ana"),
        Mark("handover", SHIFT, "shift"),
    )
    assert is_draft(team.issue)
    assert "acme/operations#101" in team.issue.description
    assert "#102" not in team.issue.description
    assert [WHERE in text for some in team.said.values() for text in some] == [True, True]
    assert ran.exit_code == 0


def test_run_again_and_again_it_does_nothing_twice() -> None:
    team = Team()
    team.run(-60)
    kept, said = team.issue, team.said
    for minutes in (-60, -45, -1):
        assert {result for _, _, result, _ in told(team.run(minutes))} == {"already"}
    assert (team.issue, team.said) == (kept, said)
    assert [write[0] for write in team.gitlab.writes] == ["create"]


class Clocked(FakeSlack):
    """A Slack whose own clock says when its messages are from."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now
        self.times: dict[tuple[str, str], datetime] = {}

    def post(self, channel: str, lines: Mapping[str, str], thread: Message | None = None) -> Message:
        posted = super().post(channel, lines, thread)
        self.times[posted.channel, posted.ts] = self.now
        return posted

    def own(self, channel: str, since: datetime, thread: Message | None = None) -> list[Message]:
        every = super().own(channel, since, thread)
        return [message for message in every if self.times[message.channel, message.ts] >= since]


@pytest.mark.parametrize("minutes", [-60, 15])
def test_on_a_runner_whose_clock_is_fast_nothing_is_sent_twice(minutes: float) -> None:
    team = Team(slack=Clocked(NOW + timedelta(minutes=minutes) - timedelta(hours=2)))
    for _ in range(2):
        team.run(minutes)
    assert [len(some) for some in team.said.values()] == [1, 1]


def second_draft(team: Team) -> str:
    """Another run, at the same moment, has opened a draft, too: the later one is the hand-over issue."""
    first = team.issue
    later = first.created_at + timedelta(seconds=1)
    team.gitlab.kept["acme/on-call#2"] = replace(first, ref="acme/on-call#2", iid=2, id=first.id + 1, created_at=later)
    return first.ref


def test_of_two_drafts_that_were_opened_at_once_the_next_run_closes_one() -> None:
    team = Team()
    team.run(-60)
    first = second_draft(team)
    assert told(team.run(-45, dry_run=True))[0] == ("gitlab", first, "planned", "surplus")
    assert told(team.run(-45))[:2] == [
        ("gitlab", first, "done", "surplus"),
        ("gitlab", "acme/on-call#2", "already", ""),
    ]
    assert [team.gitlab.kept[ref].state for ref in (first, "acme/on-call#2")] == ["closed", "opened"]
    assert told(team.run(-30))[0] == ("gitlab", "acme/on-call#2", "already", "")


def test_a_draft_beside_a_hand_off_that_was_posted_is_the_second_one_whenever_it_was_opened() -> None:
    team = Team()
    team.run(-60)
    first = second_draft(team)
    team.gitlab.kept[first] = replace(team.gitlab.kept[first], description="**@ana → @chen**")
    assert told(team.run(-45))[:2] == [
        ("gitlab", "acme/on-call#2", "done", "surplus"),
        ("gitlab", first, "already", ""),
    ]


def test_a_second_draft_that_can_not_be_closed_is_left_to_the_next_run() -> None:
    team = Team()
    team.run(-60)
    first = second_draft(team)
    team.gitlab.failing["edit"] = DOWN
    ran = team.run(-45)
    assert (told(ran)[0], ran.outcomes[0].hint) == (("gitlab", first, "failed", "remote"), AGAIN)


def test_a_second_draft_into_which_somebody_posts_meanwhile_stays_open() -> None:
    team = Team()
    team.run(-60)
    first = second_draft(team)
    (watch,) = team.look(-45)
    team.gitlab.kept[first] = replace(team.gitlab.kept[first], description="**@ana → @chen**")
    document = draft(watch.due, (), team.settings.destinations)
    ran = remind(lambda: team.gitlab, lambda: team.slack, watch, document, ())
    assert (ran[0].ref, ran[0].result.value, team.gitlab.kept[first].state) == (first, "already", "opened")


def test_between_the_two_reminders_nothing_is_due() -> None:
    for minutes in (-61, 0, 14, 120):
        assert Team().look(minutes) == []


def test_a_draft_is_renewed_where_work_or_people_have_changed() -> None:
    team = Team()
    team.run(-60)
    team.gitlab.kept["acme/operations#103"] = an_issue("acme/operations#103", "acme.pagerduty.com/incidents/Q2")
    team.turns = (turn(ANA, -12, 0), turn(BEN, 0, 12))
    assert told(team.run(-45)) == [
        ("gitlab", ISSUE, "done", "renewed"),
        ("slack", "U0ANA", "already", ""),
        ("slack", "U0BEN", "done", ""),
    ]
    assert team.issue.assignees == ("ben", "ana")


def test_what_was_posted_is_left_alone() -> None:
    team = Team()
    team.run(-60)
    posted = replace(team.issue, description=f"**@ana → @chen**\n\n{DRAFT}", assignees=("chen",))
    team.gitlab.kept[ISSUE] = posted
    assert told(team.run(-45))[0] == ("gitlab", ISSUE, "already", "")
    assert team.issue == posted
    team.run(15)
    assert team.issue == posted
    assert "You stay acting until it is read back" in team.said["U0ANA"][-1]


AGAIN_ANA = (turn(BEN, -36, -24), turn(CHEN, -24, -12), turn(ANA, -12, 0), turn(ANA, 0, 12), turn(CHEN, 12, 24))


@pytest.mark.parametrize("turns", [(turn(ANA, -12, 0), turn(CHEN, 0, 12)), AGAIN_ANA])
@pytest.mark.parametrize("named", ["@ben", "`Ben`"])
def test_whom_the_posted_hand_off_names_is_reminded_and_not_who_is_next_by_schedule(
    turns: Sequence[OnCall], named: str
) -> None:
    team = Team(turns)
    team.run(-60)
    before = {place: len(some) for place, some in team.said.items()}
    text = f"**@ana → {named}**: weekday shift as engineer, 2026-11-23 02:00 UTC to 2026-11-23 14:00 UTC"
    team.gitlab.kept[ISSUE] = replace(team.issue, description=text)
    team.run(15)
    told = {
        place: some[before.get(place, 0) :] for place, some in team.said.items() if len(some) > before.get(place, 0)
    }
    ben = "U0BEN" if named == "@ben" or turns is AGAIN_ANA else "#secops"
    assert told.keys() == {"U0ANA", ben}
    assert "You have not accepted the hand-off of Ana" in told[ben][0]


def test_where_the_same_engineer_goes_on_nobody_is_reminded_of_an_acceptance() -> None:
    team = Team(AGAIN_ANA)
    team.run(-60)
    assert team.look(15) == []


@pytest.mark.parametrize("word", ["@stranger", "[nobody]", "**[nobody]**"])
def test_a_hand_off_that_names_nobody_who_is_known_leaves_it_to_the_schedule(word: str) -> None:
    team = Team()
    team.run(-60)
    team.gitlab.kept[ISSUE] = replace(team.issue, description=f"**@ana → {word}**: weekday shift")
    team.run(15)
    assert "You have not accepted" in team.said["U0CHEN"][-1]


def test_the_outgoing_engineer_s_own_issue_is_the_one() -> None:
    team, mark = Team(), Mark("handover", SHIFT, "shift")
    own = an_issue(ISSUE, "**@ana → @chen**", title="On-Call Handover x", author="ana", mark=mark, confidential=True)
    team.gitlab.kept[ISSUE] = own
    assert told(team.run(-45))[0] == ("gitlab", ISSUE, "already", "")


@pytest.mark.parametrize("author", ["alert-bot", "chen"])
def test_a_forged_mark_is_no_hand_over_issue(author: str) -> None:
    team, mark = Team(), Mark("handover", SHIFT, "shift")
    team.gitlab.kept[ISSUE] = an_issue(ISSUE, "x", title="On-Call Handover x", author=author, mark=mark)
    assert told(team.run(-45))[0] == ("gitlab", "acme/on-call#2", "done", "")


def test_a_quarter_of_an_hour_after_the_start_both_are_messaged_once() -> None:
    team = Team()
    team.run(-60)
    for _ in range(2):
        team.run(15)
    assert [len(some) for some in team.said.values()] == [2, 2]
    assert team.said["U0CHEN"][-1].startswith("*You have not accepted the hand-off of Ana, whose shift ended at")
    assert team.said["U0ANA"][-1].startswith("*Nobody has accepted the hand-off of your shift, which ended at")


def test_whatever_was_accepted_nobody_is_reminded_of() -> None:
    team = Team()
    team.run(-60)
    team.read_back("chen")
    for minutes in (-45, 15):
        assert told(team.run(minutes)) == []
    assert [watch.accepted for watch in team.look(15)] == [True]


@pytest.mark.parametrize(
    ("by", "mark"),
    [
        ("alert-bot", READ_BACK),  # a stranger's
        ("Ana", READ_BACK),  # one's own
        ("oncall-bot", READ_BACK),
        ("chen", Mark("readback", "engineer/PCHEN/2026-11-22T14:00:00Z", "shift")),
        ("chen", Mark("comment", SHIFT, "shift")),
    ],
)
def test_what_is_no_read_back_accepts_nothing(by: str, mark: Mark) -> None:
    team = Team()
    team.run(-60)
    team.read_back(by, mark)
    team.run(15)
    assert [len(some) for some in team.said.values()] == [2, 2]


def test_who_has_no_slack_id_is_told_by_name_in_the_channel_and_only_there() -> None:
    team = Team(slack_ids={"ana@example.com": "U0ANA"})
    team.run(-60)
    team.slack_ids = {}
    team.run(-45)
    (first, second) = team.said["#secops"]
    assert first.startswith("Chen: *Your shift begins")
    assert second.startswith("Ana: *Your shift ends")
    assert "<@" not in first + second
    assert told(team.run(-30))[1:] == [("slack", "#secops", "already", "")]


def test_who_can_not_be_reached_at_all_is_said() -> None:
    team = Team(slack_ids={}, channel=None)
    ran = team.run(-60)
    assert told(ran)[1:] == [("slack", "-", "refused", "no_address")]
    assert "the outgoing engineer and the incoming engineer: no Slack id" in ran.outcomes[1].message
    assert ran.exit_code == 7


def test_with_gitlab_down_the_end_of_a_shift_is_told_all_the_same_and_made_good_later() -> None:
    team = Team()
    team.gitlab.failing["issues"] = DOWN
    ran = team.run(-60)
    assert told(ran) == [
        ("gitlab", "acme/on-call", "failed", "remote"),
        ("slack", "U0ANA", "done", ""),
        ("slack", "U0CHEN", "done", ""),
    ]
    assert f"Hand-over issue: {LOST}. Chen takes over" in team.said["U0ANA"][0]
    team.gitlab.failing = {}
    assert [result for _, _, result, _ in told(team.run(-45))] == ["done", "already", "already"]


@pytest.mark.parametrize("method", ["issues", "me", "notes"])
def test_an_acceptance_that_can_not_be_looked_up_is_asked_of_nobody(method: str) -> None:
    team = Team()
    team.run(-60)
    team.gitlab.failing[method] = DOWN
    ran = team.run(15)
    assert told(ran) == [("gitlab", "acme/on-call" if method != "notes" else ISSUE, "failed", "remote")]
    assert ran.exit_code == 6
    assert [len(some) for some in team.said.values()] == [1, 1]


def test_with_slack_down_the_issue_is_opened_and_the_messages_go_out_later() -> None:
    team = Team()
    team.slack.failing["find"] = DOWN
    ran = team.run(-60)
    assert [result for _, _, result, _ in told(ran)] == ["done", "failed", "failed"]
    assert (team.said, ran.exit_code) == ({}, 7)
    team.slack.failing = {}
    assert [result for _, _, result, _ in told(team.run(-45))] == ["already", "done", "done"]


def test_what_can_not_be_looked_up_in_slack_is_never_sent_blindly() -> None:
    team = Team()
    team.slack.failing["find"] = AuthError("the token lacks im:history", "give it that scope")
    assert told(team.run(-60))[1] == ("slack", "U0ANA", "failed", "auth")
    assert team.said == {}


def test_a_message_without_an_answer_is_looked_up() -> None:
    team = Team()
    team.slack.lost = SILENT
    assert [result for _, _, result, _ in told(team.run(-60))] == ["done", "done", "done"]
    assert [len(some) for some in team.said.values()] == [1, 1]


def test_a_message_that_can_not_be_looked_up_is_unknown_and_looked_for_by_the_next_run() -> None:
    team = Team()

    class Lost(FakeSlack):
        def post(self, *arguments: object, **more: object) -> object:  # type: ignore[override]
            self.failing["find"] = DOWN
            self.lost = SILENT
            return super().post(*arguments, **more)  # type: ignore[arg-type]

    team.slack = Lost()
    ran = team.run(-60)
    assert [one.result.value for one in ran.outcomes[1:]] == ["unknown", "unknown"]
    assert ran.outcomes[1].hint == AGAIN
    posted, team.slack = team.slack.posted, FakeSlack()
    team.slack.posted = posted
    assert [result for _, _, result, _ in told(team.run(-45))] == ["already"] * 3


def test_an_issue_that_gitlab_did_not_open_is_opened_by_the_next_run() -> None:
    team = Team()
    team.gitlab.failing["create"] = DOWN
    ran = team.run(-60)
    assert (told(ran)[0], ran.outcomes[0].hint) == (("gitlab", "acme/on-call", "failed", "remote"), AGAIN)
    assert f"Hand-over issue: {NO_ISSUE}. " in team.said["U0ANA"][0]
    team.gitlab.failing = {}
    assert told(team.run(-45))[0] == ("gitlab", ISSUE, "done", "")


def test_an_issue_that_everybody_could_read_is_said() -> None:
    team = Team()
    team.run(-60)
    team.gitlab.kept[ISSUE] = replace(team.issue, confidential=False)
    ran = team.run(-45)
    assert told(ran)[0] == ("gitlab", ISSUE, "failed", "remote")
    assert "not confidential" in ran.outcomes[0].message


def test_an_issue_that_gitlab_assigns_to_nobody_is_said_and_assigned_once_that_is_mended() -> None:
    team = Team()

    class Member(FakeGitLab):
        """A GitLab that leaves the assignees out, as it does without a word for who is no member."""

        def create(self, new: NewIssue, marker: str = "") -> Issue:
            return super().create(replace(new, assignees=()), marker)

    member = Member(team.gitlab.kept.values(), me=BOT)
    mended, team.gitlab = team.gitlab, member
    ran = team.run(-60)
    assert (told(ran)[0], ran.exit_code) == (("gitlab", ISSUE, "failed", "remote"), 7)
    assert ran.outcomes[0].message == "it is there, but assigned to neither of ana and chen"
    assert "Reporter in acme/on-call" in ran.outcomes[0].hint
    mended.kept, team.gitlab = member.kept, mended
    assert told(team.run(-45))[0] == ("gitlab", ISSUE, "done", "renewed")
    assert team.issue.assignees == ("chen", "ana")


def test_a_dry_run_writes_nothing() -> None:
    team = Team()
    assert {result for _, _, result, _ in told(team.run(-60, dry_run=True))} == {"planned"}
    assert (team.gitlab.writes, team.said) == ([], {})
    team.run(-60)
    assert {result for _, _, result, _ in told(team.run(-60, dry_run=True))} == {"already"}


def test_outcomes_have_references_and_no_titles() -> None:
    team = Team()
    every = [one for minutes in (-60, -45, 15) for one in team.run(minutes).outcomes]
    assert {one.title for one in every} == {""}
    assert all("Ana" not in one.message and "Chen" not in one.message for one in every)


def test_one_person_twice_is_told_that_nobody_takes_over() -> None:
    usual = [turn(BEN, -36, -24), turn(CHEN, -24, -12)]
    team = Team((*usual, turn(ANA, -12, 0), turn(ANA, 0, 12), turn(CHEN, 12, 24)))
    assert told(team.run(-60)) == [("gitlab", ISSUE, "done", ""), ("slack", "U0ANA", "done", "")]
    assert "You are on call after it, too, so that nobody takes over" in team.said["U0ANA"][0]
    assert team.issue.assignees == ("ana",)


@pytest.mark.parametrize(
    ("known", "wrong"),
    [
        ({"project": None}, "handoff.project is not set"),
        ({"bot": None}, "handoff.bot is not set, so that nobody would believe the automation"),
        ({"bot": "ana"}, "the GitLab token belongs to 'oncall-bot', and handoff.bot is 'ana'"),
    ],
)
def test_what_nobody_would_find_or_believe_is_not_written(known: dict[str, str | None], wrong: str) -> None:
    team = Team(**known)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=wrong):
        team.look(-60)
    assert team.gitlab.writes == []


@pytest.mark.parametrize("error", [RemoteError("it is down", "wait"), NotFoundError("no such policy", "check it")])
def test_without_pagerduty_nobody_knows_whose_shift_it_is(error: OncallError) -> None:
    team, pagerduty = Team(), Nobody(())
    pagerduty.failing["on_call"] = error
    with pytest.raises(type(error)):
        look(pagerduty, lambda: team.gitlab, team.settings, NOW)


def test_services_are_built_where_the_command_runs_since_two_threads_cannot_load_one_library() -> None:
    team, built = Team(), list[int]()

    def here(service: T) -> Callable[[], T]:
        def build() -> T:
            built.append(get_ident())
            return service

        return build

    (watch,) = look(Nobody(team.turns), here(team.gitlab), team.settings, NOW - timedelta(hours=1))
    where = team.settings.destinations
    document, some = draft(watch.due, watch.work, where), notices(watch.due, where, written=False)
    remind(here(team.gitlab), here(team.slack), watch, document, some)
    assert set(built) == {get_ident()}


def test_who_posts_finds_the_automation_s_issue_also_when_looking_again() -> None:
    """Another run has begun since: the places are looked at anew, and the issue is not mine."""
    scene, mark = Scene(), Mark("handover", "engineer/PANA001/2026-11-23T02:00:00Z", "shift")
    opened = an_issue("acme/on-call#1", f"{DRAFT}\n\n{mark}", author="oncall-bot", mark=mark, confidential=True)
    scene.gitlab.kept[opened.ref] = opened
    scene.post(scene.plan(handover=opened))
    assert (scene.handover.ref, is_draft(scene.handover)) == ("acme/on-call#1", False)
