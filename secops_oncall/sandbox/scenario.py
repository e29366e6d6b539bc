"""The practice shift: seeded relative to now, moved on as time passes, begun anew when it is over."""

from datetime import datetime, timedelta

from secops_oncall.sandbox import scenario_gitlab, scenario_pagerduty
from secops_oncall.sandbox.store import State, Store

_ELAPSED = timedelta(hours=5)  # how long the shift has been going on when it is seeded
_WEEKEND_ELAPSED = timedelta(hours=17)


def ensure(store: Store, now: datetime) -> bool:
    """Seed an empty store; begin a new shift in one whose shift is over, and then answer True."""
    with store.state() as state:
        shift = state.get("shift", "current")
        if shift and now < datetime.fromisoformat(shift["end"]):
            return False
        _begin(state, now)
    return shift is not None


def seed(store: Store, now: datetime) -> None:
    """Forget everything and begin the shift that `now` (aware, UTC) lies in the middle of."""
    with store.state() as state:
        _begin(state, now)


def _begin(state: State, now: datetime) -> None:
    """All in one transaction: two processes that find the same shift over begin one new shift, not two."""
    state.clear()
    weekend = now.weekday() >= 5
    length = timedelta(hours=48 if weekend else 12)
    hour = now.replace(minute=0, second=0, microsecond=0)
    start = hour - (_WEEKEND_ELAPSED if weekend else _ELAPSED)
    state.put("shift", "current", {"start": start.isoformat(), "end": (start + length).isoformat()})
    scenario_pagerduty.seed(state, now, start, start + length)
    scenario_gitlab.seed(state, now)
