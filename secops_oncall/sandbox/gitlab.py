"""The sandbox's GitLab: REST v4 as far as `oncall` and python-gitlab use it, on a Free server."""

from flask import Blueprint, Response, jsonify

from secops_oncall.sandbox import gitlab_activity, gitlab_issues, gitlab_notes, gitlab_people, gitlab_places
from secops_oncall.sandbox.gitlab_requests import Refused, enter

blueprint = Blueprint("gitlab", __name__)
blueprint.before_request(enter)
for part in (gitlab_people, gitlab_places, gitlab_issues, gitlab_notes, gitlab_activity):
    blueprint.register_blueprint(part.blueprint)


@blueprint.errorhandler(Refused)
def _refuse(refusal: Refused) -> tuple[Response, int]:
    return jsonify(refusal.body), refusal.status
