import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from secops_oncall.domain.charge import Break, Charge, Left
from secops_oncall.domain.marks import Mark, MarkedNote
from secops_oncall.domain.pages import LogEntry, Page, PageNote, PendingAction, WholeIssue
from secops_oncall.domain.people import Person
from secops_oncall.domain.whole import whole_issue
from secops_oncall.views.showing import print_page
from tests.views.samples import (
    BEN,
    CANARY,
    CLEAN,
    COMMENTS,
    DETAIL,
    HOSTILE,
    LATE,
    LEAK_ISSUE,
    LEAKED,
    NOW,
    SNOOZED,
    Consoles,
    ago,
    ahead,
)

BERLIN = ZoneInfo("Europe/Berlin")
WHOLE_ISSUE = replace(whole_issue(LEAK_ISSUE), notes=tuple(COMMENTS))
RESOLVED = replace(LATE, status="resolved", ack_deadline=None)


def test_one_page_whole() -> None:
    consoles = Consoles(width=80)
    print_page(consoles.streams, DETAIL, "text", NOW, BERLIN)
    assert (
        consoles.out
        == """\
4112 Leaked key: AWS access key in acme/mobile-app commit 3f2a91c
  ✓ acked, high urgency, P2
  Service     Secret Detection
  Began       2 h 8 min ago, 11:52 UTC (12:52 CET)
  Owner       Ana Ferreira, acked 11:59 UTC (12:59 CET)
  Acting      Ana Ferreira, the owner
  Assigned    Ana Ferreira
  Engaged     Ben Okafor
  Issue       acme/operations#101, open, confidential, assigned to ana,
              incident, severity::2
              Leaked key: AWS access key in acme/mobile-app
              https://gitlab.example.com/acme/operations/-/issues/101
  Runbook     https://runbooks.example.com/leaked-credentials
  Bridge      https://example.zoom.us/j/98765432100
  Links       https://acme.pagerduty.com/incidents/Q1LEAKEDKEY0005
              https://scanner.example.com/findings/77
  Similar     Q1OLDLEAK 9 d ago, Leaked key: npm token in acme/web-app

Details
  repository  acme/mobile-app
  commit      3f2a91c
  key         AKIA… (masked by the scanner)

2 alerts
  critical AWS access key in config/deploy.yml
  warning The same key in a fork

Notes in PagerDuty
  12:30 UTC (13:30 CET), Ben Okafor
    Rotated in the console.
    Old key is deactivated, not deleted.

Notes in the issue
  12:40 UTC (13:40 CET), ben, internal
    CloudTrail: 3 calls from 203.0.113.7, all denied.

Time line
  11:52 UTC (12:52 CET)  Triggered by Push-protection scanner
  11:59 UTC (12:59 CET)  Acknowledged by Ana Ferreira
  12:24 UTC (13:24 CET)  acknowledge by Ben Okafor

Next
  oncall note "what you saw" --page 4112  write it down at once
  oncall resolve 4112                     the alarm; the work goes on in the
                                          issue
"""
    )
    assert consoles.err == ""


def whole(page: Page, **consoles: object) -> str:
    known = {name: getattr(page, name) for name in Page.__dataclass_fields__ if name not in ("links", "issue")}
    made = Consoles(**consoles)  # type: ignore[arg-type]
    print_page(made.streams, replace(DETAIL, **known, issue=None, acting=None), "text", NOW)
    return made.out


def test_an_unacked_page_says_when_the_manager_is_paged() -> None:
    text = whole(CANARY)
    assert "  ! triggered, high urgency, P1\n" in text
    assert "  Next        manager in 11 min, 14:11 UTC\n" in text
    assert "  Owner       nobody yet: whoever acks it owns it\n" in text
    assert "  Issue       none known\n" in text
    assert "  oncall ack 4117  make it yours: whoever acks owns it\n" in text


def test_a_late_one_is_red() -> None:
    text = whole(LATE, environ={"NO_COLOR": ""})
    assert "\x1b[1;31mmanager paged 6 min ago, 13:54 UTC\x1b[0m" in text


def test_a_resolved_and_a_snoozed_page() -> None:
    assert "  Owner       nobody: it was resolved without an ack\n" in whole(RESOLVED)
    assert "  Next        back in 2 h, 16:00 UTC\n" in whole(replace(SNOOZED, whose_shift=None))


