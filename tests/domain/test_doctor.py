from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from secops_oncall.domain import doctor
from secops_oncall.domain.doctor import Checks, Mapped, Settings, some, worst
from secops_oncall.domain.doctor_answers import answered
from secops_oncall.domain.doctor_gitlab import bot, labels, own_list, project, visible
from secops_oncall.domain.doctor_machine import (
    FileFacts,
    JournalFacts,
    configuration,
    journal,
    keyring,
    keys,
    network,
    versions,
)
from secops_oncall.domain.doctor_people import handles, in_pagerduty
from secops_oncall.domain.doctor_roles import escalation, phones, staffing, uncovered
from secops_oncall.domain.doctor_slack import channel, scopes
from secops_oncall.domain.doctor_tokens import Kept, account_key, another, judged, kept
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.issues import Board, GitLabUser, IssueQuery
from secops_oncall.domain.people import ROLES, Contact, OnCall, Person, RoleName
from secops_oncall.domain.setup import Account, Answer, Level, Policy, Project, TokenFacts
from secops_oncall.domain.slack import Channel
from secops_oncall.errors import ExitCode

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TODAY = NOW.date()
HERE, PAGERDUTY, GITLAB, SLACK = Checks(), Checks("pagerduty"), Checks("gitlab"), Checks("slack")
ANA, BEN = Person("PANA001", "Ana Ferreira", "ana@example.com"), Person("PBEN002", "Ben Okafor", "ben@example.com")
LEVEL = RoleName("Responder", 1)
named = pytest.mark.parametrize


def level(*findings: Finding) -> list[str]:
    return [one.level for one in findings]


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


def turn(person: Person, start: datetime | None, end: datetime | None) -> OnCall:
    return OnCall(person, start, end, "Responder", 1, policy_id="P1")


def test_the_codes_are_those_of_the_program() -> None:
    codes = (doctor.CONFIG, doctor.AUTH, doctor.NOT_FOUND, doctor.REMOTE)
    assert codes == (ExitCode.CONFIG, ExitCode.AUTH, ExitCode.NOT_FOUND, ExitCode.REMOTE)


@named(("codes", "worst_of"), [([], 0), ([0, 0], 0), ([6, 0, 4], 4), ([5, 3, 6], 3), ([6], 6)])
def test_the_exit_code_is_that_of_what_is_mended_first(codes: list[int], worst_of: int) -> None:
    assert worst(Finding("x", None, "ok", "x", exit_code=code) for code in codes) == worst_of


def test_many_names_are_cut() -> None:
    assert some(["a", "b"]) == "a, b"
    assert some([*"abcdef"]) == "a, b, c, d and 2 more"


def test_a_check_that_could_not_be_made_is_no_error() -> None:
    finding = GITLAB.unchecked(["board", "list"])
    assert (finding.level, finding.exit_code, finding.found) == ("warning", 0, "not checked: board, list")


# A service's answers


def answer(milliseconds: float, seconds_off: float | None) -> Answer:
    return Answer("gitlab", milliseconds, None if seconds_off is None else NOW - timedelta(seconds=seconds_off), NOW)


def test_the_quickest_answer_tells_how_far_away_it_is() -> None:
    there, clock = answered(GITLAB, "https://gitlab.com", [answer(300, 0), answer(41.6, 1)])
    assert (there.found, there.level) == ("gitlab.com answers in 42 ms, over TLS", "ok")
    assert clock.level == "ok"
    assert answered(GITLAB, "https://gitlab.com", []) == []


def test_a_service_on_this_machine_needs_no_tls() -> None:
    (there,) = answered(GITLAB, "http://127.0.0.1:8080/gitlab", [answer(3, None)])
    assert there.found == "127.0.0.1:8080 answers in 3 ms, without TLS, on this machine"


@named(
    ("seconds", "levels", "words"),
    [
        (30, "ok", "as the service's"),
        (-30, "ok", "as the service's"),
        (31, "warning", "31 s ahead of"),
        (-299, "warning", "4 min behind"),
        (301, "error", "5 min ahead of"),
        (-7200, "error", "2 h behind"),
    ],
)
def test_a_clock_that_is_off(seconds: float, levels: str, words: str) -> None:
    _, clock = answered(GITLAB, "https://gitlab.com", [answer(3, seconds)])
    assert (clock.level, clock.exit_code) == (levels, ExitCode.CONFIG if levels == "error" else 0)
    assert words in clock.found
    assert ("NTP" in clock.fix) == (levels != "ok")


