"""The `people` table of `oncall init`: who is who in the three services, shown and confirmed."""

from collections.abc import Callable, Mapping

from secops_oncall import threads
from secops_oncall.domain.init_people import Matches, entries, matches
from secops_oncall.domain.issues import IssueQuery
from secops_oncall.domain.setup import Account
from secops_oncall.domain.text import shorten
from secops_oncall.errors import OncallError
from secops_oncall.ports_setup import GitLabSetup, PagerDutySetup, SlackSetup
from secops_oncall.workflows.init_asking import Interview

_LONGEST = 200  # characters of a list of names
Show = Callable[[Matches], None]


def ask(
    interview: Interview,
    pagerduty: PagerDutySetup | None,
    gitlab: GitLabSetup | None,
    slack: SlackSetup | None,
    show: Show,
) -> None:
    """Ask the services side by side who is there, and add to the table whom they have in common.

    A service that can't be asked is told, and nothing is added.
    """
    wanted = interview.given.get("people")
    if wanted is False or not pagerduty or not gitlab or (interview.changing and not wanted):
        return
    places = [IssueQuery(each, "group") for each in interview.value("gitlab.groups") or ()]
    places += [IssueQuery(each, "project") for each in interview.value("gitlab.projects") or ()]
    try:
        found = _found(pagerduty.people, lambda: gitlab.people(places), slack, interview.known["people"])
    except OncallError as error:
        interview.asking.warn(f"{error.message}: who is who stays as it is")
        return
    if found.unclear:
        names = shorten(", ".join(found.unclear), _LONGEST)
        interview.asking.warn(f"left out, since they could be several people: {names}")
    if found.people:
        _confirm(interview, found, show)
    else:
        interview.asking.say("Who is who: nobody new was found")


def _found(
    pagerduty: Callable[[], list[Account]],
    gitlab: Callable[[], list[Account]],
    slack: SlackSetup | None,
    known: Mapping[str, Mapping[str, str]],
) -> Matches:
    asked = [threads.start(pagerduty), threads.start(gitlab), threads.start(slack.people if slack else list)]
    in_pagerduty, in_gitlab, in_slack = (one.result() for one in asked)
    return matches(in_pagerduty, in_gitlab, in_slack, known)


def _confirm(interview: Interview, found: Matches, show: Show) -> None:
    count = "1 person" if len(found.people) == 1 else f"{len(found.people)} people"
    if interview.given.get("people") is None:
        if not interview.asking.interactive:
            interview.asking.warn(f"who is who is not kept: {count} found, whom --map enters")
            return
        show(found)
        if not interview.asking.confirm("Are these the same people? Only they are ever mentioned"):
            return
    else:
        show(found)
    interview.answers["people"] = entries(found.people)
    interview.asking.done(f"who is who: {count}")
