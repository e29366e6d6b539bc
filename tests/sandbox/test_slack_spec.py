"""What the sandbox's Slack answers of people and channels, held against Slack's own description of its API."""

import json
from typing import Any

import pytest
import requests
from jsonschema import Draft4Validator  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT4

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox
from tests.conftest import SHARED

CALLS: dict[str, dict[str, str]] = {
    "auth.test": {},
    "users.list": {},
    "users.info": {"user": "U0BEN"},
    "users.lookupByEmail": {"email": "ben@example.com"},
    "conversations.list": {"types": "public_channel,private_channel"},
}


def call(sandbox: Sandbox, method: str, login: str = cast.ME, **asked: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {cast.token('slack', login)}"}
    return requests.post(f"{sandbox.addresses.slack}{method}", data=asked, headers=headers, timeout=20)


@pytest.fixture(scope="module")
def description() -> Any:
    """The official description; the test is skipped where it is absent."""
    path = SHARED / "specs" / "slack-web-openapi2.json"
    if not path.is_file():
        pytest.skip("../shared is absent: the official description can't be compared with")
    return as_schema(json.loads(path.read_text("utf-8")))


def as_schema(described: Any) -> Any:
    """The description as JSON Schema: `items` of no array are alternatives.

    It is too old to know every field, and the ids of the sandbox are shorter than Slack's own.
    """
    if isinstance(described, list):
        return [as_schema(each) for each in described]
    if not isinstance(described, dict):
        return described
    left_out = ("additionalProperties", "pattern")
    read = {key: as_schema(value) for key, value in described.items() if key not in left_out}
    if isinstance(read.get("items"), list) and "type" not in read:
        read["anyOf"] = read.pop("items")
    return read


def differing(description: Any, method: str, answer: Any) -> list[str]:
    """In what an answer differs from the description."""
    registry: Registry[Any] = Registry().with_resource("spec", DRAFT4.create_resource(description))
    verbs = description["paths"][f"/{method}"]
    verb = "get" if "get" in verbs else "post"
    schema = {"$ref": f"spec#/paths/~1{method}/{verb}/responses/200/schema"}
    errors = Draft4Validator(schema, registry=registry).iter_errors(answer)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("login", ["ana", "bot"])
def test_an_answer_is_as_described(sandbox: Sandbox, description: Any, method: str, login: str) -> None:
    answer = call(sandbox, method, login, **CALLS[method]).json()
    assert answer["ok"] is True
    assert differing(description, method, answer) == []


def test_a_wrong_answer_is_noticed(sandbox: Sandbox, description: Any) -> None:
    answer = call(sandbox, "users.list").json()
    assert differing(description, "users.list", {**answer, "members": [{"id": "U0BEN", "name": "ben"}]})
    assert differing(description, "users.list", {**answer, "cache_ts": "now"})


def test_every_answer_tells_what_the_token_may_do(sandbox: Sandbox) -> None:
    told = {login: call(sandbox, "auth.test", login).headers["x-oauth-scopes"] for login in ("ana", "ana-readonly")}
    assert "chat:write" in told["ana"].split(",")
    assert "chat:write" not in told["ana-readonly"].split(",")
    assert "x-oauth-scopes" in call(sandbox, "chat.postMessage", "ana-readonly").headers
    assert "x-oauth-scopes" not in call(sandbox, "auth.test", "stranger").headers


@pytest.mark.parametrize(
    ("login", "word"),
    [("ana-expired", "token_expired"), ("bot-revoked", "token_revoked"), ("ana-inactive", "account_inactive")],
)
def test_a_token_that_is_worth_nothing_says_why(sandbox: Sandbox, login: str, word: str) -> None:
    assert call(sandbox, "auth.test", login).json() == {"ok": False, "error": word}


def test_an_address_is_shown_to_who_may_read_it(sandbox: Sandbox) -> None:
    for method, asked in (("users.list", {}), ("users.info", {"user": "U0BEN"})):
        shown = [call(sandbox, method, f"ana{kind}", **asked).text for kind in ("", "-noemail")]
        assert ["ben@example.com" in text for text in shown] == [True, False]
    refused = [
        call(sandbox, method, login, **CALLS[method]).json()["needed"]
        for method, login in (
            ("users.lookupByEmail", "ana-noemail"),
            ("users.list", "ana-nousers"),
            ("conversations.list", "ana-public"),
        )
    ]
    assert refused == ["users:read.email", "users:read", "groups:read"]
