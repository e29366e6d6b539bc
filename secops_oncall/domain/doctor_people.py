"""Whether the `people` table has everybody whom a hand-off may name, and nobody whom nobody knows."""

from collections.abc import Collection, Iterable, Sequence

from secops_oncall.domain.doctor import Checks, Mapped, some
from secops_oncall.domain.findings import Finding
from secops_oncall.domain.people import Person
from secops_oncall.domain.setup import NAMES
from secops_oncall.domain.text import plural, quoted


def in_pagerduty(
    checks: Checks, people: Sequence[Mapped], on_call: Iterable[Person], known: Collection[str] | None
) -> list[Finding]:
    """Who is on call this week and not in the table, and whose e-mail in it nobody has.

    `known` are the e-mails of PagerDuty's users, None where they can't be listed.
    """
    there = {one.email.casefold() for one in people}
    distinct = {one.id: one for one in on_call}.values()
    lacking = [one for one in distinct if (one.email or one.name).casefold() not in there]
    found = []
    if lacking:
        named, first = some([one.name for one in lacking]), lacking[0].email or "EMAIL"
        fix = f"oncall init maps them; or oncall config set people.{first}.gitlab USERNAME"
        found.append(checks.warning("people", f"on call this week, and in no `people` table: {named}", fix))
    folded = {each.casefold() for each in known} if known is not None else there
    strangers = [one.email for one in people if one.email.casefold() not in folded]
    if strangers:
        fix = f"mend the e-mail, or oncall config unset people.{strangers[0]}"
        found.append(checks.warning("people", f"nobody in PagerDuty has the e-mail {some(strangers)}", fix))
    return found or [checks.fine("people", f"everybody on call this week is mapped, of {len(people)} in all")]


def handles(checks: Checks, people: Iterable[Mapped], known: Collection[str]) -> list[Finding]:
    """Whose name in GitLab or Slack nobody has there; `known` are those that somebody has."""
    service = checks.service or "gitlab"
    folded = {each.casefold() for each in known}
    named = {one.email: handle for one in people if (handle := one.slack if service == "slack" else one.gitlab)}
    wrong = {email: handle for email, handle in named.items() if handle.casefold() not in folded}
    if wrong:
        which = some([f"{quoted(handle)} ({email})" for email, handle in wrong.items()])
        fix = f"oncall config set people.{next(iter(wrong))}.{service} NAME"
        return [checks.warning("people", f"nobody in {NAMES[service]} is called {which}", fix)]
    return [checks.fine("people", f"{plural(len(named), 'name')} of the `people` table found")] if named else []
