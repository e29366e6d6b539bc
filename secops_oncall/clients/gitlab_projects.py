"""What GitLab tells of a project: whether issues can be made there, and by this token's user."""

from typing import Any

from secops_oncall.clients.gitlab_api import GitLabApi, Json
from secops_oncall.clients.network import Network
from secops_oncall.domain.setup import Project
from secops_oncall.domain.text import clean


class GitLabProjectsClient:
    """`ports_setup.GitLabProjects`; `url` is the instance, `token_from` where the token was found."""

    def __init__(self, url: str, token: str, *, network: Network, token_from: str) -> None:
        self._api = GitLabApi(url, token, network, token_from=token_from)

    def project(self, path: str) -> Project:
        """A project (GET /projects/:id, doc/api/projects.md); NotFoundError where there is none for this token."""
        return self._api.get(f"project {path}", lambda gl: gl.projects.get(path, obey_rate_limit=False), _project)


def _project(json: Json) -> Project:
    """Older servers have no `issues_access_level`; `permissions` is left out for whoever is nobody there."""
    level = json.get("issues_access_level")
    issues = level != "disabled" if level else json.get("issues_enabled") is not False
    return Project(clean(json["path_with_namespace"]), issues, bool(json.get("archived")), _access(json))


def _access(json: Json) -> int | None:
    """The higher of the access to the project and that by its groups; None where GitLab tells neither."""
    told: dict[str, Any] = json.get("permissions") or {}
    levels = [one.get("access_level") for one in (told.get("project_access"), told.get("group_access")) if one]
    return max((int(level) for level in levels if level is not None), default=None)
