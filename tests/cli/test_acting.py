"""`oncall ack` and `oncall resolve`, from the words on the screen to what the service holds afterwards."""

import json
import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from secops_oncall.app import App
from secops_oncall.cli.acting import chooser
from secops_oncall.cli.boundary import run
from secops_oncall.domain.deadlines import Levels
from secops_oncall.domain.people import OnCall, Person
from secops_oncall.streams import Streams, T
from tests import fakes
from tests.cli.conftest import Oncall, Ran, Served, kept, shown, two_lines
from tests.views.samples import Terminal

MINE = ["4117", "4116", "4115"]
ACKED_BY_ME = ["4112", "4111", "4110"]
DANAS, BENS, RESOLVED = "4114", "4109", "4108"
OUTCOME = ["code", "id", "message", "number", "place", "ref", "result", "title", "url"]


def results(ran: Ran) -> dict[str, str]:
    return {str(one["number"] or one["id"]): one["result"] for one in json.loads(ran.out)}


def held(oncall: Oncall) -> list[tuple[object, ...]]:
    """Every open page as the service holds it: who has it, and in which state."""
    return [
        (page["id"], page["status"], page["assigned_to"], page["acknowledged_by"])
        for page in oncall("pages", "--json").json
    ]


def singly(ran: Ran) -> list[str]:
    """The requests for one page each."""
    return [asked for asked in ran.asked if asked.startswith("GET /pagerduty/incidents/")]


def test_what_one_command_acks_is_acked_in_the_next(oncall: Oncall) -> None:
    acked = oncall("ack", "--all", "-q")
    assert (acked.code, acked.err) == (0, "")
    assert [line.split()[:3] for line in acked.out.splitlines()] == [["✓", "acked", number] for number in MINE]
    assert oncall("pages", "--mine", "--triggered", "-o", "ids").out == ""
    again = oncall("ack", "4117")
    assert (again.code, again.out.split()[:3]) == (0, ["✓", "already", "acked"])
    assert again.writes == []


def test_a_put_that_fails_prints_no_tick_and_never_exits_0(oncall: Oncall) -> None:
    oncall.fail("PUT", "/incidents", 500)
    failed = oncall("ack", "4117")
    assert failed.code == 6
    assert "✓" not in failed.out
    assert failed.out.startswith("✗ failed 4117")
    assert "4117" in oncall("pages", "--triggered").out


@pytest.mark.parametrize(("after", "code", "said"), [(True, 0, "✓ acked 4117"), (False, 7, "? unknown 4117")])
def test_a_put_that_is_never_answered_is_looked_up(oncall: Oncall, after: bool, code: int, said: str) -> None:
    oncall.fail("PUT", "/incidents", 0, drop=True, after=after)
    ran = oncall("ack", "4117")
    assert (ran.code, ran.out[: len(said)]) == (code, said)
    assert len(ran.writes) == 1
    assert shown(oncall, "4117")["status"] == ("acknowledged" if after else "triggered")


def test_several_without_a_terminal_are_refused_with_the_list_and_nothing_is_sent(oncall: Oncall) -> None:
    ran = oncall("ack")
    assert (ran.code, ran.out) == (2, "")
    assert two_lines(ran.err)
    assert all(number in ran.err for number in MINE)
    assert ran.writes == []


def test_the_only_one_needs_no_name_and_none_is_said(oncall: Oncall) -> None:
    oncall("ack", "4117", "4116")
    only = oncall("ack")
    assert (only.code, only.out.split()[:3]) == (0, ["✓", "acked", "4115"])
    for arguments in (["ack"], ["ack", "--all"]):
        none = oncall(*arguments)
        assert (none.code, none.out, none.writes) == (0, "", [])
        assert none.err == "Nothing to ack: no triggered page is assigned to you.\n"
    assert oncall("ack", "--all", "--json").out == "[]\n"


@pytest.mark.parametrize(
    "name", ["4117", "q1canarytoken01", "https://acme-security.pagerduty.com/incidents/Q1CANARYTOKEN01"]
)
def test_a_page_is_named_by_number_id_or_url(oncall: Oncall, name: str) -> None:
    ran = oncall("ack", name, "--json")
    assert [sorted(one) for one in ran.json] == [OUTCOME]
    assert {key: ran.json[0][key] for key in ("id", "number", "ref", "place", "result")} == {
        "id": "Q1CANARYTOKEN01",
        "number": 4117,
        "ref": None,
        "place": "pagerduty",
        "result": "done",
    }


