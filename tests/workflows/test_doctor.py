from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from secops_oncall.domain.doctor import Mapped, Settings
from secops_oncall.domain.doctor_tokens import Kept
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.issues import Board, IssueQuery
from secops_oncall.domain.people import Contact, OnCall, Person, Role, RoleName
from secops_oncall.domain.setup import Account, Answer, Level, Policy, Project, Service, TokenFacts
from secops_oncall.domain.slack import Channel
from secops_oncall.errors import AuthError, ConfigError, ExitCode, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.doctor import Connection, failed
from secops_oncall.workflows.doctor_gitlab import AtGitLab, examine_gitlab
from secops_oncall.workflows.doctor_pagerduty import AtPagerDuty, examine_pagerduty
from secops_oncall.workflows.doctor_slack import AtSlack, examine_slack
from tests.fakes import NOW, FakeGitLab, FakePagerDuty, FakeSlack

ANA = Person("PANA001", "Ana Ferreira", "ana@example.com")
DANA = Person("PDANA04", "Dana Cohen", "dana@example.com")
ROLES: dict[Role, RoleName] = {
    "engineer": RoleName("Responder", 1),
    "backup": RoleName("Backups", None),
    "manager": RoleName("Responder", 2),
}
TURNS = [
    OnCall(ANA, None, None, "Responder", 1, policy_id="P1"),
    OnCall(ANA, None, None, schedule="Backups"),
    OnCall(DANA, None, None, "Responder", 2, policy_id="P1"),
]
PHONE = Contact("phone", "+14155550104", "Mobile")
HOLDS = "acme/engineering"
SETTINGS = Settings(
    roles=ROLES,
    places=(IssueQuery("acme", "group"),),
    incidents=(IssueQuery("acme/ops", "project", ("incident",)),),
    incident_labels=("incident",),
    improvement_project=HOLDS,
    board="acme:On-call",
    handoff_project=HOLDS,
    handoff_channel="#secops",
    people=(Mapped("ana@example.com", "ana", "U0ANA"), Mapped("dana@example.com")),
    uses=frozenset({"pagerduty", "gitlab", "slack"}),
)
DOWN = RemoteError("GitLab (gitlab.com): the connection was refused", "check `gitlab.url`, or try again")


class Telling:
    """What the services tell of themselves; `failing` is raised instead."""

    def __init__(self, service: Service, **more: object) -> None:
        account = Account(service, "11", "oncall", handle="oncall")
        told = {"kind": "personal access token", "account": account, "scopes": frozenset({"api"}), **more}
        self.facts = TokenFacts(service, **told)  # type: ignore[arg-type]
        self.failing: OncallError | None = None
        self.delay = 15

    def token(self) -> TokenFacts:
        if self.failing:
            raise self.failing
        return self.facts

    def policies(self) -> list[Policy]:
        return [Policy("P1", "Responder", (Level(("Ana",), self.delay), Level(("Dana",), 15)))]

    def people(self, *_: object) -> list[Account]:
        users = [ANA, DANA]
        return [Account(self.facts.service, one.id, one.name, one.email, f"U0{one.name[:3].upper()}") for one in users]

    def version(self) -> str:
        return "18.1.1"

    def project(self, path: str) -> Project:
        return Project(path, issues=True, archived=False, access=30)


def connection(service: Service, telling: Telling, answers: Sequence[Answer] = ()) -> Connection:
    url = f"https://{service}.example"
    kept = Kept("the keyring", "x7Kq")
    return Connection(service, url, lambda: kept, telling.token, lambda: pytest.fail("reached"), lambda: answers)


def at_pagerduty(pagerduty: FakePagerDuty, telling: Telling, settings: Settings = SETTINGS) -> list[Finding]:
    desk = AtPagerDuty(telling, pagerduty, settings, NOW)  # type: ignore[arg-type]
    return examine_pagerduty(connection("pagerduty", telling), lambda: desk, NOW)


def at_gitlab(gitlab: FakeGitLab, telling: Telling, settings: Settings = SETTINGS) -> list[Finding]:
    desk = AtGitLab(telling, gitlab, settings)  # type: ignore[arg-type]
    return examine_gitlab(connection("gitlab", telling), lambda: desk, settings, NOW, has_token=True)


def at_slack(slack: FakeSlack, telling: Telling, settings: Settings = SETTINGS, *, token: bool = True) -> list[Finding]:
    desk = AtSlack(telling, slack, settings)  # type: ignore[arg-type]
    return examine_slack(connection("slack", telling), lambda: desk, settings, NOW, has_token=token)


def faults(findings: Sequence[Finding]) -> dict[str, Finding]:
    return {one.check: one for one in findings if one.level != "ok"}


def a_pagerduty(**more: object) -> FakePagerDuty:
    return FakePagerDuty(**{"turns": TURNS, "contacts": {DANA.id: (PHONE,)}, **more})  # type: ignore[arg-type]


