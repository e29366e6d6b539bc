"""python-gitlab and slack_sdk as they come, speaking to a sandbox, and GitLab asked without any library."""

from typing import Any

import requests
from gitlab import Gitlab
from slack_sdk import WebClient

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.server import Sandbox

OPERATIONS = f"{cast.ACCOUNT}/operations"
ENGINEERING = f"{cast.ACCOUNT}/engineering"


def gitlab_as(sandbox: Sandbox, login: str = cast.ME) -> Gitlab:
    """A session with the token of a person, the bot, or somebody's who may only read (`ana-readonly`)."""
    return Gitlab(sandbox.addresses.gitlab, oauth_token=cast.token("gitlab", login), keep_base_url=True)


def ask(sandbox: Sandbox, path: str, *, login: str = cast.ME, method: str = "GET", **sent: Any) -> requests.Response:
    """One request below `/api/v4`, as GitLab's own pages write it."""
    headers = {"PRIVATE-TOKEN": cast.token("gitlab", login)}
    return requests.request(method, f"{sandbox.addresses.gitlab}/api/v4{path}", headers=headers, timeout=20, **sent)


def slack_as(sandbox: Sandbox, login: str = cast.ME) -> WebClient:
    """A client with the token of a person or the bot."""
    return WebClient(cast.token("slack", login), base_url=sandbox.addresses.slack)
