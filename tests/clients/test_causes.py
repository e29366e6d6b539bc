"""Why a request failed, told from the exceptions that wrap each other."""

import socket
import ssl

import pytest
import requests
from urllib3.exceptions import MaxRetryError, ProtocolError, SSLError

from secops_oncall.clients.causes import NotSentError, cause_of, remote_error
from secops_oncall.errors import NotFoundError


def wrapped(error: Exception, *wrappers: Exception) -> Exception:
    """The error inside of others, as requests and urllib3 raise them."""
    for wrapper in wrappers:
        wrapper.__cause__ = error
        error = wrapper
    return error


@pytest.mark.parametrize(
    ("error", "what", "sent", "again"),
    [
        (ssl.SSLCertVerificationError(1, "self-signed"), "certificate is not trusted", False, False),
        (socket.gaierror(-2, "Name or service not known"), "can't be resolved", False, True),
        (ConnectionRefusedError(111, "refused"), "refused", False, True),
        (ssl.SSLError(1, "wrong version number"), "TLS failed", True, True),
        (ConnectionResetError(104, "reset"), "broke", True, True),
    ],
)
def test_cause_is_found_behind_its_wrappers(error: Exception, what: str, sent: bool, again: bool) -> None:
    outer = wrapped(error, ProtocolError("x", error), requests.ConnectionError("x"))
    cause = cause_of(outer)
    assert what in cause.what
    assert (cause.sent, cause.again) == (sent, again)


def test_untrusted_certificate_says_what_to_set() -> None:
    inner = ssl.SSLCertVerificationError(1, "self-signed certificate in certificate chain")
    error = wrapped(inner, SSLError(inner), MaxRetryError(None, "/", SSLError(inner)), requests.exceptions.SSLError())  # type: ignore[arg-type]
    told = remote_error(error, cause_of(error), "GitLab (gitlab.com)", setting="gitlab.url", connect=5, read=20)
    assert isinstance(told, NotSentError)
    assert "network.ca_bundle" in told.hint


def test_what_was_being_handled_before_is_no_cause() -> None:
    """A write whose answer got lost is not taken for one that was never sent, because something else was refused."""
    earlier = wrapped(ConnectionRefusedError(), NotFoundError("x", "y"))
    error = requests.ConnectionError("reset")
    error.__context__ = earlier
    assert cause_of(error).sent
