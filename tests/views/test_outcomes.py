import io
import json

from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.streams import Streams
from secops_oncall.views.outcomes import print_outcomes
from tests.views.samples import CANARY, CLEAN, HOSTILE, LATE, LEAKED, Consoles

OUTCOMES = [
    Outcome(CANARY.id, Result.DONE, CANARY.number, title=CANARY.title),
    Outcome(LATE.id, Result.ALREADY, LATE.number, title=LATE.title, message="yours already"),
    Outcome(LEAKED.id, Result.REFUSED, LEAKED.number, title=LEAKED.title, message="owned by Ben since 12:00 UTC"),
    Outcome("Q1HOSTILEMAIL03", Result.FAILED, 4115, title=HOSTILE, code="remote", message="PagerDuty answered 500"),
    Outcome("Q1GONE", Result.FAILED, code="not_found", message="no page Q1GONE"),
    Outcome("9055", Result.PLANNED, ref="acme/engineering#55", place="gitlab", title="Sign-in", message="not sent"),
    Outcome("#secops", Result.QUEUED, place="slack", message="Slack is down"),
    Outcome("#secops", Result.UNKNOWN, place="slack"),
]
LINES = [
    "✓ acked 4117 Canary token opened: finance-share/passwords.xlsx",
    "✓ already acked 4114 EDR: credential dumping on build-runner-07: yours already",
    "! refused 4112 Leaked key: AWS access key in acme/mobile-app commit 3f2a91c: owned by Ben since 12:00 UTC",
    f"✗ failed 4115 {CLEAN}: PagerDuty answered 500",
    "✗ failed Q1GONE: no page Q1GONE",
    "· would be acked acme/engineering#55 Sign-in: not sent",
    "· queued slack #secops: Slack is down",
    "? unknown slack #secops",
]


def test_a_pipe_gets_every_word() -> None:
    consoles = Consoles(terminal=False, width=40)
    print_outcomes(consoles.streams, OUTCOMES, "acked")
    assert consoles.out_lines == LINES
    assert consoles.err == ""


def test_on_a_terminal_the_title_gives_way_and_never_the_reason() -> None:
    consoles = Consoles(width=80)
    print_outcomes(consoles.streams, OUTCOMES[:4], "acked")
    assert consoles.out_lines == [
        *LINES[:2],
        "! refused 4112 Leaked key: AWS access key in acme…: owned by Ben since 12:00 UTC",
        "✗ failed 4115 /close red [bold]b[/bold] :skull: gnp.exe…: PagerDuty answered 500",
    ]
    narrow = Consoles(width=30)
    print_outcomes(narrow.streams, OUTCOMES[2:3], "acked")
    assert narrow.out == "! refused 4112 Leaked key: AWS\n  acc…: owned by Ben since\n  12:00 UTC\n"


def test_colour_only_where_something_went_wrong() -> None:
    consoles = Consoles(width=200, environ={"NO_COLOR": ""})
    print_outcomes(consoles.streams, OUTCOMES[:4], "acked")
    assert [line.split(" ")[0] for line in consoles.out_lines] == ["✓", "✓", "\x1b[1m!", "\x1b[1;31m✗"]


def test_an_ascii_console() -> None:
    raw = io.BytesIO()
    streams = Streams(io.TextIOWrapper(raw, encoding="ascii", write_through=True), environ={})
    print_outcomes(streams, [OUTCOMES[0], OUTCOMES[4]], "acked")
    assert raw.getvalue() == (
        b"+ acked 4117 Canary token opened: finance-share/passwords.xlsx\nx failed Q1GONE: no page Q1GONE\n"
    )


def test_json_is_an_array_of_outcomes() -> None:
    consoles = Consoles(terminal=False)
    print_outcomes(consoles.streams, OUTCOMES, "acked", "json")
    found = json.loads(consoles.out)
    assert [one["result"] for one in found] == [
        *("done", "already", "refused", "failed", "failed", "planned", "queued", "unknown")
    ]
    assert found[4] == {
        "id": "Q1GONE",
        "number": None,
        "ref": None,
        "place": "pagerduty",
        "title": "",
        "url": None,
        "result": "failed",
        "code": "not_found",
        "message": "no page Q1GONE",
    }


def test_nothing_was_done() -> None:
    consoles = Consoles(terminal=False)
    print_outcomes(consoles.streams, [], "acked")
    assert consoles.out == ""
    print_outcomes(consoles.streams, [], "acked", "json")
    assert consoles.out == "[]\n"