@pytest.mark.parametrize(
    "command",
    [
        "show {}",
        "open {} --print",
        "ack {}",
        "resolve {} --force",
        "snooze {} --for 2h",
        "escalate {}",
        "escalate {} --to backup --yes",
        "escalate {} --log called",
    ],
)
def test_a_url_of_another_account_is_no_page_of_this_one(oncall: Oncall, command: str) -> None:
    ran = oncall(*command.format("https://other.pagerduty.com/incidents/Q1CANARYTOKEN01").split())
    assert (ran.code, ran.out, ran.writes) == (5, "", [])
    assert ran.err == (
        "oncall: page Q1CANARYTOKEN01 is of another account: other.pagerduty.com\n  hint: oncall pages\n"
    )
    assert oncall("show").code == 2  # nothing came into focus


def test_a_page_that_is_named_twice_is_acked_once(oncall: Oncall) -> None:
    ran = oncall("ack", "4117", "Q1CANARYTOKEN01", "4116", "4117")
    assert [line.split()[2] for line in ran.out.splitlines()] == ["4117", "4116"]
    assert len(ran.writes) == 1


def test_another_s_page_is_refused_naming_the_owner(oncall: Oncall) -> None:
    ran = oncall("ack", BENS)
    assert (ran.code, ran.writes, ran.err) == (7, [], "")
    assert ran.out.startswith("! refused 4109 Service account token used from a new ASN: owned by Ben Okafor since")
    assert [person["name"] for person in shown(oncall, BENS)["acknowledged_by"]] == ["Ben Okafor"]


def test_force_joins_and_ownership_stays(oncall: Oncall) -> None:
    assert results(oncall("ack", BENS, "--force", "--json")) == {BENS: "done"}
    after = shown(oncall, BENS)
    assert {person["name"] for person in after["acknowledged_by"]} == {"Ben Okafor", "Ana Ferreira"}
    assert after["owner"]["name"] == "Ben Okafor"
    again = oncall("ack", BENS)
    assert (again.code, again.out.split()[1:3]) == (0, ["already", "acked"])
    assert "owned by Ben Okafor" in again.out


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_a_resolved_page_is_refused_and_never_reopened(oncall: Oncall, options: list[str]) -> None:
    ran = oncall("ack", RESOLVED, *options)
    assert (ran.code, ran.writes) == (7, [])
    assert ran.out.startswith("! refused 4108")
    assert "reopen" in ran.out
    assert shown(oncall, RESOLVED)["status"] == "resolved"


def test_a_pipe_acks_what_it_names(oncall: Oncall) -> None:
    ids = oncall("pages", "--mine", "--triggered", "-o", "ids").out
    acked = oncall("ack", "-", "--json", stdin=ids)
    assert [outcome["result"] for outcome in json.loads(acked.out)] == ["done"] * 3


def test_an_empty_pipe_acks_nothing_and_asks_for_nothing(oncall: Oncall) -> None:
    oncall("status")
    for verb in ("ack", "resolve"):
        for stdin in ("", "\n \n"):
            ran = oncall(verb, "-", stdin=stdin)
            assert (ran.code, ran.out) == (0, "")
            assert not ran.log or singly(ran) == ran.writes == []
            assert ran.err == f"Nothing to {verb}: no page was named.\n"


def test_a_pipe_acks_only_mine_unless_forced(oncall: Oncall) -> None:
    lines = oncall("pages", "--triggered").out  # TSV: the id is the first field
    ran = oncall("ack", "-", "--json", stdin=lines)
    assert (ran.code, results(ran)) == (7, {**dict.fromkeys(MINE, "done"), DANAS: "refused"})
    assert "Dana Cohen" in next(one["message"] for one in ran.json if one["number"] == int(DANAS))
    assert shown(oncall, DANAS)["status"] == "triggered"
    forced = oncall("ack", "-", "--force", "--json", stdin=f"{DANAS}\n")
    assert (forced.code, results(forced)) == (0, {DANAS: "done"})


def test_a_page_that_is_named_by_hand_need_not_be_mine(oncall: Oncall) -> None:
    assert results(oncall("ack", DANAS, "--json")) == {DANAS: "done"}
    assert shown(oncall, DANAS)["owner"]["name"] == "Ana Ferreira"


