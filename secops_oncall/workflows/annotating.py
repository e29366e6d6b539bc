"""The note that goes with a resolve: written on the page in PagerDuty, its own outcome told beside the resolve's."""

from dataclasses import replace
from datetime import datetime

from secops_oncall import threads
from secops_oncall.domain.events import Event
from secops_oncall.domain.outcomes import DRY_RUN, FINE, PAGE_NOTE, Outcome, Result, of_page
from secops_oncall.domain.pages import Page
from secops_oncall.errors import OncallError
from secops_oncall.ports import Journal, PagerDuty
from secops_oncall.workflows.acting import Changed
from secops_oncall.workflows.outcomes import Acted, failed, remember
from secops_oncall.workflows.refs import words


def note_text(typed: str) -> str:
    """What was typed as a note, safe for others to read; UsageError for nothing at all."""
    return words(typed, "the note", 'oncall resolve PAGE --note "what it was"')


def annotate(
    pagerduty: PagerDuty, journal: Journal, resolved: Changed, text: str, now: datetime, *, dry_run: bool
) -> Acted:
    """Write a note on every page that is resolved now, never twice; of the others it is told that none is written."""
    pages = resolved.those(*FINE)
    if dry_run:
        written = [of_page(page, Result.PLANNED, "dry_run", DRY_RUN) for page in pages]
        events = []
    else:
        written = threads.each(lambda page: _note(pagerduty, page, text), pages)
        events = [Event(now, "page_note", one.id, text, {"result": one.result}) for one in written]
    known = {one.id: one for one in written}
    outcomes = [known.get(one.id) or _unwritten(one) for one in resolved.outcomes]
    return Acted([replace(one, place=PAGE_NOTE) for one in outcomes], remember(journal, events))


def _unwritten(resolve: Outcome) -> Outcome:
    """The outcome of a note that goes with a resolve which was not carried out, or may not have been."""
    why = "the note is not written, since the page is not resolved"
    if resolve.result is Result.FAILED:
        return replace(resolve, message=why)
    return replace(resolve, result=Result.REFUSED, code="unresolved", message=why, hint="")


def _note(pagerduty: PagerDuty, page: Page, text: str) -> Outcome:
    try:
        outcome = pagerduty.note(page, text)
    except OncallError as error:
        outcome = failed(of_page(page, Result.FAILED, "", ""), error)
    return outcome if outcome.result is Result.DONE else replace(outcome, message=f"the note: {outcome.message}")
