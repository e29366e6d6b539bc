"""What follows an ack, once its tick is on the screen: the issue's new owner, the announcement, and a few words."""

from collections.abc import Sequence

from secops_oncall.app import App
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.domain.text import clean
from secops_oncall.errors import OncallError
from secops_oncall.views.after_ack import hint_next, say_essentials
from secops_oncall.views.outcomes import Answer
from secops_oncall.workflows.acting import Changed
from secops_oncall.workflows.after_ack import SOON, Around, around
from secops_oncall.workflows.announcing import Acks, announce
from secops_oncall.workflows.owning import Ownership, own, unasked
from secops_oncall.workflows.writing import NOTE


def follow(home: App, acked: Changed, answer: Answer, *, talk: bool) -> None:
    """Do what the settings ask for after an ack, its outcomes added to the answer; `talk` to the engineer, too.

    None of it changes what is known of the ack: what fails is an outcome of its own, or one line.
    """
    pages, wishes = acked.those(Result.DONE), home.config
    talk = talk and len(acked.outcomes) == 1 and not home.streams.quiet
    if not pages or not (talk or wishes.pages.assign_issue or wishes.slack.announce):
        return
    found = _look_around(home, pages, talk=talk)
    if talk:
        _talk(home, pages[0], found)
    joined = frozenset(one.id for one in acked.outcomes if one.code == "joined")
    acks = Acks(home.pagerduty.me().name, pages, joined, home.now())
    answer.add(_announce(home, acks, found), "announced")
    if wishes.pages.assign_issue:
        outcomes = _own(home, [page for page in pages if page.id not in joined], found)
        answer.add([one for one in outcomes if one.place != NOTE], "assigned")
        answer.add([one for one in outcomes if one.place == NOTE], "noted")
    if talk:
        hint_next(home.streams, pages[0], found.unacked or ())


def _look_around(home: App, pages: Sequence[Page], *, talk: bool) -> Around:
    patience = None if home.config.pages.assign_issue else SOON
    waiting = home.banner.waiting if talk and home.banner else None
    return around(home.gitlab_if_used, home.config.incident_sources, pages, waiting, patience)


def _talk(home: App, page: Page, found: Around) -> None:
    """The page's essentials, and in one line each what could not be asked."""
    issues = found.issues[page.id]
    known = found.gitlab_asked and (issues or not found.issue_problems)
    say_essentials(home.streams, page, issues if known else None, found.unacked, home.now())
    if found.unacked is not None:
        home.banner = None  # it would say the same again
    for problem in (*found.issue_problems, *found.page_problems):
        home.streams.say(f"  not known: {clean(problem.message)}")


def _own(home: App, pages: Sequence[Page], found: Around) -> list[Outcome]:
    try:
        gitlab = home.gitlab
    except OncallError as error:
        return unasked(pages, error)
    nameless = [page for page in pages if not found.issues[page.id]]
    if found.issue_problems:
        lost = unasked(nameless, found.issue_problems[0])
    else:
        lost = []
        for page in nameless:
            home.streams.say(f"  no open issue names page {page.number} yet, so none is assigned")
    owned = Ownership(home.pagerduty.me().person, pages, home.now())
    return [*lost, *own(gitlab, home.journal, owned, found.issues)]


def _announce(home: App, acks: Acks, found: Around) -> list[Outcome]:
    slack = home.config.slack
    return announce(lambda: home.slack, home.journal, slack.channel, acks, found.issues) if slack.announce else []