def test_more_than_four_are_read_by_one_list_and_the_rest_singly(oncall: Oncall) -> None:
    oncall("status")
    few = oncall("ack", "-n", *MINE, DANAS)
    assert len(singly(few)) == 4
    many = oncall("ack", "-n", "--json", *MINE, DANAS, BENS, RESOLVED)
    assert singly(many) == [f"GET /pagerduty/incidents/{RESOLVED}"]
    assert many.asked.count("GET /pagerduty/incidents") == 1
    assert [*results(many)] == [*MINE, DANAS, BENS, RESOLVED]


def test_one_that_is_not_there_does_not_stop_the_others(oncall: Oncall) -> None:
    ran = oncall("ack", "4117", "99999")
    assert (ran.code, [line.split()[:3] for line in ran.out.splitlines()]) == (
        7,
        [["✓", "acked", "4117"], ["✗", "failed", "99999:"]],
    )
    gone = oncall("ack", "99998", "99999", "--json")
    assert (gone.code, [one["code"] for one in gone.json]) == (5, ["not_found"] * 2)


def test_a_colleague_s_ack_in_between_makes_it_done_and_names_the_owner(oncall: Oncall, served: Served) -> None:
    for login in ("ana", "ben"):
        oncall("status", **served.environ(login))
    served.fail("PUT", "/incidents", 0, hold=0.5)  # the first one waits, and the second overtakes it
    slow: list[Ran] = []
    ana = Thread(target=lambda: slow.append(oncall("ack", "4117", "--json", **served.environ())))
    ana.start()
    while "GET /pagerduty/incidents/4117" not in served.asked:
        time.sleep(0.01)
    ben = oncall("ack", "4117", **served.environ("ben"))
    ana.join()
    assert (ben.code, ben.out.split()[:2]) == (0, ["✓", "acked"])
    [outcome] = slow[0].json
    assert (slow[0].code, outcome["result"], outcome["code"]) == (0, "done", "joined")
    assert "Ben Okafor acked first and owns it" in outcome["message"]


def test_resolve_says_that_the_work_goes_on(oncall: Oncall) -> None:
    ran = oncall("resolve", "4112")
    assert (ran.code, ran.out.split()[:3]) == (0, ["✓", "resolved", "4112"])
    assert "the work goes on in its issue" in ran.out
    assert "Q1LEAKEDKEY0005" not in oncall("pages", "-o", "ids").out
    again = oncall("resolve", "4112")
    assert (again.code, again.out.split()[1:3], again.writes) == (0, ["already", "resolved"], [])


def test_an_unacked_page_is_not_resolved_unless_forced(oncall: Oncall) -> None:
    ran = oncall("resolve", "4117")
    assert (ran.code, ran.writes) == (7, [])
    assert ran.out.startswith("! refused 4117")
    assert "nobody" in ran.out
    assert results(oncall("resolve", "4117", "--force", "--json")) == {"4117": "done"}
    assert shown(oncall, "4117")["status"] == "resolved"


def test_resolve_without_a_page_means_the_one_that_i_acked_and_never_the_focus(oncall: Oncall) -> None:
    assert oncall("show", BENS).code == 0  # in focus now
    several = oncall("resolve")
    assert (several.code, several.out, several.writes) == (2, "", [])
    assert two_lines(several.err)
    assert all(number in several.err for number in ACKED_BY_ME)
    assert BENS not in several.err
    assert oncall("resolve", *ACKED_BY_ME[:2]).code == 0
    oncall("show", BENS)
    assert oncall("resolve").out.split()[:3] == ["✓", "resolved", ACKED_BY_ME[2]]
    none = oncall("resolve")
    assert (none.code, none.out, two_lines(none.err)) == (2, "", True)
    assert shown(oncall, BENS)["status"] == "acknowledged"


@pytest.mark.parametrize(
    ("command", "planned"),
    [
        (["ack", "--all"], MINE),
        (["ack", "4117", BENS], ["4117"]),
        (["ack", BENS, "--force"], [BENS]),
        (["resolve", "4112", "4117"], ["4112"]),
    ],
    ids=" ".join,
)
def test_a_dry_run_sends_no_write(oncall: Oncall, command: list[str], planned: list[str]) -> None:
    before = held(oncall)
    ran = oncall(*command, "--dry-run", "--json")
    assert [number for number, result in results(ran).items() if result == "planned"] == planned
    assert ran.writes == []
    assert held(oncall) == before
    assert oncall("show").code == 2  # nor is anything in focus
    assert "would be" in oncall(*command, "-n").out
    assert kept(oncall) == []


