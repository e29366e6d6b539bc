"""A service is found to be there, or not, without a token, and whatever it says to a stranger."""

from typing import Any

import pytest

from secops_oncall.clients.network import Network
from secops_oncall.clients.reaching import reach
from secops_oncall.domain.setup import Answer
from secops_oncall.domain.setup import Service as Name
from secops_oncall.errors import RemoteError
from tests.clients.conftest import Reply, Service

each = pytest.mark.parametrize("name", ["pagerduty", "gitlab", "slack"])
STRANGER = {"ok": False, "error": "not_authed"}


@each
@pytest.mark.parametrize("status", [200, 401, 403])
def test_whatever_it_answers_it_is_there_and_gets_no_token(service: Service, name: Name, status: int) -> None:
    service.replies = [Reply(status, STRANGER)]
    heard: list[Answer] = []
    reach(name, service.address, Network(attempts=1, on_answer=heard.append))
    assert [one.service for one in heard] == [name]
    (asked,) = service.seen
    assert not {"authorization", "private-token"} & set(asked.headers)
    assert "token" not in f"{asked.path}{asked.body}"


@each
@pytest.mark.parametrize(
    "reply",
    [
        Reply(503, STRANGER),
        Reply(drop=True),
        Reply(302, headers={"Location": "https://sso.example/login"}),
        Reply(302, headers={"Location": "/same"}),
        Reply(200, "<html>Welcome to the hotel</html>", kind="text/html"),
    ],
    ids=["down", "hangs up", "leads away", "leads to itself", "no API"],
)
def test_what_is_no_answer_of_its_own_is_an_error(service: Service, name: Name, reply: Reply) -> None:
    service.answering = lambda _: Reply(**{**vars(reply), "headers": _here(reply, service)})
    with pytest.raises(RemoteError):
        reach(name, service.address, Network(attempts=1))


def _here(reply: Reply, service: Service) -> dict[str, Any]:
    where = reply.headers.get("Location", "")
    return {"Location": service.address + where} if where.startswith("/") else reply.headers
