import json

from secops_oncall.domain.doctor import Checks
from secops_oncall.views.doctor import print_findings
from tests.views.samples import CLEAN, HOSTILE, Consoles

HERE, GITLAB = Checks(), Checks("gitlab")
FOUND = [
    HERE.fine("file", "/home/ana/.config/oncall/config.toml (mode 0600), profile default"),
    GITLAB.fine("token", "Ana Ferreira: personal access token"),
    GITLAB.warning("expiry", "expires in 3 days, on 2026-11-26", "make one at https://gitlab.com/-/tokens"),
    GITLAB.error("board", HOSTILE, "oncall config set backlog.board BOARD", 5),
]


def test_each_service_has_its_part_and_each_fault_its_fix() -> None:
    consoles = Consoles(width=80)
    print_findings(consoles.streams, FOUND, "table")
    assert consoles.out_lines == [
        "This machine",
        "  ✓ file    /home/ana/.config/oncall/config.toml (mode 0600), profile default",
        "",
        "GitLab",
        "  ✓ token   Ana Ferreira: personal access token",
        "  ! expiry  expires in 3 days, on 2026-11-26",
        "            → make one at https://gitlab.com/-/tokens",
        f"  ✗ board   {CLEAN}",
        "            → oncall config set backlog.board BOARD",
    ]
    assert consoles.err == "4 checks: 1 error, 1 warning\n"


def test_60_columns() -> None:
    consoles = Consoles(width=60)
    print_findings(consoles.streams, [GITLAB.warning("expiry", "soon " * 20, "renew " * 20), *FOUND[:1]], "table")
    assert max(map(len, consoles.out_lines)) <= 60
    assert consoles.out.count("→") == 1


def test_that_all_is_well_is_said() -> None:
    consoles = Consoles()
    print_findings(consoles.streams, FOUND[:2], "table")
    assert consoles.err == "✓ 2 checks: all is well\n"


def test_programs_get_the_fields_of_the_interface() -> None:
    consoles = Consoles(terminal=False)
    print_findings(consoles.streams, FOUND[:3], "json")
    told = json.loads(consoles.out)
    assert list(told[2]) == ["check", "service", "level", "found", "fix"]
    assert (told[0]["service"], told[2]["service"], told[2]["level"]) == (None, "gitlab", "warning")
    piped = Consoles(terminal=False)
    print_findings(piped.streams, FOUND[1:2], None)
    assert piped.out == "token\tgitlab\tok\tAna Ferreira: personal access token\t\n"
