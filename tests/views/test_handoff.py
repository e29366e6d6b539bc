"""The hand-off document: whole, quiet, and with every text in it as hostile as can be."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secops_oncall.domain.documents import Destinations
from secops_oncall.domain.events import Event, filed, notes
from secops_oncall.domain.handoff import Background, Handoff, Unread, write
from secops_oncall.domain.issues import Issue, IssueNote, LinkedIssue
from secops_oncall.domain.lint import Context, linted
from secops_oncall.domain.open_work import Facts
from secops_oncall.domain.pages import PageDetail, PageNote
from secops_oncall.domain.people import OnCall, Person, Role, RoleName
from secops_oncall.domain.reviews import elsewhere, ended, verdict
from secops_oncall.domain.rota import Rota
from secops_oncall.domain.said import LINES, TEXTS, Said, normal
from secops_oncall.domain.shifts import Shift
from secops_oncall.domain.text import clean
from secops_oncall.domain.traces import NextStep
from secops_oncall.views.handoff import markdown
from secops_oncall.views.incidents import Reader, note
from tests.fakes import ME, NOW, a_page, an_entry, an_issue
from tests.gitlab_rules import acts

ANA, BEN, CHEN = ME.person, Person("PBEN002", "Ben Okafor"), Person("PCHEN03", "Chen Wei")
START, END = NOW - timedelta(hours=5), NOW + timedelta(hours=7)
GITLAB = "https://gitlab.example.com"
REF = "acme/operations#101"
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Security Responder", 1),
    "backup": RoleName("Backup", None),
    "manager": RoleName("Security Responder", 2),
}
SHIFT = Shift("engineer/PANA001/x", START, END, "weekday", "engineer", ANA, "Security Responder")
TURNS = [
    OnCall(ANA, START, END, "Security Responder", 1, time_zone="Europe/Lisbon"),
    OnCall(CHEN, END, END + timedelta(hours=12), "Security Responder", 1, time_zone="Asia/Singapore"),
    OnCall(BEN, None, None, schedule="Backup"),
]
SIX = (
    "* **Issue Summary**: ",
    "* **Related Issues**: ",
    "* **Who's Engaged**: ",
    "* **Active Zoom Bridge**: ",
    "* **Slack Channel(s)/Thread(s)**: ",
    "* **Next Steps**:",
)


def composed(
    pages: Iterable[PageDetail] = (),
    issues: Iterable[Issue] = (),
    events: Sequence[Event] = (),
    turns: Sequence[OnCall] = TURNS,
    background: Background | None = None,
    me: Person = ANA,
    **more: Any,
) -> Handoff:
    known = {page.id: page for page in pages}
    facts = Facts(
        START,
        NOW,
        me,
        GITLAB,
        frozenset(page.id for page in known.values() if page.status != "resolved"),
        known,
        {issue.ref: issue for issue in issues},
        journal=notes(events, START),
        **more,
    )
    known_so_far = background or Background()
    handoff = write(facts, Rota(replace(SHIFT, user=me), ROLES, turns), events, known_so_far)
    mine = [page for page in known.values() if page.status == "triggered" and page.is_mine(me.id)]
    somewhere = Destinations("acme/handovers", "#secops")
    return linted(handoff, Context(NOW, known_so_far.unread, mine, turns, destinations=somewhere))


def a_shift() -> Handoff:
    """A key that leaked and was rotated, a canary that nobody acked, and what is around them."""
    log = (
        an_entry("trigger", 128),
        an_entry("acknowledge", 121, ANA),
        an_entry("annotate", 96, BEN, "Note added by Ben Okafor"),
        an_entry("resolve", 90, ANA),
    )
    bridge = "https://example.zoom.us/j/987"
    wrote = (PageNote(NOW - timedelta(minutes=96), BEN.name, "Rotated in the console"),)
    known = {"number": 4112, "timeline": log, "notes": wrote, "conference_url": bridge}
    leak = a_page("Q1LEAKEDKEY0005", "resolved", minutes=128, **known)
    canary = a_page(
        "Q1CANARYTOKEN01",
        minutes=4,
        number=4117,
        title="Canary opened: ![x](https://evil.example/p.png) @all",
        assigned_to=(ANA,),
        ack_deadline=NOW + timedelta(minutes=11),
    )
    issue = an_issue(
        REF,
        "Q1LEAKEDKEY0005\n- [ ] Rotate the deploy key, @ben, by 16:00 UTC\n- [ ] Ask legal",
        minutes=126,
        title="Leaked key",
        confidential=True,
        assignees=("ana",),
    )
    text = "3 calls, all denied. https://acme.slack.com/archives/C0SECOPS/p17"
    said = IssueNote(1, NOW - timedelta(minutes=35), "ben", text, internal=True, system=False)
    linked = LinkedIssue(
        "acme/infra#7", "Rotate the token", f"{GITLAB}/acme/infra/-/issues/7", "opened", False, ("eva",)
    )
    done = an_issue("acme/operations#98", "Q1OLDPAGE0001", title="Container escape", state="closed", updated_at=NOW)
    events = [
        Event(NOW - timedelta(minutes=15), "note", "Q1LEAKEDKEY0005", "called the owner", {"kind": "note"}),
        Event(NOW - timedelta(minutes=10), "note", "", "deactivate keys by script", {"kind": "automate"}),
    ]
    said_so = Said(state="no use seen", posture="watch", if_then=("If a call succeeds, page the manager",))
    return composed(
        [leak, canary],
        [issue, done],
        events,
        background=Background([an_issue("acme/engineering#41", title="Tune the canary rule")]),
        comments={REF: [said]},
        links={REF: [linked]},
        said={REF: said_so},
        people={"ana": ANA, "ben": BEN},
    )


def test_the_whole_document() -> None:
    assert markdown(a_shift(), NOW) == Path(__file__).with_name("handoff.md").read_text("utf-8")


def test_a_quiet_shift_is_two_lines() -> None:
    pick = an_issue("acme/engineering#41", title="Tune the canary rule")
    assert markdown(composed(background=Background([pick], reviews_due=3)), NOW) == (
        "# Hand-off: Ana Ferreira → Chen Wei, 2026-11-23 09:00 UTC to 2026-11-23 21:00 UTC (2026-11-24 05:00 +08)\n"
        "Quiet: no open incidents, no pages, nothing coming up; reviews 0/3; backlog kept by Ana Ferreira: "
        "Tune the canary rule, [`acme/engineering#41`](<https://gitlab.example.com/acme/engineering/-/issues/41>).\n"
    )


def test_a_week_s_turn_is_no_weekday() -> None:
    weekly = replace(a_shift(), shift=replace(SHIFT, role="backup", usual=False))
    assert "\n**Shift:** backup | " in markdown(weekly, NOW)


def test_what_is_overdue_of_the_backlog_is_called_so() -> None:
    picks = [an_issue(f"acme/engineering#{day}", due_date=f"2026-11-{day}") for day in (22, 23)]
    told = markdown(composed(background=Background(picks, today=date(2026, 11, 23))), NOW)
    assert "engineering/-/issues/22>), due 2026-11-22, **overdue**, `About" in told
    assert told.endswith("engineering/-/issues/23>), due 2026-11-23.\n")
    assert "overdue" not in markdown(composed(background=Background(picks)), NOW)


@pytest.mark.parametrize(
    "handoff",
    [
        composed(turns=TURNS[:1]),
        composed([a_page("Q1PAGE00001")]),
        composed(events=[Event(NOW, "note", text="n", data={"kind": "note"})]),
        composed(events=[Event(START - timedelta(days=1), "note", text="n", data={"kind": "risk"})]),
        composed(issues=[an_issue(REF, "Q1PAGE00001", state="closed", updated_at=NOW)]),
        composed(background=Background(unread=[Unread("GitLab", "no answer", "again")])),
    ],
    ids=["nobody incoming", "a page", "a note", "an improvement", "a closed issue", "an outage"],
)
def test_a_shift_with_anything_to_tell_is_not_quiet(handoff: Handoff) -> None:
    assert "Quiet" not in markdown(handoff, NOW)
    assert "## Start here" in markdown(handoff, NOW)


NINTH = "[`acme/engineering#9`](<https://gitlab.example.com/acme/engineering/-/issues/9>)"


def test_an_improvement_is_a_link_or_unfiled() -> None:
    events = [
        Event(NOW, "note", text="/close @all", data={"kind": "question"}, uid="a"),
        Event(NOW, "note", text="script it", data={"kind": "automate"}, uid="b"),
        filed("a", "acme/engineering#9", NOW),
    ]
    text = markdown(composed(events=events), NOW)
    assert f"## Improvements\n\n* {NINTH} question: \u2060/close @\u2060all\n* UNFILED automate: script it\n" in text


def test_of_a_risk_that_was_filed_only_where_it_is_stands_there_and_nowhere_its_words() -> None:
    noted = [
        Event(START, "note", text="the admin has the default password", data={"kind": "risk"}, uid="a"),
        Event(START, "note", text="who may read it", data={"kind": "question"}, uid="b"),
    ]
    unfiled = markdown(composed(events=noted), NOW)
    assert unfiled.count("risk: the admin has the default password") == 2
    ends = [filed("a", "acme/engineering#9", NOW), filed("b", "acme/engineering#9", NOW, confidential=True)]
    text = markdown(composed(events=[*noted, *ends]), NOW)
    assert f"## Improvements\n\n* {NINTH} risk\n* {NINTH} question\n\n" in text
    assert f" risk: filed as {NINTH}\n" in text
    assert f" question: filed as {NINTH}\n" in text
    assert not any(words in text for words in ("default password", "may read"))


def test_none_is_said_only_where_it_is_known() -> None:
    page = a_page("Q1PAGE00001")
    assert "* **Related Issues**: None\n" in markdown(composed([page]), NOW)
    lost = markdown(composed([page], background=Background(unread=[Unread("GitLab", "no answer", "again")])), NOW)
    assert "* **Related Issues**: **[unknown: GitLab could not be read]**\n" in lost
    assert "* **GitLab could not be read: what it knows is missing here**\n" in lost
    assert "None" not in lost.replace("None is recorded", "")


def test_a_storm_is_one_line_of_the_time_line() -> None:
    pages = [a_page(f"Q1STORM{n:05}") for n in range(30)]
    issue = an_issue(REF, " ".join(page.id for page in pages))
    assert "2026-11-23 13:00 paged (×30)\n" in markdown(composed(pages, [issue]), NOW)


def test_a_time_line_over_midnight_says_the_day_again() -> None:
    log = (an_entry("trigger", 60), an_entry("acknowledge", 59, ANA), an_entry("escalate", 3))
    told = markdown(composed([a_page("Q1PAGE00001", "acknowledged", timeline=log)]), NOW)
    assert "2026-11-23 13:00 paged, 13:01 acked by Ana Ferreira (1 min), 13:57 escalated by EDR\n" in told
    (incident,) = composed([a_page("Q1PAGE00001", "acknowledged", timeline=log)]).incidents
    later = replace(incident.timeline[2], at=NOW + timedelta(hours=10, minutes=5))
    text = note(replace(incident, timeline=(*incident.timeline[:2], later)), Reader())
    assert text.endswith("13:01 acked by Ana Ferreira (1 min), 2026-11-24 00:05 escalated by EDR")


def test_times_are_utc_and_the_readers_own() -> None:
    lisbon = Reader("Europe/Lisbon")
    assert lisbon.when(NOW) == "2026-11-23 14:00 UTC"
    assert Reader("America/New_York").when(NOW) == "2026-11-23 14:00 UTC (09:00 EST)"
    assert Reader("Australia/Sydney").when(NOW) == "2026-11-23 14:00 UTC (2026-11-24 01:00 AEDT)"
    assert {Reader(name).when(NOW) for name in ("", "Eastern Time (US & Canada)", "../etc", "UTC")} == {
        lisbon.when(NOW)
    }


def test_a_bridge_that_no_link_can_hold_is_not_lost() -> None:
    odd = "https://example.zoom.us/j/1(2)"
    (incident,) = composed([a_page("Q1PAGE00001")]).incidents
    assert f"* **Active Zoom Bridge**: `{odd}`\n" in note(replace(incident, zoom=odd), Reader())


def test_what_was_done_for_a_page_without_open_work_is_resolved() -> None:
    log = (an_entry("trigger", 60), an_entry("acknowledge", 50, ANA), an_entry("resolve", 40, ANA))
    noise = a_page("Q1NOISE00001", "resolved", number=4107, title="Honeypot", timeline=log)
    told = markdown(composed([noise]), NOW)
    assert f"## Resolved this shift\n\n* Honeypot (page [4107](<{noise.url}>)): resolved\n" in told
    closed = an_issue(REF, noise.id, title="Honeypot noise", state="closed", updated_at=NOW)
    told = markdown(composed([noise], [closed]), NOW)
    assert f"## Resolved this shift\n\n* Honeypot noise, [`{REF}`](<{closed.url}>): closed\n\n" in told


# Hostile text

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="/@#~!`*_[]()<>|\\&$-+=>. \n\r\tclose", max_size=40),
    st.sampled_from(
        [
            "/close",
            "x\n/assign @all",
            "`` ` @all",
            "```\n/close\n```",
            "* **Next Steps**:\n* **Issue Summary**: fake",
            "- [ ] x, @all, by 15:00 UTC",
            "![p](https://evil.example/p.png)",
            "<!-- oncall:handoff forged -->",
            "www.evil.example",
            "\u2028/close\u2029@all",
            "\\`@all",
        ]
    ),
)


def hostile_shift(text: str) -> Handoff:
    """Every text that comes from elsewhere, or was typed, is the hostile one, as the clients would have cleaned it."""
    bad = clean(text)
    mallory = Person("PMAL", bad)
    log = (
        an_entry("trigger", 60),
        an_entry("acknowledge", 50, mallory),
        an_entry("escalate", 30, mallory),
    )
    wrote = (PageNote(NOW, bad, text),)
    known: Any = {"title": bad, "timeline": log, "notes": wrote, "snoozed_until": END + timedelta(hours=1)}
    page = a_page("Q1HOSTILE0001", "acknowledged", **known)
    alone = a_page("Q1ALONE00002", title=bad, assigned_to=(ANA,))
    gone = a_page("Q1GONE000003", "resolved", title=bad, timeline=(an_entry("trigger", 60), an_entry("resolve", 9)))
    description = f"{page.id}\n{text}\n- [ ] {bad}\n- [ ] ask, @mallory"
    issue = an_issue(REF, description, title=bad, assignees=(bad,), confidential=True)
    done = an_issue("acme/operations#98", page.id, title=bad, state="closed", updated_at=NOW)
    linked = LinkedIssue(bad, bad, bad, bad, True, (bad,))
    said = IssueNote(1, NOW - timedelta(minutes=9), bad, text, internal=False, system=False)
    events = [
        Event(NOW, "note", page.id, text, {"kind": "risk"}),
        Event(NOW, "review", data={"by": text, "seen": 1}),
    ]
    step = NextStep(text, text, NOW)
    parts: Any = dict.fromkeys(TEXTS, text) | dict.fromkeys(LINES, (text,)) | {"next_steps": (step,)}
    words = normal(Said(**parts))
    return composed(
        [page, alone, gone],
        [issue, done],
        events,
        [replace(turn, person=replace(mallory, id="PEVE")) for turn in TURNS[1:]],
        Background([issue], [Unread("GitLab", bad, bad, False)], time_zone=bad),
        comments={REF: [said]},
        links={REF: [linked]},
        said={page.id: words},
        people={"mallory": mallory},
        me=mallory,
    )


def outside_code(line: str) -> str:
    """A line without its code spans, as CommonMark finds them: a run of back-ticks up to the next one as long."""
    left = ""
    while found := re.search(r"`+", line):
        close = re.search(rf"(?<!`){found[0]}(?!`)", line[found.end() :])
        left += line[: found.start()] + " "
        line = line[found.end() + (close.end() if close else 0) :]
        left += "" if close else found[0]
    return left + line


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE)
def test_no_text_from_elsewhere_acts(text: str) -> None:
    quiet = composed(background=Background([an_issue(REF, title=clean(text))]), me=Person("PMAL", clean(text)))
    told = markdown(hostile_shift(text), NOW) + markdown(quiet, NOW)
    bare = [outside_code(line) for line in told.splitlines()]
    assert [line for line in told.split("\n") if line.startswith("/")] == []
    assert [line for line in bare if acts(line) or "<!-- oncall:" in line] == []
    incidents = hostile_shift(text).incidents
    assert len(incidents) == 2
    for heading in SIX:
        assert sum(line.startswith(heading) for line in told.splitlines()) == len(incidents)


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_the_documents_shape_does_not_depend_on_any_text(text: str) -> None:
    """Only headings of ours begin a section, whatever a text says."""
    sections = [line for line in markdown(hostile_shift(text), NOW).splitlines() if line.startswith("#")]
    calm = [line for line in markdown(hostile_shift("calm"), NOW).splitlines() if line.startswith("#")]
    assert len(sections) == len(calm)


def test_of_many_that_need_a_human_each_has_a_line_of_its_own() -> None:
    events = [verdict(an_issue(f"acme/engineering#{iid}"), "human", NOW) for iid in range(1, 33)]
    lines = markdown(composed(events=events), NOW).splitlines()
    first = lines.index("* **Needs a human (32):**") + 1
    assert lines[first] == "  * [`acme/engineering#1`](<https://gitlab.example.com/acme/engineering/-/issues/1>)"
    assert len([line for line in lines[first:] if line.startswith("  * [")]) == 32


def test_reviews_say_what_they_found_and_what_needs_a_human() -> None:
    seen = [
        verdict(replace(an_issue("acme/engineering#55"), change="new"), "human", NOW - timedelta(minutes=95)),
        verdict(an_issue("acme/engineering#56"), "skip", NOW - timedelta(minutes=95)),
    ]
    events = [
        *seen,
        ended(seen, "Ana Ferreira", NOW - timedelta(minutes=90)),
        elsewhere("Ana Ferreira", "on the board: @all", NOW),
    ]
    told = markdown(composed(events=events), NOW)
    assert (
        "## Reviews of labelled issues: 2/2\n\n"
        "* 2026-11-23 12:30 UTC by Ana Ferreira: 2 seen, 1 new, 0 changed: 1 needs a human, 1 skipped\n"
        "* 2026-11-23 14:00 UTC by Ana Ferreira: `made elsewhere: on the board: @all`\n"
        "* **Needs a human:** [`acme/engineering#55`](<https://gitlab.example.com/acme/engineering/-/issues/55>)\n"
    ) in told
    assert "W1" not in told
    noted = Event(NOW, "note", text="x")
    assert "W1 warning" in markdown(composed(events=[events[2], noted]), NOW)
    assert "W1" not in markdown(composed(), NOW), "a quiet shift stays two lines, which say 0/2"
