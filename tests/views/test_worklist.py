import json
from dataclasses import replace
from typing import Any

from secops_oncall.domain.charge import Break, Charge
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.said import Said
from secops_oncall.views.worklist import labelled, print_work
from tests.views.samples import BEN, CANARY, CLEAN, FLAKY_ISSUE, HOSTILE, LEAK_ISSUE, LEAKED, NOW, Consoles, ahead
from tests.views.test_status import LEAK

LEAKY = replace(LEAK, uncovered=False, stale=True, acting=BEN, said=Said())
BARE = replace(
    LEAK,
    id=CANARY.id,
    pages=(CANARY,),
    issue=None,
    owner=None,
    acting=None,
    posture=None,
    summary=HOSTILE,
    uncovered=True,
    stale=False,
)
OTHER = replace(LEAK, id=FLAKY_ISSUE.ref, pages=(), issue=FLAKY_ISSUE, owner=None, acting=None, summary="flaky")
WORK = [BARE, LEAKY, replace(OTHER, posture=None, stale=False)]


def shown(work: list[Incident], width: int = 160, **more: Any) -> list[str]:
    consoles = Consoles(width=width)
    print_work(consoles.streams, work, "table", NOW, **more)
    return consoles.out_lines


def test_what_people_read() -> None:
    assert [line.rstrip() for line in shown(WORK)] == [
        "work                 wants                posture  updated     owner         acting      summary",
        "page 4117            uncovered, no issue           4 min ago   nobody                    "
        "/close red [bold]b[/bold] :skull: gnp.exe end",
        "acme/operations#101  stale                watch    35 min ago  Ana Ferreira  Ben Okafor  "
        "confidential: Leaked key: AWS access key in acme/mobile-app",
        f"{FLAKY_ISSUE.ref}                                11 h ago                              "
        "Sign-in monitor: false positives for the Lisbon office's new address r…",
    ]


def test_on_a_narrow_terminal_the_names_give_way() -> None:
    lines = shown(WORK, width=80)
    assert max(map(len, lines)) <= 80
    assert "acting" in lines[0] and "wants" in lines[0] and "updated" not in lines[0]
    assert "owner" in shown([replace(each, acting=None) for each in WORK], width=80)[0]


def test_until_when_somebody_acts_for_another_one() -> None:
    gone = Charge(breaks=(Break("ana", BEN, NOW, ahead(45)),))
    assert "Ben Okafor until 14:45 UTC" in shown([replace(LEAKY, charge=gone)])[1]


def test_what_was_typed_stands_in_the_place_of_the_title() -> None:
    typed = replace(LEAKY, said=Said(summary="One line"), summary="One line")
    assert shown([typed])[1].endswith("confidential: One line")
    assert shown([replace(typed, issue=None, pages=(LEAKED,))])[1].endswith("  One line")


def test_tsv_has_the_name_first_and_the_rest_behind() -> None:
    consoles = Consoles(terminal=False)
    print_work(consoles.streams, [LEAKY, BARE], None, NOW)
    fields = [line.split("\t") for line in consoles.out_lines]
    assert fields[0][:9] == [
        "acme/operations#101",
        str(LEAKED.number),
        "true",
        "false",
        "watch",
        "Ana Ferreira",
        "Ben Okafor",
        fields[0][7],
        "Leaked key: AWS access key in acme/mobile-app",
    ]
    assert fields[0][9:11] == [LEAK_ISSUE.url, "true"]
    assert fields[1][0] == CANARY.id and CLEAN in fields[1]


def test_ids_and_json() -> None:
    consoles = Consoles(terminal=False)
    print_work(consoles.streams, WORK, "ids", NOW, 2)
    assert consoles.out_lines == [CANARY.id, "acme/operations#101"]
    consoles = Consoles(terminal=False)
    print_work(consoles.streams, [LEAKY], "json", NOW)
    (found,) = json.loads(consoles.out)
    assert (found["acting"]["name"], found["stale"], "charge" in found) == ("Ben Okafor", True, False)
    consoles = Consoles()
    print_work(consoles.streams, [], "table", NOW)
    assert "No open work." in consoles.err


def test_what_is_picked_from() -> None:
    assert [label for label, _ in labelled([BARE, LEAKY])] == [
        f"page 4117            {HOSTILE}",
        "acme/operations#101  confidential: Leaked key: AWS access key in acme/mobile-app",
    ]