def test_all_and_names_contradict_each_other(oncall: Oncall) -> None:
    for names in (["4117"], ["-"]):
        ran = oncall("ack", "--all", *names)
        assert (ran.code, ran.out, two_lines(ran.err), ran.log) == (2, "", True, None)


@pytest.mark.parametrize("options", [[], ["--json"], ["-q"]])
def test_what_was_not_done_ends_with_what_to_type_next(oncall: Oncall, options: list[str]) -> None:
    refused = oncall("resolve", "4117", "4116", "4112", *options)
    assert (refused.code, refused.err) == (7, "  hint: oncall ack 4117\n  hint: oncall ack 4116\n")
    gone = oncall("ack", "4112", "99998", "99999", *options)
    assert (gone.code, gone.err) == (7, "  hint: run `oncall pages`\n")
    oncall.fail("PUT", "/incidents", 0, drop=True, times=-1)
    unknown = oncall("ack", "4117", *options)
    assert (unknown.code, unknown.err) == (7, "  hint: oncall show 4117, to see what became of it\n")


class Picking(Streams):
    """A terminal on which the first of what is shown is picked; `asked` counts how often."""

    asked = 0

    def pick(
        self,
        title: str,
        choices: Sequence[tuple[str, T]],
        *,
        many: bool = False,
        chosen: Collection[T] = (),
        alone: T | None = None,
    ) -> list[T]:
        self.asked += 1
        self.labels = [label for label, _ in choices]
        return [choices[0][1]]


def test_what_is_picked_from_has_its_deadline_from_the_policy() -> None:
    streams = Picking(Terminal(), Terminal(), Terminal(), environ={})
    app = App({"ONCALL_PAGERDUTY_TOKEN": "u+token"}, streams, lambda: fakes.NOW)
    me = fakes.ME.person
    known: dict[str, Any] = {"assigned_to": (me,), "policy_id": "PSECRSP", "assigned_at": fakes.NOW, "minutes": 9}
    old = {"urgency": "low", "number": 4010, "minutes": 190}
    pages = [fakes.a_page("Q1FIRST0001", **known), fakes.a_page("Q1LOW00001", **{**known, **old})]
    pagerduty = fakes.FakePagerDuty(pages)
    pagerduty.policies = {"PSECRSP": Levels((timedelta(minutes=30),) * 2, 0, (OnCall(me, None, None, level=1),))}
    vars(app).update(pagerduty=pagerduty)
    assert chooser(app, "ack")(pages) == pages[:1]
    assert streams.labels == [
        "4009       9 min  manager in 30 min  About Q1FIRST0001",
        "4010  3 h 10 min                     About Q1LOW00001",
    ]


def test_asking_and_recording_choose_one_page_once() -> None:
    """Two pages are mine: the one that was picked for the request has the record, too."""
    streams = Picking(Terminal(), Terminal(), Terminal(), environ={})
    app = App({"ONCALL_PAGERDUTY_TOKEN": "u+token"}, streams, lambda: fakes.NOW)
    me = fakes.ME.person
    known: dict[str, Any] = {"acknowledged_by": (me,), "assigned_to": (me,)}
    pages = [fakes.a_page(id, "acknowledged", **known) for id in ("Q1FIRST0001", "Q1SECOND002")]
    turns = [OnCall(Person("PDANA04", "Dana Cohen"), None, None, "Security Responder", 2)]
    pagerduty, journal = fakes.FakePagerDuty(pages, turns=turns), fakes.FakeJournal()
    vars(app).update(pagerduty=pagerduty, journal=journal)
    assert run(["escalate", "--to", "manager", "--log", "called Dana", "--yes"], app) == 0
    assert streams.asked == 1
    assert [(deed, about[0]) for deed, about in pagerduty.writes] == [
        ("request_responder", "Q1FIRST0001"),
        ("note", "Q1FIRST0001"),
    ]
    assert {event.subject for event in journal.written} == {"Q1FIRST0001"}
