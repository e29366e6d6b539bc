"""What a hand-off lacks: every rule breaks on what it is about, and a whole hand-off breaks none."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.domain.documents import NAMED, Destinations
from secops_oncall.domain.events import Event, filed
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.handoff import Background, Handoff, Unread, write
from secops_oncall.domain.incidents import JUDGEMENT, Problem
from secops_oncall.domain.issues import IssueNote, IssueQuery, LinkedIssue
from secops_oncall.domain.lint import Context, lint, linted
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import PageDetail
from secops_oncall.domain.people import OnCall, Person
from secops_oncall.domain.previous import Before
from secops_oncall.domain.rota import Rota
from secops_oncall.domain.said import Said
from secops_oncall.domain.traces import NextStep
from tests.domain.test_handoff import ANA, BEN, CHEN, END, ONE, ROLES, SHIFT, TURNS, TWO, done
from tests.fakes import NOW, a_page, an_entry, an_issue

REF = "acme/operations#101"
GITLAB = "https://gitlab.example.com"
SAID = Said(
    state="the key is dead",
    tried="CloudTrail of 30 days: one call",
    confidence="high",
    posture="watch",
    next_steps=(NextStep("read the last region", "Ben Okafor", NOW + timedelta(hours=2)),),
    if_then=("If another call comes, then page the manager",),
)
SOMEWHERE = Destinations("acme/handovers", "#secops", handles=Handles({"ana@example.com": "ana"}))
PAGE = a_page(ONE, "acknowledged", timeline=(an_entry("trigger", 60), an_entry("acknowledge", 56, ANA)))
WROTE = IssueNote(1, NOW - timedelta(minutes=5), "ben", "read two regions", internal=True, system=False)
LINK = LinkedIssue("infra/keys#7", "Rotate", f"{GITLAB}/infra/keys/-/issues/7", "opened", False, ())


def handoff(
    *pages: PageDetail,
    said: Said = SAID,
    said_by: dict[str, Said] | None = None,
    turns: Sequence[OnCall] = TURNS,
    events: Sequence[Event] = (),
    named: Person | None = None,
    background: Background | None = None,
    comments: Sequence[IssueNote] = (WROTE,),
    issue: dict[str, Any] | None = None,
    **more: Any,
) -> Handoff:
    """A hand-off that lacks nothing: one acked page, one open issue that names it, and everything said."""
    every = pages or (PAGE,)
    about = [an_issue(REF, ONE, **{"title": "Leaked key in mobile-app", **(issue or {})})]
    issues = {each.ref: each for each in about if issue != {}}
    facts = Facts(
        SHIFT.start,
        NOW,
        ANA,
        GITLAB,
        frozenset(page.id for page in every if page.status != "resolved"),
        {page.id: page for page in every},
        **{"issues": issues, "comments": {REF: comments}, "said": said_by or {ONE: said}, **more},
    )
    return write(facts, Rota(SHIFT, ROLES, turns, named), events, background or Background(reviews_due=0))


def found(told: Handoff, **more: Any) -> list[Problem]:
    return lint(told, Context(**{"until": NOW, "destinations": SOMEWHERE, **more}))


def saying(**parts: Any) -> Said:
    """What was said, with other parts."""
    return replace(SAID, **parts)


def only(problems: list[Problem]) -> tuple[str, str, str, str | None]:
    (problem,) = problems
    return problem.code, problem.severity, problem.subject, problem.field


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_a_whole_hand_off_lacks_nothing() -> None:
    assert found(handoff()) == []
    assert found(handoff(issue={"confidential": True})) == []


def test_every_problem_names_what_mends_it() -> None:
    bad = handoff(said=Said(zoom="later", related=("https://evil.example/x",)), issue={})
    every = found(bad, unread=[Unread("GitLab", "GitLab does not answer", "try again")], destinations=Destinations())
    assert all(problem.fix and problem.message and problem.subject and problem.field for problem in every)


@pytest.mark.parametrize("name", ["related", "engaged", "slack", "if_then"])
def test_a_line_that_must_go_is_taken_out_in_the_editor_since_flags_only_add_to_it(name: str) -> None:
    said = saying(**{name: ("TBD", "the key is AKIAIOSFODNN7EXAMPLE, silenced until further notice")})
    problems = found(handoff(said=said))
    assert {"E1", "E8"} <= set(codes(problems))
    assert {each.fix for each in problems if each.field == name} == {"oncall handoff edit 4060"}


def test_each_incident_has_its_own_and_errors_come_first() -> None:
    told = linted(handoff(PAGE, a_page(TWO), said=saying(state="", if_then=())), Context(NOW))
    severities = [problem.severity for problem in told.problems]
    assert severities == sorted(severities)
    assert {each.id: codes(list(each.problems)) for each in told.incidents} == {
        TWO: ["E1"] * len(JUDGEMENT) + ["E3", "W10"],
        REF: ["E1", "W6"],
    }


# E1: the headings


@pytest.mark.parametrize("name", JUDGEMENT)
def test_e1_what_nobody_has_said(name: str) -> None:
    problems = found(handoff(said=saying(**{name: type(getattr(SAID, name))()})))
    assert only([each for each in problems if each.code == "E1"]) == ("E1", "error", REF, name)
    assert problems[0].fix.startswith("oncall handoff edit 4060 --")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("state", "TBD"),
        ("state", "fine so far\n- tbd."),
        ("tried", "See above"),
        ("tried", "same as last shift"),
        ("summary", "What happened, in one line"),
        ("engaged", ("to be done",)),
        ("if_then", ("signal => action",)),
        ("next_steps", (NextStep("action | who | when", "Ben Okafor", NOW),)),
    ],
)
def test_e1_what_only_stands_for_a_text(name: str, text: Any) -> None:
    assert only(found(handoff(said=saying(**{name: text})))) == ("E1", "error", REF, name)


@pytest.mark.parametrize("text", ["None", "nothing: the logs are see-through", "todo list was leaked", "to be or not"])
def test_e1_ordinary_words_are_no_placeholders(text: str) -> None:
    assert found(handoff(said=saying(tried=text))) == []


@pytest.mark.parametrize(("name", "text"), [("confidence", "rather"), ("posture", "fine")])
def test_e1_a_choice_is_one_of_three(name: str, text: str) -> None:
    assert only(found(handoff(said=saying(**{name: text})))) == ("E1", "error", REF, name)


# E2, E6, E7: the shift


def test_e2_a_service_that_could_not_be_read() -> None:
    unread = [Unread("GitLab", "GitLab does not answer", "try again")]
    assert found(handoff(), unread=unread) == [
        Problem("E2", "error", "GitLab", "incidents", "GitLab does not answer", "try again")
    ]


def test_e6_nobody_incoming() -> None:
    assert only(found(handoff(turns=TURNS[:1]))) == ("E6", "error", ANA.name, "incoming")
    again = [TURNS[0], OnCall(ANA, END, END + timedelta(hours=12), "Security Responder", 1)]
    (problem,) = found(handoff(turns=again), goes_on=True)
    assert (problem.message, problem.fix) == (
        "Ana Ferreira is on call after this shift, too",
        "oncall handoff post --to USER",
    )
    assert found(handoff(turns=again, named=CHEN), goes_on=True) == []
    assert codes(found(handoff(named=ANA))) == ["E6"]


def test_e7_a_page_of_mine_that_is_unacked() -> None:
    page = a_page(TWO, title="Canary opened")
    assert found(handoff(), unacked=[page]) == [
        Problem("E7", "error", TWO, "pages", "Canary opened: not acked yet", "oncall ack 4060")
    ]


# E3: the owner


def test_e3_nobody_owns_it() -> None:
    problems = found(handoff(a_page(ONE)))
    assert only(problems) == ("E3", "error", REF, "owner")
    assert problems[0].fix == "oncall ack 4060"
    assert codes(found(handoff(done(ONE)))) == ["E3", "W14"]


def test_e3_an_owner_who_changed_without_an_ack() -> None:
    def with_owner(name: str, minutes: int) -> list[Problem]:
        told = handoff(people={"ana": ANA})
        last = Before(NOW - timedelta(minutes=minutes), Said(), name)
        return found(replace(told, incidents=(replace(told.incidents[0], before=last),)))

    assert only(with_owner("@ben", 10)) == ("E3", "error", REF, "owner")
    assert only(with_owner("Ben Okafor", 10)) == ("E3", "error", REF, "owner")
    assert with_owner("Ben Okafor", 600) == [], "the page was acked anew since"
    assert with_owner("@ana", 10) == with_owner("Ana Ferreira", 10) == with_owner("", 10) == []


# E4, E5: the steps


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (NextStep("ask legal", None, NOW), "no person: ask legal"),
        (NextStep("ask legal", "Ben Okafor"), "no time: ask legal"),
        (NextStep("ask legal"), "no person and no time: ask legal"),
    ],
)
def test_e4_a_step_without_person_or_time(step: NextStep, message: str) -> None:
    (problem,) = found(handoff(said=saying(next_steps=(step,))))
    assert (problem.code, problem.field, problem.message) == ("E4", "next_steps", message)
    assert problem.fix == 'oncall handoff edit 4060 --next "action | who | when"'


@pytest.mark.parametrize("who", ["Infra team", "(Infrastructure)", "@infra", "keys"])
def test_e5_a_step_of_a_team_in_which_nobody_is_named(who: str) -> None:
    ours, linked = [IssueQuery("acme", "group")], [replace(LINK, assignees=("eva",))]
    step = NextStep("rotate", who, NOW + timedelta(hours=1))
    told = handoff(said=saying(next_steps=(step,)), links={REF: linked})
    assert only(found(told, ours=ours)) == ("E5", "error", REF, "next_steps")


def test_e5_another_teams_open_issue_that_nobody_has() -> None:
    ours = [IssueQuery("acme", "group"), IssueQuery("infra/other", "project")]
    assert only(found(handoff(links={REF: [LINK]}), ours=ours)) == ("E5", "error", REF, "related")
    said = saying(related=("infra/keys#7: Eva rotates it by 16:00 UTC",))
    for told in (
        handoff(links={REF: [LINK]}, said=said),
        handoff(links={REF: [replace(LINK, state="closed")]}),
        handoff(links={REF: [replace(LINK, assignees=("eva",))]}),
        handoff(links={REF: [replace(LINK, ref="acme/infra#7")]}),
    ):
        assert found(told, ours=ours) == []
    assert found(handoff(links={REF: [LINK]})) == [], "nothing is configured to be ours"


# E8: what must not be written


@pytest.mark.parametrize(
    "text",
    [
        "the key is AKIAIOSFODNN7EXAMPLE",
        "glpat-x1y2z3a4b5c6d7e8f9g0",
        "token: hunter2hunter2",
        "Authorization: Bearer abcdefghijklmnop1234",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "-----BEGIN RSA PRIVATE KEY-----",
        "xoxb-2345678901-abcdef",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "call +351 912 345 601",
        "+1 (202) 555-0102",
    ],
)
def test_e8_a_secret_or_a_telephone_number(text: str) -> None:
    for name, value in (("state", text), ("if_then", (text,)), ("summary", text)):
        problems = found(handoff(said=saying(**{name: value})))
        assert [(*only([each])[:1], each.field) for each in problems] == [("E8", name)]
    events = [Event(NOW, "note", text=text, data={"kind": "note"}, uid="3f2a9c01d4e5")]
    assert only(found(handoff(events=events))) == ("E8", "error", "3f2a9c01", "notes")
    assert codes(found(handoff(issue={"title": text}))) == ["E8"], "the title goes to Slack"


@pytest.mark.parametrize(
    "text",
    [
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "Q1LEAKEDKEY0005 and 203.0.113.44, since 2026-11-23 14:00 UTC (06:00 PST)",
        "https://acme.zoom.us/j/91234500001?pwd=aBcDeFgHiJkLmNoPqRsTuVwXyZ012345",
        "+2 facts, +08, port 443; the token was revoked, the password is changed",
        "AKIA…7QLM (masked by the scanner)",
    ],
)
def test_e8_what_security_engineers_write_all_the_time_is_no_secret(text: str) -> None:
    assert found(handoff(said=saying(state=text))) == []


def test_e8_words_of_a_confidential_issue_in_one_that_more_people_read() -> None:
    secret = an_issue("acme/operations#98", TWO, title="Container escape on ci-cluster-2", confidential=True)
    other = replace(PAGE, id=TWO, number=4061)

    def told(words: str, **more: Any) -> list[Problem]:
        issues = {REF: an_issue(REF, ONE, title="Leaked key", **more), secret.ref: secret}
        both = {TWO: SAID, ONE: saying(tried=words)}
        whole = handoff(PAGE, other, issues=issues, said_by=both, comments=[WROTE])
        return [each for each in found(whole) if each.code == "E8"]

    words = "same actor as the container escape on CI-cluster-2?"
    assert only(told(words)) == ("E8", "error", REF, "tried")
    assert told(words, confidential=True) == told("see acme/operations#98") == []


def test_e8_internal_comments_that_would_be_told_to_everybody() -> None:
    public = replace(SOMEWHERE, internal=False)
    assert only(found(handoff(), destinations=public)) == ("E8", "error", REF, "issue")
    assert found(handoff(issue={"confidential": True}), destinations=public) == []
    assert found(handoff(comments=[replace(WROTE, internal=False)]), destinations=public) == []


# E9, W3: links


def test_e9_a_bridge_is_a_url_or_none() -> None:
    assert only(found(handoff(said=saying(zoom="ask Ben")))) == ("E9", "error", REF, "zoom")
    for zoom in ("None", "https://acme.zoom.us/j/1", "https://acme.zoom.us/j/1 (until 15:00)"):
        assert found(handoff(said=saying(zoom=zoom))) == []


@pytest.mark.parametrize(
    ("name", "text", "odd"),
    [
        ("zoom", "https://acme.slack.com/archives/C1/p1", True),
        ("slack", ("https://acme.zoom.us/j/1",), True),
        ("slack", ("#secops", "https://acme.slack.com/archives/C1/p1", "None"), False),
        ("related", ("https://evil.example/x",), True),
        ("related", (f"{GITLAB}/acme/infra/-/issues/7: Eva", f"{GITLAB}/acme/infra/-/merge_requests/3", "None"), False),
        ("related", ("https://[bad/-/issues/7",), True),
    ],
)
def test_w3_a_link_of_another_kind(name: str, text: Any, odd: bool) -> None:
    problems = found(handoff(said=saying(**{name: text})))
    assert [(each.code, each.field) for each in problems] == ([("W3", name)] if odd else [])


# Warnings


def test_w1_fewer_reviews_than_are_due() -> None:
    (problem,) = found(handoff(background=Background(reviews_due=2)))
    assert problem.message == "the labelled issues were reviewed 0 of 2 times"
    events = [Event(SHIFT.start, "review"), Event(NOW, "review")]
    assert found(handoff(background=Background(reviews_due=2), events=events)) == []


def test_w2_and_w6_of_an_incident_that_may_move() -> None:
    quiet = [replace(WROTE, at=NOW - timedelta(minutes=61))]
    old = replace(PAGE, timeline=(an_entry("trigger", 160), an_entry("acknowledge", 156, ANA)))
    (problem,) = found(handoff(old, comments=quiet))
    assert (problem.code, problem.fix) == ("W2", 'oncall incident update "…" --page 4060')
    assert codes(found(handoff(said=saying(if_then=(), posture="active")))) == ["W6"]
    assert found(handoff(old, comments=quiet, said=saying(if_then=(), posture="stable"))) == []


def test_w4_a_summary_that_nobody_reads_and_more_incidents_than_slack_names() -> None:
    assert only(found(handoff(said=saying(summary="word " * 121)))) == ("W4", "warning", REF, "summary")
    assert found(handoff(said=saying(summary="word " * 120))) == []
    many = [replace(PAGE, id=f"Q1MANY{number:05}", number=number) for number in range(NAMED + 1)]
    told = [each for each in found(handoff(*many)) if each.code == "W4"]
    assert only(told)[2:] == (ANA.name, "incidents")
    assert "W4" not in codes(found(handoff(*many[2:])))


def test_w5_the_third_hand_off_that_says_the_same() -> None:
    def after(last: Said, earlier: Said | None) -> list[str]:
        told = handoff()
        before = Before(NOW, last, "", earlier)
        return codes(found(replace(told, incidents=(replace(told.incidents[0], before=before),))))

    assert after(SAID, SAID) == ["W5"]
    assert after(SAID, None) == after(SAID, saying(state="new")) == after(saying(tried="x"), SAID) == []


@pytest.mark.parametrize(
    ("text", "endless"),
    [
        ("alert silenced on the build pool", True),
        ("the canary rule is disabled", True),
        ("disabled the noisy detection", True),
        ("snoozed 4110", True),
        ("maintenance of the vault until 18:00 UTC", False),
        ("rule muted for 2h", False),
        ("silence ends 2026-11-24", False),
        ("key disabled in IAM", False),
    ],
)
def test_w7_a_silence_without_an_end(text: str, endless: bool) -> None:
    problems = found(handoff(said=saying(state=f"fine\n{text}")))
    assert [(each.code, each.field) for each in problems] == ([("W7", "state")] if endless else [])
    events = [Event(NOW, "note", text=text, data={"kind": "note"})]
    assert codes(found(handoff(events=events))) == (["W7"] if endless else [])


def test_w8_written_too_late() -> None:
    late = END - timedelta(minutes=20)
    (problem,) = found(handoff(), typed_at=late)
    assert (problem.code, problem.message) == ("W8", "written 20 min before the end of the shift")
    (problem,) = found(handoff(), typed_at=END + timedelta(minutes=1))
    assert problem.message == "written after the end of the shift"
    assert found(handoff(), typed_at=END - timedelta(minutes=30)) == []
    assert codes(found(handoff(), until=late)) == ["W8"], "nothing was typed, so it is written now"


def test_w9_an_improvement_unfiled_for_longer_than_a_shift() -> None:
    ago, kind = timedelta(hours=12, minutes=1), {"kind": "automate"}
    late = Event(NOW - ago, "note", text="script it", data=kind, uid="3f2a9c01d4e5")
    other = Event(NOW - ago, "note", text="filed", data=kind)
    events = [
        late,
        Event(NOW - timedelta(hours=12), "note", text="x", data=kind),
        other,
        filed(other.uid, "g/p#3", NOW),
    ]
    (problem,) = found(handoff(events=events))
    assert problem == Problem(
        "W9",
        "warning",
        "3f2a9c01",
        "improvements",
        "automate, unfiled for 12 h 1 min: script it",
        "oncall improve --note 3f2a9c01",
    )


def test_w10_a_page_that_no_open_issue_is_about() -> None:
    (problem,) = found(handoff(issue={}))
    assert (problem.code, problem.subject, problem.fix) == ("W10", ONE, "oncall incident file 4060")
    (problem,) = found(handoff(issue={"state": "closed"}))
    assert (problem.code, problem.fix) == ("W10", f"reopen it: oncall open {REF}")


def test_w11_somebody_engaged_who_goes_off_before_the_next_step() -> None:
    acked = replace(PAGE, timeline=(*PAGE.timeline, an_entry("acknowledge", 50, BEN)))

    def until(hours: float) -> list[Problem]:
        backup = OnCall(BEN, None, NOW + timedelta(hours=hours), schedule="Backup")
        return found(handoff(acked), turns=[*TURNS, backup])

    assert only(until(1)) == ("W11", "warning", REF, "engaged")
    assert until(3) == []
    assert found(handoff(acked), turns=[OnCall(BEN, None, None, schedule="Backup")]) == []


def test_w12_an_issue_that_nobody_touched_since_its_alarm_is_off() -> None:
    off = replace(PAGE, status="resolved", resolved_at=NOW - timedelta(minutes=30))
    assert only(found(handoff(off, issue={"updated_at": NOW - timedelta(minutes=31)})))[:1] == ("W12",)
    assert found(handoff(off, issue={"updated_at": NOW - timedelta(minutes=29)})) == []


def test_w13_nowhere_to_post_it() -> None:
    problems = found(handoff(), destinations=Destinations())
    assert [each.fix for each in problems] == [
        "export ONCALL_HANDOFF_SLACK_CHANNEL=…",
        "export ONCALL_HANDOFF_PROJECT=…",
    ]
    quiet = replace(handoff(), incidents=())
    assert found(quiet, destinations=Destinations()) == []


def test_w14_a_page_that_was_resolved_without_an_ack() -> None:
    quiet = done(TWO)
    assert only(found(handoff(PAGE, quiet))) == ("W14", "warning", TWO, "pages")


def test_w15_a_gap_after_the_shift() -> None:
    late = [TURNS[0], replace(TURNS[1], start=END + timedelta(hours=3)), OnCall(BEN, None, None, schedule="Backup")]
    (problem,) = found(handoff(turns=late))
    assert (problem.code, problem.message) == (
        "W15",
        "nobody is on call for 3 h after this shift; Ben Okafor is the backup meanwhile",
    )


def test_the_page_on_lint_has_every_rule() -> None:
    root = Path(__file__).resolve().parents[2]
    rules = "".join(
        (root / "secops_oncall" / "domain" / f"{name}.py").read_text("utf-8") for name in ("lint", "lint_incidents")
    )
    told = re.findall(r"^\| ([EW]\d+) \|", (root / "docs" / "handoff-lint.md").read_text("utf-8"), re.MULTILINE)
    assert told == [*(f"E{number}" for number in range(1, 10)), *(f"W{number}" for number in range(1, 16))]
    assert set(told) == set(re.findall(r'"([EW]\d+)"', rules))
