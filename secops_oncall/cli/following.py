"""What follows an ack, once its tick is on the screen: the announcement, the issue's new owner, and a few words."""

from collections.abc import Sequence

from secops_oncall.app import App
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page, urgent_first
from secops_oncall.domain.text import clean
from secops_oncall.errors import OncallError
from secops_oncall.views.after_ack import hint_next, say_essentials, say_several
from secops_oncall.views.outcomes import Answer
from secops_oncall.workflows.acting import Changed
from secops_oncall.workflows.after_ack import LATER, SOON, Around, Behind, around
from secops_oncall.workflows.announcing import Acks, announce
from secops_oncall.workflows.owning import Ownership, own, unasked
from secops_oncall.workflows.writing import NOTE


def follow(home: App, acked: Changed, answer: Answer, *, talk: bool, dry_run: bool) -> None:
    """Do what the settings ask for after an ack, its outcomes added to the answer; `talk` to the engineer, too.

    A page that was mine already is announced and assigned where that is missing. None of it changes what is known of
    the ack: what fails is an outcome of its own, or one line; and nothing that GitLab does holds up Slack.
    """
    new, wishes = acked.those(Result.DONE), home.config
    writes = (wishes.pages.assign_issue or wishes.slack.announce) and not dry_run
    pages = [*new, *acked.those(Result.ALREADY)] if writes else new
    talk = talk and bool(new) and not home.streams.quiet
    if not pages or not (talk or writes):
        return
    behind = Behind(home.gitlab_if_used, home.config.incident_sources)
    found = around(behind, pages, home.banner.waiting if talk and home.banner else None, SOON)
    if talk:
        _talk(home, urgent_first(new), found)
    if writes:
        _write(home, acked, pages, answer, behind, found)
    if talk:
        hint_next(home.streams, urgent_first(new)[0], found.unacked or ())


def _talk(home: App, pages: Sequence[Page], found: Around) -> None:
    """The essentials of one page, or in short of several, and in one line each what could not be asked."""
    if len(pages) == 1:
        say_essentials(home.streams, pages[0], found.known(pages[0]), found.unacked, home.now())
    else:
        say_several(home.streams, [(page, found.known(page)) for page in pages], found.unacked, home.now())
    if found.unacked is not None:
        home.banner = None  # it would say the same again
    for problem in (*found.issue_problems, *found.page_problems):
        home.streams.say(f"  not known: {clean(problem.message)}")


def _write(home: App, acked: Changed, pages: Sequence[Page], answer: Answer, behind: Behind, found: Around) -> None:
    """Announce the acks with what is known by now, and then have the issues behind my pages be mine."""
    joined = frozenset(one.id for one in acked.outcomes if one.code == "joined")
    if home.config.slack.announce:
        again = frozenset(page.id for page in acked.those(Result.ALREADY))
        acks = Acks(home.pagerduty.me().name, pages, joined, home.now(), again)
        channel = home.config.slack.channel
        answer.add(announce(lambda: home.slack, home.journal, channel, acks, found.issues), "announced")
    if home.config.pages.assign_issue:
        outcomes = _own(home, [page for page in pages if page.id not in joined], behind)
        answer.add([one for one in outcomes if one.place != NOTE], "assigned")
        answer.add([one for one in outcomes if one.place == NOTE], "noted")


def _own(home: App, pages: Sequence[Page], behind: Behind) -> list[Outcome]:
    try:
        gitlab = home.gitlab
    except OncallError as error:
        return unasked(pages, error)
    issues, problems = behind.of(pages, LATER)
    nameless = [page for page in pages if not issues[page.id]]
    if problems:
        lost = unasked(nameless, problems[0])
    else:
        lost = []
        for page in nameless:
            home.streams.say(f"  no open issue names page {page.number} yet, so none is assigned")
    named = [page for page in pages if issues[page.id]]
    owned = Ownership(home.pagerduty.me().person, named, home.now())
    return [*lost, *(own(gitlab, home.journal, owned, issues) if named else [])]
