import json
from dataclasses import replace

from secops_oncall.views.issues import print_issues
from tests.views.samples import CLEAN, FLAKY_ISSUE, HOSTILE, ISSUES, LEAK_ISSUE, NOW, Consoles


def test_a_wide_table() -> None:
    consoles = Consoles(width=140)
    print_issues(consoles.streams, ISSUES, "table", NOW)
    assert consoles.out_lines == [
        "issue                change     idle    assignee  page             labels                 title",
        "acme/operations#101  changed    35 min  ana       Q1LEAKEDKEY0005  incident, severity::2  "
        "confidential: Leaked key: AWS access key in acme/…",
        "acme/engineering#55  unchanged  11 h                               oncall                 "
        "Sign-in monitor: false positives for the Lisbon o…",
    ]


def test_a_narrow_table_keeps_the_ref_whole() -> None:
    consoles = Consoles(width=60)
    print_issues(consoles.streams, [replace(LEAK_ISSUE, title=HOSTILE), FLAKY_ISSUE], "table", NOW)
    assert consoles.out_lines == [
        "issue                change     title",
        "acme/operations#101  changed    confidential: /close red [b…",
        "acme/engineering#55  unchanged  Sign-in monitor: false posi…",
    ]


def test_without_a_review_there_is_no_change() -> None:
    consoles = Consoles(width=80)
    print_issues(consoles.streams, [replace(FLAKY_ISSUE, change=None, title="Short")], "table", NOW)
    assert consoles.out_lines == [
        "issue                idle  labels  title",
        "acme/engineering#55  11 h  oncall  Short",
    ]


def test_what_is_new_or_changed_is_bold() -> None:
    consoles = Consoles(width=200, environ={"NO_COLOR": ""})
    print_issues(consoles.streams, ISSUES, "table", NOW)
    assert "\x1b[1mchanged" in consoles.out
    assert "\x1b[1munchanged" not in consoles.out


def test_tsv_says_everything_to_a_program() -> None:
    consoles = Consoles(terminal=False)
    print_issues(consoles.streams, [replace(LEAK_ISSUE, title=HOSTILE)], "tsv", NOW)
    assert consoles.out.rstrip("\n").split("\t") == [
        *("acme/operations#101", "opened", "changed", "2026-11-23T13:25:00Z", CLEAN, "incident,severity::2", "ana"),
        *("alert-bot", "true", "https://gitlab.example.com/acme/operations/-/issues/101", "2026-11-23T11:54:00Z"),
        *("2026-11-20", "3", "5400", "2026-11-23T10:00:00Z", "Q1LEAKEDKEY0005"),
    ]


def test_csv_json_ids_and_limit() -> None:
    outputs = {}
    for output in ("csv", "json", "ids"):
        consoles = Consoles(terminal=False)
        print_issues(consoles.streams, ISSUES, output, NOW, limit=1)
        outputs[output] = consoles.out
        assert consoles.err == "1 of 2 shown\n"
    assert outputs["csv"].splitlines()[0] == (
        "ref,state,change,updated_at,title,labels,assignees,author,confidential,url,created_at,due_date,weight,"
        "time_estimate,reviewed_at,page"
    )
    assert [issue["ref"] for issue in json.loads(outputs["json"])] == ["acme/operations#101"]
    assert outputs["ids"] == "acme/operations#101\n"


def test_nothing_is_a_friendly_line_on_standard_error() -> None:
    consoles = Consoles()
    print_issues(consoles.streams, [], "table", NOW)
    assert (consoles.out, consoles.err) == ("", "No open issues.\n")