def test_of_several_answers_a_slow_one_makes_the_clock_no_worse() -> None:
    _, clock = answered(GITLAB, "https://gitlab.com", [answer(3, 40), answer(40_000, 0)])
    assert clock.level == "ok"


# Tokens


def facts(service: str = "gitlab", **more: object) -> TokenFacts:
    account = Account(service, "11", "Ana Ferreira", handle="ana")  # type: ignore[arg-type]
    known = {"kind": "personal access token", "account": account, "scopes": frozenset({"api"}), **more}
    return TokenFacts(service, **known)  # type: ignore[arg-type]


def judge(told: TokenFacts) -> dict[str, Finding]:
    found = judged(Checks(told.service), told, Kept("ONCALL_GITLAB_TOKEN", "x7Kq"), "https://gitlab.com/", TODAY)
    return {one.check: one for one in found}


def test_a_token_is_told_by_its_end_alone_where_it_is_long() -> None:
    assert str(kept("glpat-0123456789x7Kq", "the keyring")) == "from the keyring (…x7Kq)"
    assert str(kept("short-x7Kq", "the keyring")) == "from the keyring"


def test_a_token_that_is_fine() -> None:
    found = judge(facts(expires=date(2027, 3, 1)))
    assert level(*found.values()) == ["ok"] * 3
    assert found["token"].found == "Ana Ferreira: personal access token, from ONCALL_GITLAB_TOKEN (…x7Kq)"
    assert found["expiry"].found == "good until 2027-03-01"


@named(
    ("scopes", "levels"),
    [({"api", "read_user"}, "ok"), ({"read_api"}, "warning"), ({"read_user"}, "error"), (set(), "error"), (None, "ok")],
)
def test_the_scopes_of_a_gitlab_token(scopes: set[str] | None, levels: str) -> None:
    found = judge(facts(scopes=None if scopes is None else frozenset(scopes)))["scopes"]
    assert (found.level, found.exit_code) == (levels, ExitCode.AUTH if levels == "error" else 0)
    page = "https://gitlab.com/-/user_settings/personal_access_tokens?name=oncall&scopes=api"
    assert (page in found.fix) == (levels != "ok")


@named(
    ("days", "levels", "words"),
    [
        (8, "ok", "good until"),
        (7, "warning", "expires in 7 days, on 2026-11-30"),
        (1, "warning", "in 1 day,"),
        (0, "error", "expired on 2026-11-23"),
        (-3, "error", "expired on 2026-11-20"),
    ],
)
def test_a_token_is_renewed_in_time(days: int, levels: str, words: str) -> None:
    found = judge(facts(expires=TODAY + timedelta(days=days)))["expiry"]
    assert (found.level, found.exit_code) == (levels, ExitCode.AUTH if levels == "error" else 0)
    assert words in found.found
    assert "expiry" not in judge(facts(expires=None))


def test_where_a_new_token_goes_depends_on_where_the_old_one_was() -> None:
    assert another("slack", "", "SLACK_BOT_TOKEN").endswith("then export SLACK_BOT_TOKEN=… with a token that is valid")
    assert another("slack", "", "the keyring").endswith("then oncall auth login slack")


def test_an_account_key_needs_an_email() -> None:
    key = facts("pagerduty", kind="account key", account=None)
    (found,) = account_key(PAGERDUTY, key, None)
    assert (found.level, found.exit_code) == ("error", ExitCode.CONFIG)
    assert found.fix == "oncall config set pagerduty.email YOU@EXAMPLE.COM"
    assert account_key(PAGERDUTY, key, "ana@example.com") == account_key(PAGERDUTY, facts("pagerduty"), None) == []


# The roles


def test_the_time_in_which_nobody_holds_a_role() -> None:
    until = hours(100)
    some_turns = [turn(ANA, hours(-5), hours(10)), turn(BEN, hours(8), hours(20)), turn(ANA, hours(30), hours(40))]
    assert uncovered(LEVEL, some_turns, NOW, until) == [(hours(20), hours(30)), (hours(40), until)]
    assert uncovered(LEVEL, [turn(ANA, None, None)], NOW, until) == []
    assert uncovered(LEVEL, [], NOW, until) == [(NOW, until)]
    assert uncovered(LEVEL, [turn(ANA, None, hours(200)), turn(BEN, hours(1), hours(2))], NOW, until) == []
    assert uncovered(RoleName("Other", 1), [turn(ANA, None, None)], NOW, until) == [(NOW, until)]