def a_gitlab(**more: object) -> FakeGitLab:
    board = Board(1, "On-call", "acme", "group", ("Backlog", "In Progress"))
    known = {"boards": [board], "labels": ["oncall", "incident", "oncall-improvement"], **more}
    return FakeGitLab(**known)  # type: ignore[arg-type]


class Channels(FakeSlack):
    """Slack with the one channel #secops."""

    def channel(self, name: str) -> Channel:
        if name != "#secops":
            raise NotFoundError(f"Slack has no channel '{name}', or not for this token", "check the channel")
        return super().channel(name)


def a_slack(*, private: bool = True) -> FakeSlack:
    slack = Channels()
    slack.private = {"#secops"} if private else set()
    return slack


def test_all_is_well() -> None:
    scopes = frozenset({"chat:write", "channels:read", "channels:history", "groups:read", "groups:history"})
    pagerduty = at_pagerduty(a_pagerduty(), Telling("pagerduty"))
    assert [one.check for one in pagerduty] == [
        "token",
        "engineer",
        "backup",
        "manager",
        "escalation",
        "phone",
        "people",
    ]
    gitlab = at_gitlab(a_gitlab(), Telling("gitlab"))
    assert [one.check for one in gitlab] == [
        *("token", "scopes", "version", "groups", "incidents", "labels", "board", "list", "handover"),
        *("improvements", "people"),
    ]
    slack = at_slack(a_slack(), Telling("slack", kind="bot token", scopes=scopes))
    assert [one.check for one in slack] == ["token", "scopes", "handoffs", "people"]
    assert faults([*pagerduty, *gitlab, *slack]) == {}


def test_a_service_that_does_not_answer_is_one_error() -> None:
    telling = Telling("gitlab")
    telling.failing = DOWN
    down, rest = at_gitlab(a_gitlab(), telling)
    assert (down.check, down.found, down.fix, down.exit_code) == ("connection", DOWN.message, DOWN.hint, 6)
    assert (rest.level, rest.exit_code) == ("warning", 0)
    assert rest.found.startswith("not checked: version, places, labels, board")


def test_a_token_that_is_rejected_is_one_error_and_the_service_is_there() -> None:
    telling = Telling("gitlab")
    telling.failing = AuthError("GitLab rejects the token from the keyring", "oncall auth login gitlab")
    heard = [Answer("gitlab", 41, NOW, NOW)]
    at = connection("gitlab", telling, heard)
    found = examine_gitlab(at, lambda: pytest.fail("asked"), SETTINGS, NOW, has_token=True)
    there, clock, token, rest = found
    assert (there.level, clock.level, token.level, rest.level) == ("ok", "ok", "error", "warning")
    assert token.found == "GitLab rejects the token from the keyring (…x7Kq)"
    assert token.fix.startswith("make one at https://gitlab.example/-/user_settings/personal_access_tokens")
    assert (token.fix[-24:], token.exit_code) == ("oncall auth login gitlab", ExitCode.AUTH)


def test_no_token_is_an_error_beside_whether_the_service_is_there() -> None:
    def none() -> Kept:
        raise AuthError("no GitLab token: looked in ONCALL_GITLAB_TOKEN", "oncall auth login gitlab")

    def down() -> None:
        raise DOWN

    def found(reach: Callable[[], None]) -> list[Finding]:
        heard = [Answer("gitlab", 41, NOW, NOW)]
        at = replace(connection("gitlab", Telling("gitlab"), heard), token=none, reach=reach)
        at = replace(at, facts=lambda: pytest.fail("asked"))
        return examine_gitlab(at, lambda: pytest.fail("asked"), SETTINGS, NOW, has_token=False)

    there, clock, token, rest = found(lambda: None)
    assert [(one.check, one.exit_code) for one in (token, rest)] == [("token", 4), ("the rest", 0)]
    assert token.fix == "oncall auth login gitlab"
    assert (there.found, clock.check) == ("gitlab.example answers in 41 ms, over TLS", "clock")
    assert [(one.check, one.exit_code) for one in found(down)] == [("connection", 6), ("token", 4), ("the rest", 0)]


def test_an_address_that_must_not_get_a_token() -> None:
    telling = Telling("gitlab")
    telling.failing = ConfigError("`gitlab.url` would send the token unencrypted", "set `gitlab.url` to https://…")
    assert [(one.check, one.exit_code) for one in at_gitlab(a_gitlab(), telling)] == [("address", 3), ("the rest", 0)]


def test_what_nobody_uses_is_no_fault() -> None:
    empty = Settings(roles=ROLES)
    (slack,) = at_slack(a_slack(), Telling("slack"), empty, token=False)
    assert (slack.level, slack.found) == ("ok", "Slack is not used: no token, and nothing is configured there")
    at = connection("gitlab", Telling("gitlab"))
    assert [one.level for one in examine_gitlab(at, lambda: pytest.fail("asked"), empty, NOW, has_token=False)] == [
        "ok"
    ]


