"""What the PagerDuty client reads: identity, lists, one page whole, contacts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.domain.pages import PageQuery, owner_from_log
from secops_oncall.domain.people import Contact, Me, Person
from secops_oncall.domain.times import iso
from secops_oncall.errors import AuthError, ConfigError, NotFoundError
from secops_oncall.ports import PagerDuty
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.pagerduty_records import INCIDENT, require, save
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, pagerduty_at
from tests.sandbox.conftest import NOW, SettableClock

ANA = cast.PEOPLE["ana"]
LEAKED = "Q1LEAKEDKEY0005"


def test_client_is_the_port(pagerduty: PagerDutyClient) -> None:
    port: PagerDuty = pagerduty
    assert port.me().id == ANA.pagerduty


def test_me_is_asked_once_a_day(
    pagerduty: PagerDutyClient, sandbox: Sandbox, network: Network, cache: Cache, clock: SettableClock
) -> None:
    me = Me(ANA.pagerduty, ANA.name, ANA.email, ANA.time_zone, (cast.TEAM[0],))
    again = PagerDutyClient(sandbox.addresses.pagerduty, cast.token("pagerduty"), network=network, cache=cache)
    assert [pagerduty.me(), pagerduty.me(), again.me()] == [me] * 3
    assert len(sandbox.log.seen) == 1
    clock.forward(hours=25)
    later = PagerDutyClient(sandbox.addresses.pagerduty, cast.token("pagerduty"), network=network, cache=cache)
    assert later.me() == me
    assert len(sandbox.log.seen) == 2


def test_identity_belongs_to_one_token(sandbox: Sandbox, network: Network, cache: Cache) -> None:
    for login in ("ana", "ben"):
        token = cast.token("pagerduty", login)
        one = PagerDutyClient(sandbox.addresses.pagerduty, token, network=network, cache=cache)
        assert one.me().id == cast.PEOPLE[login].pagerduty


def test_account_key_belongs_to_the_configured_email(service: Service, network: Network, cache: Cache) -> None:
    users = [
        {"id": "P2", "name": "Anna", "email": "anna@example.com"},
        {"id": "P1", "name": "Ana", "email": "ana@example.com"},
    ]

    def answer(request: Request) -> Reply:
        if request.path.startswith("/users/me"):
            return Reply(400, {"error": "This endpoint is not available to an account-level access token"})
        return Reply(body={"users": users, "more": False})

    service.answering = answer
    with pytest.raises(ConfigError, match=r"pagerduty\.email"):
        pagerduty_at(service, network, cache).me()
    assert pagerduty_at(service, network, cache, email="Ana@example.com").me().id == "P1"
    assert service.seen[-1].headers["from"] == "Ana@example.com"
    with pytest.raises(NotFoundError, match="bob@example.com"):
        pagerduty_at(service, network, cache, email="bob@example.com").me()


def test_open_pages_are_listed_however_old(pagerduty: PagerDutyClient) -> None:
    pages = {page.id: page for page in pagerduty.pages(PageQuery())}
    assert NOW - pages["Q1OLDERTHAN0012"].created_at > timedelta(days=31)
    assert {page.status for page in pages.values()} == {"triggered", "acknowledged"}


def test_lists_have_the_bridges_where_they_are_asked_for(pagerduty: PagerDutyClient) -> None:
    assert {page.bridge for page in pagerduty.pages(PageQuery())} == {None}
    bridges = {page.id: page.bridge for page in pagerduty.pages(PageQuery(bridged=True))}
    assert bridges[LEAKED] == cast.ZOOM_URL == pagerduty.page(LEAKED).bridge


def test_filters_intersect(pagerduty: PagerDutyClient) -> None:
    query = PageQuery(("triggered",), users=(ANA.pagerduty,), teams=(cast.TEAM[0],), urgency="high")
    assert {page.id for page in pagerduty.pages(query)} == {"Q1CANARYTOKEN01", "Q1IMPOSSIBLE002"}
    assert pagerduty.pages(PageQuery(teams=("PNOBODY",))) == []


def test_window_reaches_to_now_and_beyond(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    """With `since` alone PagerDuty takes one month from it: the newest pages would be missing."""
    since = NOW - timedelta(days=45)
    found = pagerduty.pages(PageQuery(("triggered", "acknowledged", "resolved"), since=since))
    assert {"Q1OLDERTHAN0012", "Q1CANARYTOKEN01", "Q1NOISE00000010"} <= {page.id for page in found}
    narrow = PageQuery(("resolved",), since=NOW - timedelta(minutes=275), until=NOW - timedelta(minutes=265))
    assert [page.id for page in pagerduty.pages(narrow)] == ["Q1RESOLVEDOPEN9"]


@pytest.mark.parametrize(("days", "window"), [(169, True), (171, False)])
def test_a_window_that_pagerduty_refuses_is_picked_from_all_pages(
    pagerduty: PagerDutyClient, sandbox: Sandbox, days: int, window: bool
) -> None:
    found = pagerduty.pages(PageQuery(("acknowledged",), since=NOW - timedelta(days=days)))
    assert "Q1OLDERTHAN0012" in {page.id for page in found}
    assert ("since=" in sandbox.log.seen[-1].query) is window
    with sandbox.store.state() as state:
        old = require(state, INCIDENT, "Q1OLDERTHAN0012")
        save(state, {**old, "created": iso(NOW - timedelta(days=days, seconds=1))})
    found = pagerduty.pages(PageQuery(("acknowledged",), since=NOW - timedelta(days=days)))
    assert "Q1OLDERTHAN0012" not in {page.id for page in found}


def test_resolved_pages_go_by_when_they_were_resolved(pagerduty: PagerDutyClient) -> None:
    def resolved(minutes: int, **more: Any) -> list[str]:
        since = NOW - timedelta(minutes=minutes)
        return [page.id for page in pagerduty.pages(PageQuery(("resolved",), resolved_since=since, **more))]

    assert resolved(149) == []
    assert resolved(206) == ["Q1AUTORESOLVE11", "Q1RESOLVEDOPEN9"]  # the last one first
    assert resolved(271, urgency="low") == ["Q1AUTORESOLVE11", "Q1NOISE00000010"]
    assert resolved(271, teams=("PNOBODY",)) == []
    pagerduty.resolve([pagerduty.page("Q1OLDERTHAN0012")])
    assert resolved(1) == ["Q1OLDERTHAN0012"]


def test_page_is_read_whole_from_the_list(pagerduty: PagerDutyClient) -> None:
    pages = {page.id: page for page in pagerduty.pages(PageQuery())}
    leaked = pages[LEAKED]
    assert (leaked.number, leaked.status, leaked.urgency, leaked.priority) == (4112, "acknowledged", "high", "P2")
    assert (leaked.service, leaked.policy) == ("Secret Detection", cast.POLICY[1])
    assert leaked.url == cast.page_url(LEAKED)
    assert leaked.acknowledged_by == (Person("PANA001", ANA.name), Person("PBEN002", "Ben Okafor"))
    assert leaked.owner and (leaked.owner.id, leaked.owner.acked_at) == ("PANA001", NOW - timedelta(minutes=121))
    assert leaked.owner_source == "acknowledgement"
    canary = pages["Q1CANARYTOKEN01"]
    assert [(action.kind, action.at) for action in canary.pending] == [("escalate", NOW + timedelta(minutes=11))]
    assert canary.owner is None


def test_snooze_is_told_from_the_services_own_time_out(service: Service, network: Network, cache: Cache) -> None:
    def acked(number: int, until: str, timeout: int | None) -> dict[str, Any]:
        return {
            "id": f"Q{number}",
            "incident_number": number,
            "status": "acknowledged",
            "created_at": "2026-11-23T10:00:00Z",
            "acknowledgements": [
                {"at": "2026-11-23T11:00:00Z", "acknowledger": {"id": "P1", "type": "user_reference"}}
            ],
            "pending_actions": [{"type": "unacknowledge", "at": until}],
            "service": {"id": "PS", "name": "S", "acknowledgement_timeout": timeout},
        }

    rows = [
        acked(1, "2026-11-23T11:30:00Z", 1800),
        acked(2, "2026-11-23T15:00:00Z", 1800),
        acked(3, "2026-11-23T15:00:00Z", None),
    ]
    service.replies = [Reply(body={"incidents": rows, "more": False})]
    pages = pagerduty_at(service, network, cache).pages(PageQuery())
    until = datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert [page.snoozed_until for page in pages] == [None, until, until]


def test_snoozed_page_of_the_shift(pagerduty: PagerDutyClient) -> None:
    pages = {page.id: page for page in pagerduty.pages(PageQuery())}
    assert pages["Q1SNOOZEDVPN007"].snoozed_until == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert pages[LEAKED].snoozed_until is None


def test_what_pagerduty_leaves_out_or_has_as_null_is_read(service: Service, network: Network, cache: Cache) -> None:
    bare = {"id": "Q1", "incident_number": 1, "status": "resolved", "created_at": "2026-11-23T10:00:00Z"}
    nulls = dict.fromkeys(("acknowledgements", "assignments", "pending_actions", "priority", "service", "title"))
    service.replies = [Reply(body={"incidents": [bare, {**bare, **nulls, "id": "Q2"}], "more": False})]
    assert [page.id for page in pagerduty_at(service, network, cache).pages(PageQuery())] == ["Q1", "Q2"]


def test_hostile_title_arrives_clean(pagerduty: PagerDutyClient) -> None:
    page = pagerduty.page("Q1HOSTILEMAIL03")
    assert page.title.startswith("/close /assign @chen Invoice overdue [bold]click[/bold]")
    assert not {"\x1b", "\n", "\r", "\x07", "\u202e", "\u200b"} & set(page.title)
    assert "oncall:" not in page.title


@pytest.mark.parametrize("ref", [LEAKED, "4112"])
def test_page_by_id_or_number(pagerduty: PagerDutyClient, ref: str) -> None:
    page = pagerduty.page(ref)
    assert page.id == LEAKED
    assert page.bridge == "https://example.zoom.us/j/98765432100"


def test_page_that_is_not_there_is_named(pagerduty: PagerDutyClient) -> None:
    with pytest.raises(NotFoundError, match="page '999' not found") as caught:
        pagerduty.page("999")
    assert "oncall pages" in caught.value.hint


def test_a_log_is_whole_and_earliest_first(pagerduty: PagerDutyClient) -> None:
    log = pagerduty.log(LEAKED)
    assert [one.at for one in log] == sorted(one.at for one in log)
    assert [one.kind for one in log[:2]] == ["trigger", "assign"]
    acks = [(one.who, one.person and one.person.id) for one in log if one.kind == "acknowledge"]
    assert acks == [("Ana Ferreira", "PANA001"), ("Ben Okafor", "PBEN002")]


def test_alerts_have_their_details_links_and_runbook(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    (alert,) = pagerduty.alerts(LEAKED)
    assert (alert.severity, alert.details["secret_type"]) == ("error", "AWS access key")
    assert f"{sandbox.addresses.gitlab}/acme-security/operations/-/issues/101" in alert.links
    assert alert.runbook == "https://runbooks.example.com/security/leaked-credentials"


def test_notes_name_their_authors(pagerduty: PagerDutyClient) -> None:
    assert [note.who for note in pagerduty.notes(LEAKED)] == ["Ana Ferreira", "Ben Okafor"]


def test_owner_is_known_from_the_log_after_resolving(pagerduty: PagerDutyClient) -> None:
    page = pagerduty.page("Q1RESOLVEDOPEN9")
    assert (page.owner, page.resolved_at) == (None, NOW - timedelta(minutes=205))
    owner = owner_from_log(pagerduty.log(page.id))
    assert owner and owner.id == "PANA001"
    assert owner_from_log(pagerduty.log("Q1AUTORESOLVE11")) is None


def test_alert_details_of_every_shape(service: Service, network: Network, cache: Cache) -> None:
    bodies = [
        {
            "details": "disk\x1b[31m full\r\nsince noon",
            "contexts": [{"type": "image", "src": "https://a.example/p.png"}],
        },
        {"cef_details": {"details": {"host": {"name": "web-1", "ports": [22, 443]}, "public": True, "none": None}}},
        {"cef_details": {"client": "Grafana", "client_url": "https://g.example/d/1"}, "details": {}},
        {"details": {"see": "Runbook: https://wiki.example/run-1.", "Runbook": "https://wiki.example/disk"}},
        None,
    ]
    alerts = [
        {"id": f"A{at}", "created_at": f"2026-11-23T10:0{at}:00Z", "body": body} for at, body in enumerate(bodies)
    ]
    service.replies = [Reply(body={"alerts": alerts, "more": False})]
    read = pagerduty_at(service, network, cache).alerts("Q1")
    assert [dict(alert.details) for alert in read[:3]] == [
        {"details": "disk full\nsince noon"},
        {"host.name": "web-1", "host.ports": "22\n443", "public": "true"},
        {},
    ]
    assert [alert.links for alert in read] == [("https://a.example/p.png",), (), ("https://g.example/d/1",), (), ()]
    assert [alert.runbook for alert in read] == [None, None, None, "https://wiki.example/disk", None]


def test_contacts_can_be_dialled(pagerduty: PagerDutyClient) -> None:
    assert pagerduty.contacts(ANA.pagerduty) == (
        Contact("email", ANA.email, "Default"),
        Contact("phone", "+351912345601", "Mobile"),
        Contact("sms", "+351912345601", "Mobile"),
    )


def test_contacts_that_may_not_be_seen_or_are_off(service: Service, network: Network, cache: Cache) -> None:
    off = {"type": "phone_contact_method", "country_code": 1, "address": "2025550102", "label": "Old", "enabled": False}
    push = {"type": "push_notification_contact_method", "address": "device-token", "label": "Phone of Ana"}
    service.replies = [Reply(403, {"error": {"code": 2010}}), Reply(body={"contact_methods": [off, push]})]
    one = pagerduty_at(service, network, cache)
    assert one.contacts("P1") is None
    assert one.contacts("P1") == (Contact("push", "Phone of Ana", "Phone of Ana"),)
    service.replies = [Reply(401)]
    with pytest.raises(AuthError):
        one.contacts("P1")


def test_touched_pages_each_once_earliest_first(pagerduty: PagerDutyClient) -> None:
    touched = pagerduty.touched(NOW - timedelta(minutes=150), NOW, (cast.TEAM[0],))
    assert touched == [
        "Q1AUTORESOLVE11",
        LEAKED,
        "Q1MISSEDEDR0004",
        "Q1HOSTILEMAIL03",
        "Q1IMPOSSIBLE002",
        "Q1CANARYTOKEN01",
    ]
    assert pagerduty.touched(NOW - timedelta(minutes=150), NOW, ("PNOBODY",)) == []


def test_corrupt_identity_in_the_cache_is_asked_again(
    pagerduty: PagerDutyClient, sandbox: Sandbox, network: Network, cache: Cache, tmp_path: Any
) -> None:
    pagerduty.me()
    for file in (tmp_path / "cache").iterdir():
        kept = json.loads(file.read_text())
        file.write_text(json.dumps({**kept, "value": {"name": "Ana"}}))
    again = PagerDutyClient(sandbox.addresses.pagerduty, cast.token("pagerduty"), network=network, cache=cache)
    assert again.me().id == ANA.pagerduty


def test_times_are_sent_as_utc(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(body={"incidents": [], "more": False})]
    pagerduty_at(service, network, cache).pages(PageQuery(since=NOW, until=NOW + timedelta(hours=1)))
    assert f"since={iso(NOW).replace(':', '%3A')}" in service.seen[0].path
    assert "date_range" not in service.seen[0].path
