import json
from dataclasses import replace
from zoneinfo import ZoneInfo

from secops_oncall.domain.people import Contact
from secops_oncall.views.people import print_people
from tests.views.samples import CLEAN, HOSTILE, NOW, PEOPLE, Consoles, ahead

NEW_YORK = ZoneInfo("America/New_York")
NOBODY = "! nobody is on call as backup (Security Responder Backup)\n"


def test_a_terminal() -> None:
    consoles = Consoles(width=100)
    print_people(consoles.streams, PEOPLE, "table", NOW, NEW_YORK)
    assert consoles.out_lines == [
        "role      name          until                  left        time there  awake",
        "engineer  Ana Ferreira  17:10 UTC (12:10 EST)  3 h 10 min  Mon 14:00   awake",
        "  phone     +351912345601  Mobile",
        "  email     ana@example.com",
        "backup    NOBODY",
        "manager   Dana Cohen    without end                        Mon 06:00   asleep",
    ]
    assert consoles.err == NOBODY


def test_60_columns() -> None:
    consoles = Consoles(width=60)
    tomorrow = replace(PEOPLE[0], name="Maximiliane von und zu Hohenstein", end=ahead(60 * 20))
    print_people(consoles.streams, [tomorrow, *PEOPLE[1:]], "table", NOW, NEW_YORK)
    assert consoles.out_lines == [
        "role      name              until",
        "engineer  Maximiliane von…  2026-11-24 10:00 UTC (05:00 EST)",
        "  phone     +351912345601  Mobile",
        "  email     ana@example.com",
        "backup    NOBODY",
        "manager   Dana Cohen        without end",
    ]


def test_a_number_is_never_cut_and_a_label_stays_text() -> None:
    phone = Contact("whatsapp", "+1" + "5" * 70, HOSTILE)
    consoles = Consoles(width=80)
    print_people(consoles.streams, [replace(PEOPLE[0], name=HOSTILE, contacts=(phone,))], "table", NOW)
    assert consoles.out_lines == [
        "role      name                          until      left        time there  awake",
        "engineer  /close red [bold]b[/bold] :…  17:10 UTC  3 h 10 min  Mon 14:00   awake",
        f"  whatsapp  {phone.address}  {CLEAN}",
    ]


def test_nobody_is_red_and_said_in_every_format() -> None:
    consoles = Consoles(width=100, environ={"NO_COLOR": ""})
    print_people(consoles.streams, PEOPLE, "table", NOW)
    assert "\x1b[1;31mNOBODY" in consoles.out
    consoles = Consoles(terminal=False)
    print_people(consoles.streams, PEOPLE, "json", NOW)
    assert [one["id"] for one in json.loads(consoles.out)] == ["PANA001", None, "PDANA04"]
    assert json.loads(consoles.out)[0]["contacts"][0] == {
        "kind": "phone",
        "address": "+351912345601",
        "label": "Mobile",
    }
    assert consoles.err == NOBODY


def test_tsv_csv_and_ids() -> None:
    outputs = {}
    for output in ("tsv", "csv", "ids"):
        consoles = Consoles(terminal=False)
        print_people(consoles.streams, PEOPLE, output, NOW)
        outputs[output] = consoles.out.splitlines()
    assert outputs["tsv"] == [
        "PANA001\tengineer\tAna Ferreira\tana@example.com\t2026-11-23T09:00:00Z\t2026-11-23T17:10:00Z\tEurope/Lisbon"
        "\tMon 14:00\ttrue\tphone:+351912345601,email:ana@example.com",
        "\tbackup\t\t\t\t\t\t\t\t",
        "PDANA04\tmanager\tDana Cohen\t\t\t\tAmerica/Los_Angeles\tMon 06:00\tfalse\t",
    ]
    assert outputs["csv"][0] == "id,role,name,email,start,end,time_zone,local_time,awake,contacts"
    assert outputs["ids"] == ["PANA001", "PDANA04"]
