"""What PagerDuty adds to a page where the plan has it: past and related incidents, and custom fields."""

from collections.abc import Callable
from typing import TypeVar

from secops_oncall import threads
from secops_oncall.clients.pagerduty_api import Json, PagerDutyApi
from secops_oncall.domain.pages import Kin, KinPage
from secops_oncall.domain.text import clean
from secops_oncall.domain.times import parse
from secops_oncall.errors import OncallError

T = TypeVar("T")


def kin(api: PagerDutyApi, page: str) -> Kin:
    """GET past_incidents, related_incidents and custom_fields/values of an incident (api-schema), side by side.

    These features are a plan's (402 or 403 without), and none of them is worth a page that can't be shown: what
    fails is left out.
    """
    past = threads.start(lambda: _asked(api, "past_incidents", page, "past_incidents", _akin))
    related = threads.start(lambda: _asked(api, "related_incidents", page, "related_incidents", _akin))
    custom = _asked(api, "custom_fields", page, "custom_fields/values", _field)
    return Kin(tuple(past.result()), tuple(related.result()), {name: value for name, value in custom if value})


def _asked(api: PagerDutyApi, name: str, page: str, path: str, read: Callable[[Json], T]) -> list[T]:
    try:
        return api.listed_as(name, f"/incidents/{page}/{path}", read)
    except OncallError:
        return []


def _akin(json: Json) -> KinPage:
    incident = json["incident"]
    return KinPage(clean(incident["id"]), clean(incident.get("title")), parse(incident.get("created_at")))


def _field(json: Json) -> tuple[str, str]:
    value = json.get("value")
    values = value if isinstance(value, list) else [] if value is None else [value]
    return clean(json.get("display_name") or json.get("name")), ", ".join(clean(each) for each in values)
