"""How a write to a page ended, where PagerDuty's answer tells it and where it doesn't."""

from secops_oncall.clients.causes import NotSentError
from secops_oncall.domain.outcomes import Outcome, Result, of_page
from secops_oncall.domain.pages import Page
from secops_oncall.errors import OncallError, RejectedError, RemoteError


def in_doubt(error: OncallError) -> bool:
    """Whether a request that failed may have been carried out: 5xx or no answer, but neither refused nor unsent."""
    refused = isinstance(error, (RejectedError, NotSentError)) or getattr(error, "answered", None) == 429
    return isinstance(error, RemoteError) and not refused


def failed(page: Page, error: OncallError) -> Outcome:
    """A write that was not carried out, and why."""
    return of_page(page, Result.FAILED, error.exit_code.name.lower(), error.message, error.hint)


def absent(page: Page, error: OncallError, seen: str = "") -> Outcome:
    """A write in doubt that was looked up and isn't there: it failed if a 5xx answered it, else it may still come.

    `seen` says how the page is now, where the look-up found that.
    """
    why = "; ".join(filter(None, (error.message, seen)))
    if getattr(error, "answered", None) is None:
        return of_page(page, Result.UNKNOWN, "remote", why)
    return of_page(page, Result.FAILED, "remote", why, error.hint)


def unseen(page: Page, why: str, error: OncallError) -> Outcome:
    """A write that was not answered (`why`), and that could not be looked up."""
    return of_page(page, Result.UNKNOWN, "remote", f"{why}; and to look it up failed: {error.message}")


def as_it_is(now: Page) -> str:
    """What somebody whose write went astray has to know of a page: whether it is open, and whose it is."""
    if now.status == "resolved":
        return f"{now.changed_by.name} resolved it" if now.changed_by else "it is resolved"
    if now.status == "triggered":
        return "it is unacked"
    return f"it is acked, and {now.owner.name} owns it" if now.owner else "it is acked, by no person"