def test_what_is_typed_wrongly_is_a_matter_of_the_configuration() -> None:
    checks = connection("gitlab", Telling("gitlab")).checks
    assert failed(checks, "board", UsageError("x", "y")).exit_code == ExitCode.CONFIG


# PagerDuty


class Selective(FakePagerDuty):
    """One that knows no role of some name."""

    def on_call(self, roles: object, since: object, until: object) -> list[OnCall]:
        wanted: list[RoleName] = list(roles)  # type: ignore[call-overload]
        if any(role.level == 2 for role in wanted):
            raise NotFoundError("PagerDuty has no escalation policy 'Responder'", "did you mean 'Responders'?")
        return super().on_call(wanted, since, until)  # type: ignore[arg-type]


def test_a_role_that_is_not_there_fails_alone() -> None:
    every = at_pagerduty(Selective(turns=TURNS), Telling("pagerduty"))
    found = faults(every)
    assert {check: one.exit_code for check, one in found.items()} == {"manager": ExitCode.NOT_FOUND}
    assert "people" not in {one.check for one in every}  # nobody knows that everybody is mapped
    assert found["manager"].fix == "did you mean 'Responders'?"


def test_what_is_amiss_at_pagerduty() -> None:
    soon = [replace(TURNS[0], end=NOW + timedelta(hours=1)), *TURNS[1:]]
    telling = Telling("pagerduty", account=None, kind="account key")
    telling.delay = 30
    settings = replace(SETTINGS, people=(Mapped("ana@example.com"),))
    found = faults(at_pagerduty(a_pagerduty(turns=soon, contacts={DANA.id: None}), telling, settings))
    assert set(found) == {"email", "engineer", "escalation", "phone", "people"}
    assert found["email"].exit_code == ExitCode.CONFIG
    assert "Dana Cohen" in found["people"].found


def test_pagerduty_that_fails_in_the_middle_is_told_by_what_it_fails() -> None:
    pagerduty = a_pagerduty()
    pagerduty.failing["contacts"] = RemoteError("PagerDuty: it answers 500", "try again in a minute")
    assert {check: one.exit_code for check, one in faults(at_pagerduty(pagerduty, Telling("pagerduty"))).items()} == {
        "phone": ExitCode.REMOTE
    }


# GitLab


def test_what_is_amiss_at_gitlab() -> None:
    class Other(Telling):
        def project(self, path: str) -> Project:
            raise NotFoundError(f"project {path}: not found or no access", "check its name")

    telling = Other("gitlab", scopes=frozenset({"read_api"}), expires=date(2026, 11, 25))
    settings = replace(SETTINGS, backlog="To Do", people=(Mapped("ana@example.com", "stranger"),))
    found = at_gitlab(a_gitlab(labels=["oncall"]), telling, settings)
    named = {one.check: (one.level, one.exit_code) for one in found if one.level != "ok"}
    assert named == {
        "scopes": ("warning", 0),
        "expiry": ("warning", 0),
        "labels": ("error", 5),
        "list": ("error", 5),
        "handover": ("error", 5),
        "improvements": ("error", 5),
        "people": ("warning", 0),
    }


def test_a_place_that_is_gone_is_named_and_its_labels_are_not_looked_for() -> None:
    class Partly(FakeGitLab):
        def labels(self, place: IssueQuery) -> list[str]:
            if place.place == "acme/ops":
                raise NotFoundError("project acme/ops: not found or no access", "check its name")
            return super().labels(place)

    board = Board(1, "On-call", "acme", "group", ("Backlog", "In Progress"))
    gitlab = Partly(boards=[board], labels=["oncall", "oncall-improvement"])
    found = faults(at_gitlab(gitlab, Telling("gitlab")))
    assert set(found) == {"incidents"}
    assert "oncall config set incidents.projects" in found["incidents"].fix


def test_without_a_board_and_a_group_that_is_said() -> None:
    bare = Settings(roles=ROLES, handoff_project=HOLDS)
    found = faults(at_gitlab(a_gitlab(), Telling("gitlab"), bare))
    assert {check: one.level for check, one in found.items()} == {"groups": "warning", "board": "warning"}


def test_a_board_of_no_form() -> None:
    found = faults(at_gitlab(a_gitlab(), Telling("gitlab"), replace(SETTINGS, board="acme")))
    assert {check: one.exit_code for check, one in found.items()} == {"board": ExitCode.CONFIG}


# Slack


def test_a_channel_that_is_not_there_and_a_scope_that_is_missing() -> None:
    settings = replace(SETTINGS, ack_channel="#nowhere")
    found = faults(at_slack(a_slack(), Telling("slack", scopes=frozenset({"chat:write"})), settings))
    assert {check: one.exit_code for check, one in found.items()} == {"scopes": ExitCode.AUTH, "acks": 5}


def test_a_public_channel_can_hold_nothing_confidential() -> None:
    settings = replace(SETTINGS, confides=True)
    found = faults(at_slack(a_slack(private=False), Telling("slack", scopes=None), settings))
    assert {check: one.exit_code for check, one in found.items()} == {"handoffs": ExitCode.CONFIG}
