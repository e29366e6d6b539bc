"""`oncall issues`: every labelled issue of every configured place, once."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Oncall, Served, two_lines

ISSUE = {
    *("ref", "id", "iid", "project", "title", "url", "state", "labels", "assignees", "author", "created_at"),
    *("updated_at", "confidential", "due_date", "weight", "time_estimate", "change", "reviewed_at", "page"),
}


def test_open_labelled_issues_over_both_projects_newest_activity_first(oncall: Oncall) -> None:
    found = oncall("issues", "--label", "oncall", "--json").json
    assert len(found) == 32
    assert all(set(issue) == ISSUE for issue in found)
    assert {issue["project"] for issue in found} == {"acme-security/engineering", "acme-security/operations"}
    assert {issue["state"] for issue in found} == {"opened"}
    assert all("oncall" in issue["labels"] for issue in found)
    times = [issue["updated_at"] for issue in found]
    assert times == sorted(times, reverse=True)
    assert oncall("issues", "--json").json == found  # the label is the configured one


def test_labels_that_are_repeated_mean_any_of_them(oncall: Oncall) -> None:
    found = oncall("issues", "--label", "runbook", "--label", "edr", "--json").json
    labels = [set(issue["labels"]) & {"runbook", "edr"} for issue in found]
    assert {"runbook"} in labels
    assert {"edr"} in labels
    assert set() not in labels
    assert len({issue["ref"] for issue in found}) == len(found)


def test_a_place_that_is_named_twice_lists_nothing_twice(oncall: Oncall, served: Served) -> None:
    twice = served.environ(ONCALL_GITLAB_PROJECTS="acme-security/operations,acme-security/engineering")
    refs = oncall("issues", "-o", "ids", **twice).out.split()
    assert len(refs) == len(set(refs)) == 32


@pytest.mark.parametrize("form", ["ids", "tsv", "csv"])
def test_formats(oncall: Oncall, form: str) -> None:
    ran = oncall("issues", "-L", "3", "-o", form)
    rows = list(csv.reader(io.StringIO(ran.out), delimiter="," if form == "csv" else "\t"))[form == "csv" :]
    assert [row[0] for row in rows] == [issue["ref"] for issue in oncall("issues", "--json").json[:3]]
    assert ran.err == "3 of 32 shown\n"


def test_a_label_that_nobody_has_is_an_error_that_says_which_one_is_near(oncall: Oncall) -> None:
    for label, hint in (("on-call", "did you mean 'oncall'?"), ("nobody-uses-this", "issues.label")):
        ran = oncall("issues", "--label", label, "--json")
        assert (ran.code, ran.out, two_lines(ran.err)) == (5, "", True)
        assert f"no label '{label}' in acme-security" in ran.err
        assert hint in ran.err


def test_what_gitlab_takes_for_no_name_and_a_time_to_come_are_refused(oncall: Oncall) -> None:
    ran = oncall("issues", "--label", "None")
    assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
    assert "'None' is no label: GitLab takes it for issues that have none" in ran.err
    for command in ("issues", "pages"):
        ran = oncall(command, "--since", "2027-01-01")
        assert (ran.code, ran.out, two_lines(ran.err)) == (2, "", True)
        assert "'2027-01-01' is still to come" in ran.err


def test_a_label_that_exists_and_that_nothing_has_is_an_empty_list(oncall: Oncall) -> None:
    assert oncall("issues", "--label", "oncall-improvement", "--state", "closed", "--json").out == "[]\n"
    seen = oncall("issues", "--label", "oncall-improvement", "--state", "closed", screen=True)
    assert (seen.code, seen.out, seen.err) == (0, "", "No such issues.\n")


def test_filters(oncall: Oncall) -> None:
    every = oncall("issues", "--json").json

    def refs(*arguments: str) -> set[str]:
        return {issue["ref"] for issue in oncall("issues", "--json", *arguments).json}

    assert refs("--mine") == {one["ref"] for one in every if one["assignees"] == ["ana"]}
    assert refs("--unassigned") == {one["ref"] for one in every if not one["assignees"]}
    assert refs("--no-confidential") == {one["ref"] for one in every if not one["confidential"]} != refs()
    recent = refs("--since", "2026-11-23T06:00Z")
    assert recent == {one["ref"] for one in every if one["updated_at"] >= "2026-11-23T06:00"}
    assert 0 < len(recent) < len(every)
    assert refs("--search", "break-glass") == {one["ref"] for one in every if "Break-glass" in one["title"]}
    closed = oncall("issues", "--state", "closed", "--json").json
    assert {issue["state"] for issue in closed} == {"closed"}
    assert refs("--state", "all") == refs() | {issue["ref"] for issue in closed}


def test_what_is_not_known_of_my_own_comments_is_said_beside_the_list(oncall: Oncall) -> None:
    oncall("review", "--done", "--why", "on the board")
    oncall.fail("GET", "/events", 503, times=-1)
    ran = oncall("issues", "-o", "ids")
    assert (ran.code, len(ran.out.split()), two_lines(ran.err)) == (7, 32, True)


def test_a_token_that_only_reads_sees_my_own_comment_as_no_change_either(
    oncall: Oncall, served: Served, tmp_path: Path
) -> None:
    reading = served.environ(ONCALL_GITLAB_TOKEN="sandbox-gitlab-ana-readonly", ONCALL_STATE_DIR=str(tmp_path / "here"))
    writing = served.environ(ONCALL_STATE_DIR=str(tmp_path / "there"))
    bucket = ("acme-security/operations#53", "--verdict", "handled")
    assert oncall("review", *bucket, **reading).code == 0
    oncall.now += timedelta(minutes=5)
    assert oncall("review", *bucket, "--comment", "the bucket is closed", **writing).code == 0
    ran = oncall("issues", "--search", "bucket", "--json", **reading)
    assert ([issue["change"] for issue in ran.json], ran.code, ran.err) == (["unchanged"], 0, "")


def test_what_is_confidential_is_marked(oncall: Oncall) -> None:
    assert [issue["ref"] for issue in oncall("issues", "--json").json if issue["confidential"]]
    assert "confidential: Break-glass account" in oncall("issues", screen=True, COLUMNS="160").out


def test_a_group_that_is_not_there_is_named(oncall: Oncall, served: Served) -> None:
    ran = oncall("issues", **served.environ(ONCALL_GITLAB_GROUPS="no-such-group"))
    assert (ran.code, ran.out, two_lines(ran.err)) == (5, "", True)
    assert "no-such-group" in ran.err


def test_without_a_place_to_look_it_says_what_to_set(oncall: Oncall, served: Served) -> None:
    ran = oncall("issues", **served.environ(ONCALL_GITLAB_GROUPS=""))
    assert (ran.code, ran.out, two_lines(ran.err)) == (3, "", True)
    assert "gitlab.groups" in ran.err
