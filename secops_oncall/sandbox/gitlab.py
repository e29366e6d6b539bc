"""The sandbox's GitLab: REST v4 as far as `oncall` and python-gitlab use it, on a Free server."""

from flask import Blueprint, Response, jsonify

from secops_oncall.sandbox import (
    gitlab_activity,
    gitlab_events,
    gitlab_issues,
    gitlab_memberships,
    gitlab_mentions,
    gitlab_notes,
    gitlab_people,
    gitlab_places,
)
from secops_oncall.sandbox.gitlab_requests import Moved, Refused, enter

blueprint = Blueprint("gitlab", __name__)
blueprint.before_request(enter)
_places = (gitlab_people, gitlab_places, gitlab_memberships)
_issues = (gitlab_issues, gitlab_notes, gitlab_activity, gitlab_events, gitlab_mentions)
for part in (*_places, *_issues):
    blueprint.register_blueprint(part.blueprint)


@blueprint.errorhandler(Refused)
def _refuse(refusal: Refused) -> tuple[Response, int]:
    return jsonify(refusal.body), refusal.status


@blueprint.errorhandler(Moved)
def _redirect(moved: Moved) -> tuple[Response, int, dict[str, str]]:
    told = f"This resource has been moved permanently to {moved.location}"
    return jsonify({"message": told}), 301, {"Location": moved.location}
