"""What PagerDuty adds to a page, and a page that is shown all the same where a plan lacks it."""

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.network import Network
from secops_oncall.clients.pagerduty import PagerDutyClient
from secops_oncall.domain.pages import Kin, KinPage
from secops_oncall.domain.times import parse
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service, pagerduty_at


def test_past_and_related_pages_and_custom_fields_in_one_wave(pagerduty: PagerDutyClient, sandbox: Sandbox) -> None:
    add_fault(sandbox.store, Fault("*", ".", times=-1, hold=0.03))
    found = pagerduty.kin("Q1IMPOSSIBLE002")
    assert [page.id for page in found.similar] == ["Q1NOISE00000010"]
    assert "Q1CANARYTOKEN01" in [page.id for page in found.related]
    assert found.custom_fields == {"Environment": "production"}
    assert sandbox.log.waves() == 1


@pytest.mark.parametrize("status", [402, 403, 404])
def test_what_the_plan_lacks_is_left_out(service: Service, network: Network, cache: Cache, status: int) -> None:
    service.replies = [Reply(status, {"error": {"message": "Not in your plan", "code": 2014}})]
    assert pagerduty_at(service, network, cache).kin("Q1") == Kin()


def test_titles_and_values_arrive_clean(service: Service, network: Network, cache: Cache) -> None:
    def answer(request: Request) -> Reply:
        what = request.path.split("?")[0].rpartition("/")[2]
        if what == "values":
            fields = [
                {"name": "tags", "display_name": "Tags\x1b[31m", "value": ["a\u202e", "b"]},
                {"name": "none", "value": None},
            ]
            return Reply(body={"custom_fields": fields})
        incident = {"id": "Q2", "title": "one\ntwo\x1b]0;x\x07", "created_at": "2026-11-04T16:08:15Z"}
        return Reply(body={what: [{"incident": incident}]})

    service.answering = answer
    found = pagerduty_at(service, network, cache).kin("Q1")
    akin = KinPage("Q2", "one two", parse("2026-11-04T16:08:15Z"))
    assert found == Kin((akin,), (akin,), {"Tags": "a, b"})
