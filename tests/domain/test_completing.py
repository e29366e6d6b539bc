"""What may stand where the cursor is."""

from collections.abc import Iterator

import pytest

from secops_oncall.domain.commands import Argument, Command, Option, named, parse
from secops_oncall.domain.completing import Offer, Place, complete, find

OUTPUT = Option(("-o", "--output"), "How.", "text|json", ("text", "json"))
PICK = Command(("backlog", "pick"), summary="Pick.", arguments=(Argument("ISSUE"),), options=(OUTPUT,))
ROOT = Command(
    options=(Option(("--sandbox",)), Option(("-p", "--profile"), value="NAME"), Option(("--config",), value="FILE")),
    commands={
        "ack": Command(
            ("ack",),
            summary="Acknowledge.",
            arguments=(Argument("PAGE", repeats=True),),
            options=(Option(("--all",)), OUTPUT, Option(("--label",), value="TEXT", repeats=True)),
        ),
        "escalate": Command(("escalate",), options=(Option(("--to",), value="backup|USER"),)),
        "backlog": Command(("backlog",), options=(OUTPUT,), commands={"pick": PICK}),
        "help": Command(("help",), arguments=(Argument("TOPIC", repeats=True),)),
    },
)
KNOWN = {
    "PAGE": [Offer("4117", "Canary"), Offer("4116", "Travel")],
    "ISSUE": [Offer("group/project#12", "A runbook")],
    "USER": [Offer("ben@example.com", "Ben")],
    "PROFILE": [Offer("default"), Offer("staging")],
    "TOPIC": [Offer("output")],
}


def values(kind: str, place: Place) -> Iterator[Offer]:
    yield from KNOWN.get(kind, [])


@pytest.mark.parametrize(
    ("typed", "begun", "offered"),
    [
        ("", "", "ack escalate backlog help"),
        ("", "ba", "backlog"),
        ("--sandbox", "a", "ack"),
        ("-p staging", "a", "ack"),
        ("teleport", "", ""),
        ("ack", "", "4117 4116"),
        ("ack --sandbox -p x", "41", "4117 4116"),
        ("ack 4117", "", "4116"),
        ("ack", "--", "--all --output --label --sandbox --profile --config --help"),
        ("ack", "-", "--all -o --output --label --sandbox -p --profile --config --help"),
        ("ack --all", "--a", ""),
        ("ack --label x", "--l", "--label"),
        ("ack -o", "", "text json"),
        ("ack", "--output=j", "--output=json"),
        ("ack --output=json", "--o", ""),
        ("ack --", "--a", ""),
        ("ack --", "", "4117 4116"),
        ("ack --label", "", ""),
        ("ack -p", "", "default staging"),
        ("ack --config", "", ""),
        ("escalate --to", "b", "backup ben@example.com"),
        ("escalate", "", ""),
        ("backlog", "", "pick"),
        ("backlog --output json", "", "pick"),
        ("backlog pick", "", "group/project#12"),
        ("backlog pick group/project#12", "", ""),
        ("help", "", "ack escalate backlog help output"),
        ("help backlog", "", "pick"),
        ("help output", "", ""),
        ("ack --label --all", "--a", "--all"),
    ],
)
def test_what_may_follow(typed: str, begun: str, offered: str) -> None:
    assert [each.value for each in complete(ROOT, typed.split(), begun, values)] == offered.split()


def test_an_offer_says_what_it_is() -> None:
    assert complete(ROOT, [], "a", values) == [Offer("ack", "Acknowledge.")]
    assert complete(ROOT, ["ack"], "4116", values) == [Offer("4116", "Travel")]


def test_global_options_are_found_wherever_they_stand() -> None:
    place = find(ROOT, ["ack", "--config=f", "4117", "-p", "staging"])
    assert (place.command.name, place.arguments) == ("oncall ack", ["4117"])
    assert (place.value("--profile"), place.value("--config"), place.value("--sandbox")) == ("staging", "f", None)


def test_a_command_tells_how_it_is_called() -> None:
    assert ROOT.commands["ack"].usage == "oncall ack [OPTIONS] [PAGE]..."
    assert ROOT.commands["backlog"].usage == "oncall backlog [OPTIONS] [COMMAND]"
    assert [each.name for each in ROOT.walk()][2:4] == ["oncall backlog", "oncall backlog pick"]
    assert named(ROOT, ["backlog", "pick", "x"]) == (PICK, ["x"])


def test_a_command_comes_back_from_json() -> None:
    kept = {"commands": {"pick": {"summary": "Pick.", "arguments": [{"value": "ISSUE"}]}}}
    kept["commands"]["pick"]["options"] = [
        {"names": ["-o", "--output"], "help": "How.", "value": "text|json", "choices": ["text", "json"]}
    ]
    assert parse(kept, ("backlog",)).commands["pick"] == PICK
