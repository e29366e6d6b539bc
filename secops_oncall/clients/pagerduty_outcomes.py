"""How a write to a page ended, where PagerDuty's answer tells it and where it doesn't."""

from secops_oncall.clients.causes import NotSentError
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.domain.pages import Page
from secops_oncall.errors import OncallError, RejectedError, RemoteError


def in_doubt(error: OncallError) -> bool:
    """Whether a request that failed may have been carried out: 5xx or no answer, but neither refused nor unsent."""
    refused = isinstance(error, (RejectedError, NotSentError)) or getattr(error, "answered", None) == 429
    return isinstance(error, RemoteError) and not refused


def failed(page: Page, error: OncallError) -> Outcome:
    """A write that was not carried out, and why."""
    return _of(page, Result.FAILED, error.exit_code.name.lower(), error.message, error.hint)


def absent(page: Page, error: OncallError) -> Outcome:
    """A write in doubt that was looked up and isn't there: it failed if a 5xx answered it, else it may still come."""
    if getattr(error, "answered", None) is None:
        return outcome(page, Result.UNKNOWN, "remote", error.message)
    return _of(page, Result.FAILED, "remote", error.message, error.hint)


def outcome(page: Page, result: Result, code: str, message: str) -> Outcome:
    """The outcome of one page."""
    return _of(page, result, code, message, "")


def _of(page: Page, result: Result, code: str, message: str, hint: str) -> Outcome:
    url = page.url or None
    return Outcome(page.id, result, page.number, title=page.title, url=url, code=code, message=message, hint=hint)
