"""GitLab as it tells of itself: whose token it is, and what there is to choose from."""

from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest

from secops_oncall.clients.gitlab_setup import GitLabSetupClient
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.domain.setup import Account, TokenFacts
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RemoteError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.gitlab_records import PROJECT
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Request, Service

ANA = Account("gitlab", "11", "Ana Ferreira", "ana@example.com", "ana")
API, PERSONAL = frozenset({"api"}), "personal access token"
GROUP_PLACE, PROJECT_PLACE = IssueQuery(cast.ACCOUNT, "group"), IssueQuery(cast.INCIDENTS_PROJECT, "project")


def at(url: str, network: Network, token: str = "glpat-s3cret") -> GitLabSetupClient:
    return GitLabSetupClient(url, token, network=network, token_from="ONCALL_GITLAB_TOKEN")


def logged_in(sandbox: Sandbox, network: Network, login: str = cast.ME) -> GitLabSetupClient:
    return at(sandbox.addresses.gitlab, network, cast.token("gitlab", login))


@pytest.fixture
def setup(sandbox: Sandbox, network: Network) -> GitLabSetupClient:
    """The client under test, as the engineer whose shift it is."""
    return logged_in(sandbox, network)


@pytest.mark.parametrize(
    ("login", "facts"),
    [
        ("ana", TokenFacts("gitlab", PERSONAL, ANA, API, date(2027, 2, 21))),
        (
            "ana-readonly",
            TokenFacts("gitlab", PERSONAL, ANA, frozenset({"read_api"}), date(2027, 2, 21)),
        ),
        ("ana-expiring", TokenFacts("gitlab", PERSONAL, ANA, API, date(2026, 11, 26))),
        ("ana-endless", TokenFacts("gitlab", PERSONAL, ANA, API)),
        ("ana-oauth", TokenFacts("gitlab", "OAuth token", ANA)),
    ],
)
def test_whose_token_it_is_of_which_kind_and_until_when(
    sandbox: Sandbox, network: Network, login: str, facts: TokenFacts
) -> None:
    assert logged_in(sandbox, network, login).token() == facts


def test_what_is_asked_at_once_waits_for_nothing(setup: GitLabSetupClient, sandbox: Sandbox) -> None:
    add_fault(sandbox.store, Fault("*", "", hold=0.1, times=-1))
    setup.token()
    assert (len(sandbox.log.seen), sandbox.log.waves()) == (2, 1)
    setup.people([GROUP_PLACE, PROJECT_PLACE, GROUP_PLACE])
    assert (len(sandbox.log.seen), sandbox.log.waves()) == (4, 2)


@pytest.mark.parametrize(
    ("username", "kind"),
    [
        (cast.TOKEN_BOT.login, "group access token"),
        ("project_72_bot", "project access token"),
        ("service_account_group_9_ab12", "service account token"),
        ("deployer", "service account token"),
    ],
)
def test_a_bots_token_is_its_places_or_a_service_accounts(
    service: Service, network: Network, username: str, kind: str
) -> None:
    bot = {"id": 91, "username": username, "name": "Token", "bot": True}
    service.answering = lambda asked: Reply(body=bot if asked.path.endswith("/user") else {"scopes": ["api"]})
    assert at(service.address, network).token().kind == kind


@pytest.mark.parametrize(
    ("login", "why"),
    [
        ("ana-expired", "rejects the token from ONCALL_GITLAB_TOKEN: it has expired"),
        ("ana-revoked", "rejects the token from ONCALL_GITLAB_TOKEN: it was revoked"),
        ("stranger", "rejects the token from ONCALL_GITLAB_TOKEN$"),
    ],
)
def test_a_token_that_is_rejected_and_why(sandbox: Sandbox, network: Network, login: str, why: str) -> None:
    with pytest.raises(AuthError, match=why) as caught:
        logged_in(sandbox, network, login).token()
    assert caught.value.hint


def test_a_token_without_a_scope_to_look_with(service: Service, network: Network) -> None:
    service.replies = [Reply(403, {"error": "insufficient_scope", "scope": "api read_user read_api"})]
    with pytest.raises(AuthError, match="lacks the scope `api read_user read_api`"):
        at(service.address, network).token()


def test_groups_and_projects_are_those_that_one_is_a_member_of(setup: GitLabSetupClient, sandbox: Sandbox) -> None:
    with sandbox.store.state() as state:
        for number, more in ((80, {"issues": False}), (81, {"archived": True})):
            project = {"id": number, "path": f"{cast.ACCOUNT}/p{number}", "name": "P"}
            state.put(PROJECT, number, {**project, "group": 70, "group_name": "Acme", **more}, parent=70)
    assert setup.version() == "18.1.1-ee"
    assert setup.groups() == [cast.ACCOUNT]
    assert setup.projects() == [f"{cast.ACCOUNT}/engineering", f"{cast.ACCOUNT}/operations"]
    asked = {seen.path.rpartition("/")[2]: seen.query for seen in sandbox.log.seen}
    assert "min_access_level=10" in asked["groups"]
    assert "membership=true" in asked["projects"]


