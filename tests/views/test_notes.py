import json
from zoneinfo import ZoneInfo

from secops_oncall.domain.events import Note
from secops_oncall.views.notes import print_notes
from tests.views.samples import HOSTILE, NOW, Consoles, ago

TOKYO = ZoneInfo("Asia/Tokyo")
NOTES = [
    Note(
        "a1b2c3d4e5f6",
        ago(130),
        "note",
        "ruled out the VPN: no session at 02:14\nand none at 02:15 either",
        None,
        None,
        None,
    ),
    Note(
        "b2c3d4e5f6a1",
        ago(30),
        "automate",
        "close honeypot noise by itself, as we do for the scanner",
        "Q1NOISE",
        "s1",
        "acme/x#4",
    ),
]


def test_a_terminal_shows_every_word() -> None:
    consoles = Consoles(width=80)
    print_notes(consoles.streams, NOTES, "table", NOW, zone=TOKYO)
    assert consoles.out_lines == [
        "a1b2c3d4  11:50 UTC (20:50 JST)  note      ruled out the VPN: no session at",
        "                                           02:14",
        "                                           and none at 02:15 either",
        "b2c3d4e5  13:30 UTC (22:30 JST)  automate  close honeypot noise by itself, as we",
        "                                           do for the scanner (page Q1NOISE,",
        "                                           filed as acme/x#4)",
    ]


def test_what_was_typed_drives_no_terminal() -> None:
    consoles = Consoles(width=200)
    print_notes(consoles.streams, [Note("a1", NOW, "risk", HOSTILE, None, None, None)], "table", NOW)
    assert consoles.out_lines == [
        "a1  14:00 UTC  risk      /close",
        "                         red [bold]b[/bold] :skull: gnp.exe end",
    ]


def test_a_note_around_midnight_has_both_days() -> None:
    consoles = Consoles(width=200)
    print_notes(consoles.streams, [Note("a1", ago(23 * 60), "note", "x", None, None, None)], "table", NOW, zone=TOKYO)
    assert consoles.out == "a1  2026-11-22 15:00 UTC (Mon 00:00 JST)  note      x\n"


def test_a_pipe_gets_a_line_a_note() -> None:
    consoles = Consoles(terminal=False)
    print_notes(consoles.streams, NOTES, "tsv", NOW)
    assert consoles.out_lines == [
        "a1b2c3d4e5f6\t2026-11-23T11:50:00Z\tnote\t"
        "ruled out the VPN: no session at 02:14 and none at 02:15 either\t\t\t",
        "b2c3d4e5f6a1\t2026-11-23T13:30:00Z\tautomate\tclose honeypot noise by itself, as we do for the scanner"
        "\tQ1NOISE\ts1\tacme/x#4",
    ]


def test_csv_json_ids_and_a_limit_that_keeps_the_newest() -> None:
    outputs = {}
    for output in ("csv", "json", "ids"):
        consoles = Consoles(terminal=False)
        print_notes(consoles.streams, NOTES, output, NOW, limit=1)
        outputs[output] = consoles.out
        assert consoles.err == "1 of 2 shown\n"
    assert outputs["csv"].splitlines()[0] == "id,at,kind,text,page,shift,filed"
    assert outputs["ids"] == "b2c3d4e5f6a1\n"
    assert json.loads(outputs["json"]) == [
        {
            "id": "b2c3d4e5f6a1",
            "at": "2026-11-23T13:30:00Z",
            "kind": "automate",
            "text": "close honeypot noise by itself, as we do for the scanner",
            "page": "Q1NOISE",
            "shift": "s1",
            "filed": "acme/x#4",
        }
    ]


def test_nothing_is_a_friendly_line_on_standard_error() -> None:
    consoles = Consoles()
    print_notes(consoles.streams, [], "table", NOW)
    assert (consoles.out, consoles.err) == ("", "No notes yet.\n")
