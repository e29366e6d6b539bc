"""`oncall show` where not everything can be read, and where it is not one issue that a page has."""

import pytest

from secops_oncall.sandbox.pagerduty_changes import annotate
from secops_oncall.sandbox.pagerduty_records import INCIDENT, require
from tests.cli.conftest import NOW, Oncall, Served, two_lines

LEAKED = "/incidents/Q1LEAKEDKEY0005"


@pytest.mark.parametrize(("part", "name"), [("log_entries", "log"), ("alerts", "alerts"), ("notes", "notes")])
def test_what_cannot_be_read_is_told_in_two_lines_and_the_rest_is_shown(
    oncall: Oncall, served: Served, part: str, name: str
) -> None:
    served.fail("GET", f"{LEAKED}/{part}", 500, times=-1)
    ran = oncall("show", "4112", **served.environ())
    assert (ran.code, two_lines(ran.err)) == (7, True)
    assert f"page 4112: its {name} could not be read: " in ran.err
    missing = {"log": "Time line\n", "alerts": "Details\n", "notes": "Notes in PagerDuty\n"}
    assert [words for words in missing.values() if words not in ran.out] == [missing[name]]
    assert "  Owner       Ana Ferreira, acked 12:06 UTC\n" in ran.out
    assert "acme-security/operations#101, open, confidential, assigned to ana" in ran.out


def test_the_source_of_the_owner_is_said(oncall: Oncall, served: Served) -> None:
    served.fail("GET", "/log_entries", 500, times=-1)
    acked = oncall("show", "4112", "--json", **served.environ()).json
    assert (acked["owner"]["name"], acked["owner_source"]) == ("Ana Ferreira", "acknowledgement")
    resolved = oncall("show", "4108", **served.environ())
    assert "  Owner       not known: its log could not be read\n" in resolved.out


def test_a_page_of_which_nothing_else_can_be_read_is_shown(oncall: Oncall, served: Served) -> None:
    served.fail("GET", "/incidents/[^/?]*(?:[?]|$)", 0, times=1)
    served.fail("*", ".", 503, times=-1)
    ran = oncall("show", "Q1LEAKEDKEY0005", **served.environ())
    assert ran.out.startswith("4112 Leaked key: AWS access key in acme/mobile-app commit 3f2a91c\n")
    assert "  Owner       Ana Ferreira, acked 12:06 UTC\n" in ran.out
    assert ran.code == 7
    first, second = ran.err.split("oncall: ")[1:]
    assert first.startswith("page 4112: its log, alerts, notes could not be read: PagerDuty ")
    assert second.startswith("GitLab ")


def noted(served: Served, page: str, text: str) -> None:
    """A note on a page, as a colleague writes it in PagerDuty."""
    with served.services.store.state() as state:
        annotate(state, require(state, INCIDENT, page), text, "PBEN002", NOW)


def test_an_issue_is_found_through_a_note_of_the_page(oncall: Oncall, served: Served) -> None:
    elsewhere = f"{served.services.addresses.gitlab}/acme-security/engineering/-/issues/209"
    noted(served, "Q1SNOOZEDVPN007", f"Ben: it is the same as {elsewhere}.")
    ran = oncall("show", "4110", **served.environ())
    assert (ran.code, ran.err) == (0, "")
    assert "  Issue       acme-security/engineering#209, open, assigned to ana" in ran.out
    assert f"              {elsewhere}\n" in ran.out


def test_several_issues_are_listed_and_none_is_guessed(oncall: Oncall, served: Served) -> None:
    elsewhere = f"{served.services.addresses.gitlab}/acme-security/engineering/-/issues/209"
    noted(served, "Q1LEAKEDKEY0005", f"see {elsewhere}")
    ran = oncall("show", "4112", **served.environ())
    told = "several issues name page 4112: acme-security/operations#101, acme-security/engineering#209"
    assert (ran.code, ran.err) == (0, f"! {told}\n")
    assert "  Issue       one of 2:\n              acme-security/operations#101, open, confidential: Leaked" in ran.out
    whole = oncall("show", "4112", "--json", **served.environ()).json
    assert whole["issue"] is None
    assert [one["ref"] for one in whole["issue_candidates"]] == told.partition(": ")[2].split(", ")
    assert [one["state"] for one in whole["issue_candidates"]] == ["opened", None]


@pytest.mark.parametrize("status", [402, 403])
def test_what_the_plan_lacks_is_left_out_without_a_word(oncall: Oncall, served: Served, status: int) -> None:
    assert "  Similar     " in oncall("show", "4110", **served.environ()).out
    served.fail("GET", "past_incidents|related_incidents|custom_fields", status, times=-1)
    ran = oncall("show", "4110", **served.environ())
    assert (ran.code, ran.err) == (0, "")
    assert [words for words in ("  Similar ", "  Related ", "  Fields ") if words in ran.out] == []


def test_json_holds_all_that_the_screen_has(oncall: Oncall) -> None:
    whole = oncall("show", "4112", "--json").json
    issue = whole["issue"]
    assert (issue["assignees"], issue["labels"]) == (["ana"], ["incident", "severity::2"])
    assert set(issue["notes"][0]) == {"id", "at", "author", "text", "internal", "system"}
    comments = [note for note in issue["notes"] if not note["system"]]
    screen = oncall("show", "4112").out
    assert [note["author"] for note in comments] == ["ana", "ben", "ben", "ana"]
    assert "Notes in the issue\n  … 1 more: oncall show 4112 --json\n" in screen
    assert all(note["text"][:40] in screen for note in (*whole["notes"], *comments[1:]))


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("page", ["4112", "4110", "4117", "4115", "4108"])
def test_it_fits_a_narrow_terminal_and_breaks_no_url(oncall: Oncall, page: str, width: int) -> None:
    lines = oncall("show", page, screen=True, COLUMNS=str(width)).out.splitlines()
    assert [line for line in lines if len(line) > width and "://" not in line] == []
