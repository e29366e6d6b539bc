"""What can be done in a project, as GitLab tells it."""

import pytest

from secops_oncall.clients.gitlab_setup import GitLabSetupClient
from secops_oncall.clients.network import Network
from secops_oncall.domain.setup import Project
from secops_oncall.errors import NotFoundError, RemoteError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Service

ENGINEERING = f"{cast.ACCOUNT}/engineering"


def at(address: str, network: Network) -> GitLabSetupClient:
    return GitLabSetupClient(address, cast.token("gitlab"), network=network, token_from="ONCALL_GITLAB_TOKEN")


def test_a_project_of_the_sandbox(sandbox: Sandbox, network: Network) -> None:
    client = at(sandbox.addresses.gitlab, network)
    assert client.project(ENGINEERING) == Project(ENGINEERING, issues=True, archived=False, access=30)
    with pytest.raises(NotFoundError, match="project acme-security/gone: not found or no access"):
        client.project(f"{cast.ACCOUNT}/gone")


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ({}, (True, False, None)),
        ({"issues_enabled": False}, (False, False, None)),
        ({"issues_enabled": True, "issues_access_level": "disabled"}, (False, False, None)),
        ({"issues_access_level": "private", "archived": True}, (True, True, None)),
        ({"permissions": {"project_access": None, "group_access": None}}, (True, False, None)),
        (
            {"permissions": {"project_access": {"access_level": 10}, "group_access": {"access_level": 20}}},
            (True, False, 20),
        ),
    ],
)
def test_what_older_servers_leave_out(
    service: Service, network: Network, shown: dict[str, object], read: tuple[bool, bool, int | None]
) -> None:
    service.replies = [Reply(body={"id": 1, "path_with_namespace": "g/p", **shown})]
    found = at(service.address, network).project("g/p")
    assert (found.issues, found.archived, found.access) == read


@pytest.mark.parametrize("body", [{"id": 1}, [], {"id": 1, "path_with_namespace": "g/p", "permissions": "all"}])
def test_an_answer_of_another_shape(service: Service, network: Network, body: object) -> None:
    service.replies = [Reply(body=body)]
    with pytest.raises(RemoteError, match="not what its API sends"):
        at(service.address, network).project("g/p")
