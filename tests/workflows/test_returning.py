"""In whose shift snoozed pages come back: in lists and on one page, and none the worse where that is not known."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event as Signal
from typing import Any

import pytest

from secops_oncall.domain.people import OnCall, Person, RoleName
from secops_oncall.errors import NotFoundError, RemoteError
from secops_oncall.workflows import returning
from secops_oncall.workflows.pages import PageFilter, Pages, list_pages
from secops_oncall.workflows.showing import Shown, show
from tests.fakes import MANAGER, ME, NOW, FakePagerDuty, a_page

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor")
ENGINEER, ONE = RoleName("Security Responder", 1), "Q1ONE00001"
TURNS = [
    OnCall(ANA, None, NOW + timedelta(hours=7), "Security Responder", 1),
    OnCall(BEN, NOW + timedelta(hours=7), None, "Security Responder", 1),
]
SNOOZED = a_page(ONE, "acknowledged", snoozed_until=NOW + timedelta(hours=9))


def listed(pagerduty: FakePagerDuty, engineer: RoleName | None = ENGINEER, **wanted: Any) -> Pages:
    return list_pages(
        pagerduty, None, (), PageFilter(**wanted), ack_minutes=15, engineer=engineer, manager=MANAGER, now=NOW
    )


def shown(pagerduty: FakePagerDuty) -> Shown:
    known: dict[str, Any] = {"engineer": ENGINEER, "manager": MANAGER, "gitlab_url": "", "ack_minutes": 15}
    return show(pagerduty, None, (), ONE, **known)


def whose(pagerduty: FakePagerDuty) -> list[str | None]:
    """Whose shift the page comes back in, as it is listed and as it is shown."""
    (page,) = listed(pagerduty).pages
    return [page.whose_shift, shown(pagerduty).page.whose_shift]


def test_a_snoozed_page_is_listed_and_shown_with_whose_shift_it_comes_back_in() -> None:
    assert whose(FakePagerDuty([SNOOZED], turns=TURNS)) == [BEN.name, BEN.name]
    assert whose(FakePagerDuty([SNOOZED], turns=TURNS[:1])) == ["nobody", "nobody"]
    assert whose(FakePagerDuty([a_page(ONE, "acknowledged")], turns=TURNS)) == [None, None]
    week = replace(SNOOZED, snoozed_until=NOW + timedelta(days=7, minutes=9))  # this machine's clock is behind
    assert whose(FakePagerDuty([week], turns=TURNS)) == [BEN.name, BEN.name]


def test_only_the_engineers_of_the_coming_week_are_asked_for_and_only_where_a_page_may_rest() -> None:
    class Responders(FakePagerDuty):
        def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
            asked.append((list(roles), since, until))
            return super().on_call(roles, since, until)

    asked: list[Any] = []
    pagerduty = Responders([SNOOZED], turns=TURNS)
    for wanted in ({"statuses": ("triggered",)}, {"statuses": ("resolved",)}, {"engineer": None}):
        listed(pagerduty, **wanted)
    assert asked == []
    listed(pagerduty)
    assert asked == [([ENGINEER], NOW, NOW + timedelta(days=7, hours=1))]


def test_a_list_is_not_worse_where_on_calls_cannot_be_read() -> None:
    pagerduty = FakePagerDuty([SNOOZED], turns=TURNS)
    for error in (RemoteError("PagerDuty does not answer", "try again"), NotFoundError("no such policy", "check it")):
        pagerduty.failing = {"on_call": error}
        assert whose(pagerduty) == [None, None]
        assert (listed(pagerduty).problems, shown(pagerduty).problems) == ([], [])


def test_no_page_waits_long_for_on_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning, "SOON", 0.02)
    over = Signal()

    class Slow(FakePagerDuty):
        def on_call(self, roles: Iterable[RoleName], since: datetime, until: datetime) -> list[OnCall]:
            over.wait(10)
            return super().on_call(roles, since, until)

    assert whose(Slow([SNOOZED], turns=TURNS)) == [None, None]
    over.set()