@pytest.mark.parametrize(("whose", "told"), [("Chen Wei", "in Chen Wei's shift"), ("nobody", "when nobody is on call")])
def test_a_snoozed_page_says_in_whose_shift_it_comes_back(whose: str, told: str) -> None:
    page = replace(SNOOZED, whose_shift=whose)
    assert f"  Next        back in 2 h, 16:00 UTC, {told}\n" in whole(page)
    assert "Next        " not in whole(replace(page, snoozed_until=ago(1)))


def test_a_page_on_its_last_level_says_since_when_the_manager_has_it() -> None:
    last = replace(LATE, ack_deadline=None, escalated_at=ago(6))
    assert "  Next        manager paged 6 min ago, 13:54 UTC\n" in whole(last)
    assert "\x1b[1;31mmanager paged 6 min ago" in whole(last, environ={"NO_COLOR": ""})


def test_who_acts_is_told_beside_the_owner_where_it_is_another_one() -> None:
    consoles = Consoles()
    print_page(consoles.streams, replace(DETAIL, acting=BEN), "text", NOW)
    assert "  Owner       Ana Ferreira, acked 11:59 UTC\n  Acting      Ben Okafor\n" in consoles.out
    assert "Acting" not in whole(CANARY)


def test_all_that_pagerduty_does_by_itself_is_told_soonest_first() -> None:
    ends, begins = PendingAction("unacknowledge", ahead(120)), PendingAction("escalate", ahead(11))
    more = (
        PendingAction("resolve", ahead(60)),
        PendingAction("urgency_change", ago(1)),
        PendingAction("new_thing", NOW),
    )

    def told(page: Page, *actions: PendingAction) -> list[str]:
        consoles = Consoles()
        known = {name: getattr(page, name) for name in Page.__dataclass_fields__ if name not in ("links", "issue")}
        shown = replace(DETAIL, **(known | {"pending": actions}), pending_actions=actions)
        print_page(consoles.streams, shown, "text", NOW)
        return [line.strip() for line in consoles.out.split("  Next  ")[1].split("  Owner")[0].splitlines()]

    assert told(CANARY, begins, more[0]) == ["manager in 11 min, 14:11 UTC", "resolves by itself in 1 h, 15:00 UTC"]
    assert told(LEAKED, ends, *more) == [
        "urgency changes: due 1 min ago, 13:59 UTC",
        "new thing: due 0 s ago, 14:00 UTC",
        "resolves by itself in 1 h, 15:00 UTC",
        "ack runs out in 2 h, 16:00 UTC",
    ]
    assert told(SNOOZED, ends, more[0]) == [
        "resolves by itself in 1 h, 15:00 UTC",
        "back in 2 h, 16:00 UTC, in Chen Wei's shift",
    ]
    assert told(LEAKED, begins) == ["next level in 11 min, 14:11 UTC"]


def test_a_time_of_another_day_has_its_date() -> None:
    text = whole(replace(LEAKED, created_at=ago(60 * 24)))
    assert "  Began       1 d ago, 2026-11-22 14:00 UTC\n" in text


def test_a_long_page_says_what_it_leaves_out() -> None:
    page = replace(
        DETAIL,
        details={f"key {n}": str(n) for n in range(15)},
        timeline=tuple(LogEntry(ago(n), "note", "Ana", f"entry {n}") for n in range(12)),
        notes=(PageNote(ago(9), "Ana", "first"), *(PageNote(ago(1), "Ana", "\n".join("abcdef")) for _ in range(3))),
        issue=replace(WHOLE_ISSUE, notes=tuple(replace(COMMENTS[1], id=n) for n in range(4))),
    )
    consoles = Consoles()
    print_page(consoles.streams, page, "text", NOW)
    assert "Notes in PagerDuty\n  … 1 more: oncall show 4112 --json\n" in consoles.out
    assert "Notes in the issue\n  … 1 more: oncall show 4112 --json\n" in consoles.out
    assert "  key 11      11\n  … 3 more: oncall show 4112 --json\n" in consoles.out
    assert "Time line\n  … 2 more: oncall show 4112 --json\n  13:51 UTC  entry 9\n" in consoles.out
    assert "    d\n    … 2 more lines\n" in consoles.out


def test_hostile_text_stays_text_and_urls_stay_whole() -> None:
    url = f"https://example.com/{'x' * 120}"
    page = replace(
        DETAIL,
        title=HOSTILE,
        details={HOSTILE: HOSTILE},
        links=(url,),
        notes=(PageNote(ago(1), HOSTILE, HOSTILE),),
        issue=replace(WHOLE_ISSUE, title=HOSTILE),
        issue_candidates=(replace(WHOLE_ISSUE, title=HOSTILE),),
    )
    consoles = Consoles(width=60)
    print_page(consoles.streams, page, "text", NOW)
    assert consoles.out.startswith(f"4112 {CLEAN}\n")
    assert all(line.isprintable() for line in consoles.out_lines)
    assert f"              {url}" in consoles.out_lines
    assert "oncall:x" not in consoles.out