def test_a_role_that_is_held_all_week() -> None:
    found = staffing(PAGERDUTY, "engineer", LEVEL, [turn(ANA, None, hours(6)), turn(BEN, hours(6), None)], NOW, UTC)
    assert (found.level, found.found) == (
        "ok",
        "Responder, level 1: Ana Ferreira until 20:00 UTC; staffed for 7 days",
    )


def test_a_gap_is_named_in_both_times() -> None:
    turns = [turn(ANA, None, hours(6)), turn(BEN, hours(18), hours(400))]
    found = staffing(PAGERDUTY, "engineer", LEVEL, turns, NOW, ZoneInfo("Europe/Lisbon"))
    assert (found.level, found.exit_code) == ("warning", 0)
    assert "Ana Ferreira now; nobody from 20:00 UTC" in found.found
    away = staffing(PAGERDUTY, "engineer", LEVEL, turns, NOW, ZoneInfo("America/New_York"))
    assert "nobody from 20:00 UTC (15:00 EST) to 2026-11-24 08:00 UTC (03:00 EST)" in away.found
    assert "'Responder, level 1' in PagerDuty" in away.fix


def test_nobody_now_is_an_error_where_pages_reach_nobody() -> None:
    found = {role: staffing(PAGERDUTY, role, LEVEL, [], NOW, UTC) for role in ROLES}
    assert level(*found.values()) == ["error", "warning", "warning"]
    assert found["engineer"].exit_code == ExitCode.NOT_FOUND
    assert "nobody is on call in Responder, level 1" in found["engineer"].found


@named(
    ("delay", "ack_minutes", "levels", "fix"),
    [
        (15, 15, "ok", ""),
        (10, 15, "warning", "oncall config set pages.ack_minutes 10"),
        (30, 30, "warning", "set the delay of its level to 15 in PagerDuty"),
        (30, 15, "warning", "set the delay of its level to 15 in PagerDuty"),
    ],
)
def test_the_delay_of_the_policy(delay: int, ack_minutes: int, levels: str, fix: str) -> None:
    policies = [Policy("P0", "Other", (Level(("x",), 5),)), Policy("P1", "Responder", (Level(("Ana",), delay),))]
    found = escalation(PAGERDUTY, LEVEL, [turn(ANA, None, None)], policies, ack_minutes)
    assert (found.level, found.fix) == (levels, fix)
    assert f"level 1 of Responder escalates after {delay} min" in found.found


def test_a_policy_that_is_not_to_be_seen() -> None:
    assert escalation(PAGERDUTY, LEVEL, [turn(ANA, None, None)], [], 15).level == "warning"


def test_the_delay_is_that_of_the_engineers_own_level() -> None:
    levels = [Level(("Ana",), 5), Level(("Ben",), 10)]
    policies = [Policy("P1", "responder", tuple(levels))]
    turns = [turn(ANA, None, None), OnCall(BEN, None, None, "Responder", 2, "Rota", policy_id="P1")]
    assert "after 10 min" in escalation(PAGERDUTY, RoleName("Responder", 2), turns, policies, 10).found
    assert "after 10 min" in escalation(PAGERDUTY, RoleName("Rota", None), turns, policies, 10).found
    assert "after 5 min" in escalation(PAGERDUTY, LEVEL, [], policies, 10).found
    assert escalation(PAGERDUTY, RoleName("Responder", 3), [], policies, 10).level == "warning"


@named(
    ("contacts", "levels"),
    [
        ((Contact("phone", "+1", "Mobile"),), "ok"),
        ((Contact("email", "a@example.com", ""),), "warning"),
        ((), "warning"),
        (None, "warning"),
    ],
)
def test_the_manager_has_a_phone(contacts: tuple[Contact, ...] | None, levels: str) -> None:
    found = phones(PAGERDUTY, turn(BEN, None, None), contacts)
    assert found.level == levels
    assert "Ben Okafor" in found.found


# People


