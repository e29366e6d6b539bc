"""What follows an ack, once its tick is on the screen: a few words, the announcement, and the issue's new owner."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from secops_oncall.app import App
from secops_oncall.domain.outcomes import NOTE, THERE, Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.domain.text import clean
from secops_oncall.errors import OncallError
from secops_oncall.views.after_ack import hint_next, say_essentials, say_several
from secops_oncall.views.outcomes import Answer
from secops_oncall.workflows.acting import Changed
from secops_oncall.workflows.after_ack import LATE, Around, Behind, around, side_by_side
from secops_oncall.workflows.announcing import Acks, announce
from secops_oncall.workflows.owning import Ownership, own, unasked

_VERBS = {"slack": "announced", "gitlab": "assigned", NOTE: "noted"}  # what is done in each place


def follow(home: App, acked: Changed, answer: Answer, *, talk: bool) -> None:
    """Do what the settings ask for after an ack, its outcomes added to the answer; `talk` to the engineer, too.

    None of it changes what is known of the ack: what fails is an outcome of its own, or one line. The same ack again
    does what is not done yet.
    """
    held, wishes = acked.those(*THERE), home.config
    new = acked.those(Result.DONE) if talk and not home.streams.quiet else []
    if not held or not (new or wishes.pages.assign_issue or wishes.slack.announce):
        return
    behind = Behind(home.gitlab_if_used, wishes.incident_sources, held)
    found = around(behind, home.banner.waiting if new and home.banner else None)
    if new:
        _talk(home, new, found, is_asked=behind.is_asked, several=len(acked.outcomes) > 1)
    deeds = [lambda: _announce(home, acked, held, found), lambda: _own(home, acked, held, behind)]
    for outcomes in side_by_side(deeds):
        for place, verb in _VERBS.items():
            answer.add([one for one in outcomes if one.place == place], verb)
    if new:
        hint_next(home.streams, new, found.unacked or ())


def _talk(home: App, pages: Sequence[Page], found: Around, *, is_asked: bool, several: bool) -> None:
    """The pages' essentials, and in one line each what could not be asked."""
    named = found.issues if is_asked else {}
    issues = {page: some for page, some in named.items() if some or not found.issue_problems}
    if several:
        say_several(home.streams, pages, issues, found.unacked, home.now())
    else:
        say_essentials(home.streams, pages[0], issues.get(pages[0].id), found.unacked, home.now())
    if found.unacked is not None:
        home.banner = None  # it would say the same again
    for problem in (*found.issue_problems, *found.page_problems):
        home.streams.say(f"  not known: {clean(problem.message)}")


def _announce(home: App, acked: Changed, held: Sequence[Page], found: Around) -> list[Outcome]:
    slack, joined = home.config.slack, _joined(acked)
    if not slack.announce:
        return []
    acks = Acks(home.pagerduty.me().name, held, joined, home.now(), _before(acked, joined))
    return announce(lambda: home.slack, home.journal, slack.channel, acks, found.issues)


def _own(home: App, acked: Changed, held: Sequence[Page], behind: Behind) -> list[Outcome]:
    """The outcomes of assigning the issues behind pages that I own; a page that none names is said to have none yet."""
    joined = _joined(acked)
    pages = [page for page in held if page.id not in joined]
    if not home.config.pages.assign_issue or not pages:
        return []
    issues, problems = behind.within(LATE)
    try:
        gitlab = home.gitlab
    except OncallError as error:
        return unasked(pages, error)
    nameless = [page for page in pages if not issues[page.id]]
    for page in nameless if not problems else ():
        home.streams.say(f"  no open issue names page {page.number} yet, so none is assigned")
    lost = unasked(nameless, problems[0]) if problems else []
    return [*lost, *own(gitlab, home.journal, Ownership(home.pagerduty.me().person, pages, home.now()), issues)]


def _joined(acked: Changed) -> frozenset[str]:
    """The ids of the pages that somebody else owns."""
    return frozenset(one.id for one in acked.outcomes if one.code == "joined")


def _before(acked: Changed, joined: frozenset[str]) -> Mapping[str, datetime]:
    """The pages that had been acked before, by id, each with a moment since when that was."""
    return {
        page.id: page.owner.acked_at if page.owner and page.id not in joined else page.created_at
        for page in acked.those(Result.ALREADY)
    }
