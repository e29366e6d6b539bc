"""What a service's answers tell: that it is there, how soon it answers, and whether this machine's clock is right."""

from collections.abc import Sequence
from datetime import timedelta

from secops_oncall.domain.doctor import CONFIG, Checks
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.setup import Answer
from secops_oncall.domain.times import span
from secops_oncall.domain.tokens import host_of

OFF, WRONG = timedelta(seconds=30), timedelta(minutes=5)
_SYNC = "have this machine set its clock over the network (NTP)"


def answered(checks: Checks, url: str, answers: Sequence[Answer]) -> list[Finding]:
    """That a service answers, by the quickest of its answers, and the clock; nothing where there are none."""
    if not answers:
        return []
    how = "over TLS" if url.startswith("https:") else "without TLS, on this machine"
    quickest = min(one.milliseconds for one in answers)
    there = checks.fine("connection", f"{host_of(url)} answers in {quickest:.0f} ms, {how}")
    return [there, *clock(checks, answers)]


def clock(checks: Checks, answers: Sequence[Answer]) -> list[Finding]:
    """How far this machine's clock is from the service's, by the answer that says least; nothing where none says."""
    ahead = min((one.heard - one.said for one in answers if one.said), key=abs, default=None)
    if ahead is None:
        return []
    if abs(ahead) <= OFF:
        return [checks.fine("clock", "as the service's")]
    off = f"this machine's clock is {span(ahead)} {'ahead of' if ahead > timedelta(0) else 'behind'} the service's"
    if abs(ahead) > WRONG:
        return [checks.error("clock", f"{off}: deadlines and shifts come out wrong", _SYNC, CONFIG)]
    return [checks.warning("clock", off, _SYNC)]