def test_who_is_on_call_and_not_mapped() -> None:
    people = [Mapped("ANA@example.com", "ana"), Mapped("gone@example.com", "gone")]
    unmapped, stranger = in_pagerduty(PAGERDUTY, people, [ANA, BEN, BEN], ["ana@example.com", "ben@example.com"])
    assert "Ben Okafor" in unmapped.found
    assert "Ana" not in unmapped.found
    assert "oncall config set people.ben@example.com.gitlab" in unmapped.fix
    assert "gone@example.com" in stranger.found
    assert level(*in_pagerduty(PAGERDUTY, people, [ANA], None)) == ["ok"]


def test_a_name_that_nobody_has_there() -> None:
    people = [Mapped("ana@example.com", "Ana", "U0ANA"), Mapped("ben@example.com", "bne", None)]
    (found,) = handles(GITLAB, people, ["ana"])
    assert "nobody in GitLab is called 'bne' (ben@example.com)" in found.found
    assert found.fix == "oncall config set people.ben@example.com.gitlab NAME"
    assert level(*handles(SLACK, people, ["U0ANA"])) == ["ok"]
    assert handles(SLACK, [], []) == []


# GitLab

BOARD = Board(1, "On-call", "acme", "group", ("Backlog", "In Progress", "Done"))
SETTINGS = Settings(
    roles={},
    places=(IssueQuery("acme", "group"),),
    incidents=(IssueQuery("acme/ops", "project"),),
    incident_labels=("incident",),
    board="acme:On-call",
)


def with_lists(**more: str) -> list[Finding]:
    return own_list(GITLAB, BOARD, Settings(roles={}, board="acme:On-call", **more))  # type: ignore[arg-type]


def test_which_kind_of_list_it_is() -> None:
    assert [one.found for one in with_lists()][1] == "Backlog: the list of the label 'Backlog'"
    assert [one.found for one in with_lists(backlog="Open")][1] == "Open: GitLab's own Open list"


def test_a_list_that_is_not_there_names_those_that_are() -> None:
    _, found = with_lists(backlog="To Do")
    assert (found.check, found.level, found.exit_code) == ("list", "error", ExitCode.NOT_FOUND)
    assert "there are: Backlog, In Progress, Done, Open" in found.found
    assert found.fix == "oncall config set backlog.list 'Backlog'"
    *_, found = with_lists(doing="In progress")
    assert (found.check, found.fix) == ("doing", "oncall config set backlog.doing 'In Progress'")


def test_labels_that_are_not_there() -> None:
    assert level(*labels(GITLAB, SETTINGS, ["oncall"], ["incident"])) == ["ok"]
    (same,) = labels(GITLAB, replace(SETTINGS, incident_labels=("oncall",)), ["oncall"], ["oncall"])
    assert same.found == "there: 'oncall'"
    first, second = labels(GITLAB, SETTINGS, ["on-call"], [])
    assert first.fix == "oncall config set issues.label 'on-call'"
    assert "incidents.labels is 'incident'" in second.found
    assert {first.exit_code, second.exit_code} == {ExitCode.NOT_FOUND}


@named(
    ("found", "levels", "code"),
    [
        (Project("acme/eng", True, False, 30), "ok", 0),
        (Project("acme/eng", True, False, None), "ok", 0),
        (Project("acme/eng", False, False, 30), "error", ExitCode.CONFIG),
        (Project("acme/eng", True, True, 30), "error", ExitCode.CONFIG),
        (Project("acme/eng", True, False, 10), "error", ExitCode.AUTH),
    ],
)
def test_a_project_that_is_written_to(found: Project, levels: str, code: int) -> None:
    (told,) = project(GITLAB, "handover", "handoff.project", found)
    assert (told.check, told.level, told.exit_code) == ("handover", levels, code)
    assert ("oncall config set handoff.project" in told.fix) == bool(code)


def test_places_that_are_not_there() -> None:
    assert level(*visible(GITLAB, "groups", ["acme"], {})) == ["ok"]
    (gone,) = visible(GITLAB, "incidents", ["acme/ops", "acme/gone"], {"acme/gone": "project acme/gone: not found"})
    assert (gone.found, gone.exit_code) == ("project acme/gone: not found", ExitCode.NOT_FOUND)
    assert "oncall config set incidents.projects" in gone.fix
    assert visible(GITLAB, "groups", [], {}) == []


def test_a_bot_is_nobody() -> None:
    assert level(*bot(GITLAB, GitLabUser(1, "bot", "Bot", bot=True))) == ["warning"]
    assert bot(GITLAB, GitLabUser(1, "ana", "Ana")) == []


