"""What the commands of `oncall incident` share: whom they ask, which incident is meant, and telling both places."""

from collections.abc import Callable, Sequence

from secops_oncall import threads
from secops_oncall.app import App
from secops_oncall.cli import asking
from secops_oncall.cli.options import OneFormat
from secops_oncall.domain.incidents import Incident
from secops_oncall.domain.notices import Notice
from secops_oncall.domain.outcomes import Outcome
from secops_oncall.domain.text import plural, shorten
from secops_oncall.errors import UsageError
from secops_oncall.views.notices import add_told, say_notice
from secops_oncall.views.outcomes import Answer
from secops_oncall.views.worklist import labelled, name
from secops_oncall.workflows import telling
from secops_oncall.workflows.charging import carry_out
from secops_oncall.workflows.incidents import Desk
from secops_oncall.workflows.meant import Meant, Named
from secops_oncall.workflows.refs import issue_ref


def desk(home: App, *, tells: bool = True) -> Desk:
    """Whom the commands ask; GitLab first, so that what is missing for it is said first.

    For one that `tells` Slack's library is loaded meanwhile: that takes as long as a request or two.
    """
    gitlab, settings = home.gitlab, home.handoff_settings
    loading = threads.start(lambda: home.slack) if tells and settings.destinations.channel else None
    slack = loading.result if loading else lambda: home.slack
    return Desk(home.pagerduty, gitlab, slack, home.journal, settings)


def named(home: App, page: str | None, issue: str | None) -> Named:
    """What was named, an ISSUE of the project where page-created issues lie."""
    projects = home.config.incidents.projects or home.config.gitlab.projects
    return Named(page, issue_ref(issue, home.config.gitlab.url, projects) if issue else None)


def chooser(home: App, verb: str) -> Callable[[Sequence[Incident]], Incident]:
    """Ask which of several incidents is meant; where nobody can be asked, refuse with the list."""

    def choose(work: Sequence[Incident]) -> Incident:
        if home.streams.interactive:
            return home.streams.pick(f"Which ({verb})?", labelled(work))[0]
        listed = ", ".join(f"{name(each)} {shorten(each.summary, 40)}" for each in work)
        how = f"oncall incident {verb} PAGE" if verb == "file" else f"oncall incident {verb} --issue ISSUE, or --page"
        raise UsageError(f"{plural(len(work), 'incident')} may be meant: {listed}", how)

    return choose


def send(
    home: App,
    at: Desk,
    found: Meant,
    what: Notice | Outcome,
    form: OneFormat,
    question: str = "",
    *,
    yes: bool = True,
    dry_run: bool = False,
) -> int:
    """Say which incident it is, ask where there is a `question`, and tell the notice in both places."""
    if found.echo:
        home.streams.say(found.echo)
    if found.issue.state == "closed":
        home.streams.warn(f"{found.issue.ref} is closed")
    place = None
    if isinstance(what, Notice):
        place = telling.where(at, found.issue.confidential, found.threads)
        if dry_run:
            say_notice(home.streams, what, what.mrkdwn(whole=place.whole) if place else None)
        elif question:
            asking.confirmer(home, yes)(f"{question} in {_readers(at, what, place)}?")
    with Answer(home.streams, form) as answer:
        acted = carry_out(at, what, place, home.now(), dry_run=dry_run)
        add_told(answer, acted.outcomes)
    return home.told(acted)


def _readers(at: Desk, notice: Notice, place: telling.Where | None) -> str:
    """Who will see what of it."""
    kind = (
        "confidential"
        if notice.issue.confidential
        else "internal note"
        if at.settings.destinations.internal
        else "for all to see"
    )
    slack = f", and {place}" if place else ""
    return f"{notice.issue.ref} ({kind}){slack}"