def test_everything_else_fits_60_columns() -> None:
    consoles = Consoles(width=60)
    print_page(consoles.streams, DETAIL, "text", NOW, BERLIN)
    assert all(len(line) <= 60 or "https://" in line for line in consoles.out_lines)


def test_of_several_issues_each_is_named() -> None:
    linked = WholeIssue("acme/infra#7", "https://gitlab.example.com/acme/infra/-/issues/7")
    consoles = Consoles(width=100)
    several = replace(DETAIL, issue=None, issue_candidates=(WHOLE_ISSUE, linked))
    print_page(consoles.streams, several, "text", NOW)
    assert consoles.out.split("  Issue       ")[1].startswith(
        "one of 2:\n"
        "              acme/operations#101, open, confidential: Leaked key: AWS access key in acme/mobile-app\n"
        "              acme/infra#7\n"
        "  Runbook     "
    )


def test_of_an_issue_that_could_not_be_read_only_its_name_is_told() -> None:
    consoles = Consoles()
    print_page(consoles.streams, replace(DETAIL, issue=WholeIssue("acme/infra#7", "https://x/7")), "text", NOW)
    assert "  Issue       acme/infra#7\n              https://x/7\n" in consoles.out
    assert "Notes in the issue" not in consoles.out


@pytest.mark.parametrize("page", [RESOLVED, CANARY, replace(LEAKED, owner=None)])
def test_an_owner_whom_only_the_log_would_tell_is_not_said_to_be_nobody(page: Page) -> None:
    known = {name: getattr(page, name) for name in Page.__dataclass_fields__ if name not in ("links", "issue")}
    consoles = Consoles()
    print_page(consoles.streams, replace(DETAIL, **known, timeline=()), "text", NOW)
    assert "  Owner       not known: its log could not be read\n" in consoles.out
    assert "Time line" not in consoles.out


def test_json_is_the_page() -> None:
    consoles = Consoles(terminal=False)
    print_page(consoles.streams, replace(DETAIL, ack_deadline=ahead(1)), "json", NOW)
    found = json.loads(consoles.out)
    assert found["id"] == "Q1LEAKEDKEY0005"
    assert found["ack_deadline"] == "2026-11-23T14:01:00Z"
    issue = found["issue"]
    assert (issue["assignees"], issue["labels"]) == (["ana"], ["incident", "severity::2"])
    assert issue["notes"][1] == {
        "id": 2,
        "at": "2026-11-23T12:40:00Z",
        "author": "ben",
        "text": "CloudTrail: 3 calls from 203.0.113.7, all denied.",
        "internal": True,
        "system": False,
    }
    assert found["acting"] == {"id": "PANA001", "name": "Ana Ferreira", "email": "ana@example.com"}
    assert found["engaged"] == [{"id": "PBEN002", "name": "Ben Okafor", "email": "ben@example.com"}]


def test_who_acts_is_told_where_a_note_says_so_with_what_it_waits_for_and_who_left() -> None:
    ben = Person("PBEN002", "Ben Okafor")
    gone = Break("ana", ben, ahead(-30), ahead(45))
    whose = Charge(acting=ben, since=ahead(-30), breaks=(gone,), left=(Left(Person("", "Zoe"), ahead(-10)),))
    consoles = Consoles()
    print_page(consoles.streams, replace(DETAIL, acting=ben, charge=whose), "text", NOW)
    assert "  Acting      Ben Okafor, since 13:30 UTC, until 14:45 UTC\n" in consoles.out
    assert "              Zoe left 13:50 UTC\n" in consoles.out
    posted = MarkedNote(1, Mark("handoff", "-", "issue-1"), "ana", NOW, "")
    waits = replace(whose, breaks=(), posted=posted)
    consoles = Consoles()
    print_page(consoles.streams, replace(DETAIL, acting=ben, charge=waits), "text", NOW)
    assert "  Acting      Ben Okafor, since 13:30 UTC, the hand-off waits for its read-back\n" in consoles.out
    consoles = Consoles()
    print_page(consoles.streams, replace(DETAIL, acting=ben, charge=Charge(acting=ben)), "text", NOW)
    assert "  Acting      Ben Okafor\n" in consoles.out