# Slack

ALL = frozenset({"chat:write", "channels:read", "channels:history"})


def test_the_scopes_of_a_slack_token_depend_on_its_channels() -> None:
    told = facts("slack", kind="bot token", scopes=ALL)
    assert scopes(SLACK, told, private=False).level == "ok"
    lacking = scopes(SLACK, told, private=True)
    assert (lacking.level, lacking.exit_code) == ("error", ExitCode.AUTH)
    assert lacking.found == "the token lacks groups:read, groups:history"
    assert scopes(SLACK, facts("slack", scopes=None), private=True).level == "ok"


@named(
    ("private", "member", "archived", "confides", "levels", "fix"),
    [
        (True, True, False, True, "ok", ""),
        (False, True, False, False, "ok", ""),
        (False, True, False, True, "error", "make #secops private"),
        (True, False, False, True, "error", "/invite @oncall in #secops"),
        (False, True, True, False, "error", "unarchive it"),
    ],
)
def test_a_channel(private: bool, member: bool, archived: bool, confides: bool, levels: str, fix: str) -> None:
    found = Channel("C1", "secops", private, member, archived)
    told = channel(SLACK, "handoffs", "handoff.slack_channel", found, "oncall", confides=confides)
    assert (told.level, told.exit_code > 0) == (levels, levels == "error")
    assert told.fix.startswith(fix)


# This machine


@named(
    ("file", "levels", "fix"),
    [
        (FileFacts("/c.toml", True, 0o600), "ok", ""),
        (FileFacts("/c.toml", True, None), "ok", ""),
        (FileFacts("/c.toml", False), "ok", ""),
        (FileFacts("/c.toml", True, 0o644), "warning", "chmod 600 /c.toml"),
        (FileFacts("/c.toml", True, 0o600, is_fixed=True), "warning", "give yourself the right"),
    ],
)
def test_the_configuration_file(file: FileFacts, levels: str, fix: str) -> None:
    (found,) = configuration(HERE, file, "default")
    assert (found.level, found.exit_code) == (levels, 0)
    assert found.fix.startswith(fix)


def test_a_link_is_named() -> None:
    (found,) = configuration(HERE, FileFacts("/c.toml", True, 0o600, "/dotfiles/c.toml"), "staging")
    assert found.found == "/c.toml, a link to /dotfiles/c.toml (mode 0600), profile staging"


def test_keys_that_nobody_reads() -> None:
    assert level(*keys(HERE, [])) == ["ok"]
    assert level(*keys(HERE, ["a: nobody reads 'x'", "a: nobody reads 'y'"])) == ["warning", "warning"]


@named(
    ("facts", "levels", "words"),
    [
        (JournalFacts("/j", free=2**34), "ok", "/j: sound, 16 GB free"),
        (JournalFacts("/j", on_network=True), "ok", "on a network file system"),
        (JournalFacts("/j", free=2**20), "warning", "1 MB are left"),
        (JournalFacts("/j", sound=False), "error", "damaged"),
        (JournalFacts("/j", is_fixed=True), "error", "can't be written"),
        (JournalFacts("/j", problem=("of a newer oncall", "pip install")), "error", "of a newer oncall"),
    ],
)
def test_the_journal(facts: JournalFacts, levels: str, words: str) -> None:
    found = journal(HERE, facts)
    assert (found.level, found.exit_code) == (levels, ExitCode.CONFIG if levels == "error" else 0)
    assert words in found.found


def test_no_keyring_is_well_where_none_is_needed() -> None:
    problem = ("there is no keyring", "export ONCALL_PAGERDUTY_TOKEN=…")
    assert keyring(HERE, "GNOME", None, needed=True).found == "GNOME"
    assert keyring(HERE, "", problem, needed=True).level == "warning"
    assert keyring(HERE, "", problem, needed=False).level == "ok"


def test_the_way_to_the_network() -> None:
    assert network(HERE, {}, (None, "")).found == "no proxy; the usual certificates"
    told = network(HERE, {"gitlab.com": "http://proxy:3128"}, ("/ca.pem", "network.ca_bundle"))
    assert told.found == ("gitlab.com through the proxy http://proxy:3128; certificates of /ca.pem (network.ca_bundle)")
    assert versions(HERE, {"oncall": "1", "typer": "2"}).found == "oncall 1, typer 2"