def test_ten_thousand_groups_are_read_to_the_last(service: Service, network: Network) -> None:
    def answer(asked: Request) -> Reply:
        number = int(parse_qs(asked.path.partition("?")[2]).get("page", ["1"])[0])
        rows = [{"id": id, "full_path": f"team-{id:05}"} for id in range(10_000 - number * 100, 10_100 - number * 100)]
        following = str(number + 1) if number < 100 else ""
        told = {"X-Total": "10000", "X-Total-Pages": "100", "X-Page": str(number), "X-Next-Page": following}
        return Reply(body=rows, headers=told)

    service.answering = answer
    found = at(service.address, network).groups()
    assert (len(found), found[0], found[-1]) == (10_000, "team-00000", "team-09999")
    assert len(service.seen) == 100


def test_boards_of_a_group_and_of_a_project(setup: GitLabSetupClient) -> None:
    (board,) = setup.boards(cast.ACCOUNT)
    assert (f"{board.place}:{board.name}", board.lists) == (cast.BOARD, cast.LISTS)
    assert setup.boards(cast.INCIDENTS_PROJECT) == []
    with pytest.raises(NotFoundError, match="'acme/nowhere'"):
        setup.boards("acme/nowhere")


def test_people_are_in_it_once_and_bots_never(setup: GitLabSetupClient) -> None:
    found = setup.people([GROUP_PLACE, PROJECT_PLACE, GROUP_PLACE])
    assert found == [
        Account("gitlab", str(person.number), person.name, None, person.login)
        for person in sorted(cast.PEOPLE.values(), key=lambda one: one.name)
    ]
    assert setup.people([]) == []


def test_people_of_a_place_that_is_not_there(setup: GitLabSetupClient) -> None:
    with pytest.raises(NotFoundError, match="acme/nowhere"):
        setup.people([GROUP_PLACE, IssueQuery("acme/nowhere", "project")])


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"public_email": "eve@example.com"}, Account("gitlab", "5", "Eve", "eve@example.com", "eve")),
        ({"name": "E\x1b[31mve\u202e"}, Account("gitlab", "5", "Eve", None, "eve")),
        ({"name": None}, Account("gitlab", "5", "eve", None, "eve")),
        ({"username": "project_5_bot_6c1", "name": "CI"}, None),
        ({"username": "service_account_group_2_x"}, None),
        ({"bot": True}, None),
        ({"state": "blocked"}, None),
        ({"username": "talbot"}, Account("gitlab", "5", "Eve", None, "talbot")),
    ],
)
def test_who_counts_as_a_person(
    service: Service, network: Network, more: dict[str, Any], expected: Account | None
) -> None:
    row = {"id": 5, "username": "eve", "name": "Eve", "state": "active", "access_level": 30, **more}
    service.replies = [Reply(body=[row])]
    assert at(service.address, network).people([GROUP_PLACE]) == ([expected] if expected else [])


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body="<html>Sign in</html>", kind="text/html"),
        Reply(302, headers={"Location": "https://sso.example/login"}),
        Reply(body=[]),
        Reply(body={"id": "x", "username": "ana"}),
        Reply(body={"id": 1}),
        Reply(503),
    ],
)
def test_an_answer_that_is_none(service: Service, network: Network, reply: Reply) -> None:
    service.replies = [reply]
    setup = at(service.address, network)
    for ask in (setup.token, setup.version):
        with pytest.raises(RemoteError) as caught:
            ask()
        assert caught.value.hint


@pytest.mark.parametrize("rows", [{}, ["x"], [{"id": 1}], [{"id": 1, "full_path": None, "name": 3}, 4]])
def test_lists_that_are_none(service: Service, network: Network, rows: Any) -> None:
    service.replies = [Reply(body=rows)]
    setup = at(service.address, network)
    for ask in (setup.groups, setup.projects, lambda: setup.people([GROUP_PLACE])):
        with pytest.raises(OncallError) as caught:
            ask()
        assert caught.value.exit_code == 6


def test_odd_scopes_and_dates_are_not_believed(service: Service, network: Network) -> None:
    def answer(asked: Request) -> Reply:
        if asked.path.endswith("/user"):
            return Reply(body={"id": 1, "username": "ana", "name": "Ana"})
        return Reply(body={"scopes": ["api\x1b[2J"], "expires_at": "soon"})

    service.answering = answer
    assert at(service.address, network).token() == TokenFacts(
        "gitlab", PERSONAL, Account("gitlab", "1", "Ana", None, "ana"), API
    )
