"""Why a request failed, in words: what was wrong, what to do, and whether it can have reached the service."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from secops_oncall.errors import RemoteError


class NotSentError(RemoteError):
    """The request never reached the service: nothing has happened there, and `answered` is 0, not None."""

    def __init__(self, message: str, hint: str, *, silent: bool = False) -> None:
        super().__init__(message, hint, answered=0, silent=silent)


@dataclass(frozen=True)
class Cause:
    """One way for a request to fail: `sent` if it may have arrived, `again` if another try may do better.

    `silent`: nothing came back in time.
    """

    kind: type[BaseException] | tuple[type[BaseException], ...]
    what: str
    hint: str
    sent: bool
    again: bool = True
    silent: bool = False


_TIMED_OUT = (ReadTimeoutError, requests.ReadTimeout, TimeoutError)

# The first that stands in the chain of an exception's causes is what happened.
_CAUSES = (
    Cause(
        ssl.SSLCertVerificationError,
        "its TLS certificate is not trusted",
        "if your network has its own certificates, oncall config set network.ca_bundle FILE",
        sent=False,
        again=False,
    ),
    Cause(socket.gaierror, "its name can't be resolved", "check the network, the VPN and `{setting}`", sent=False),
    Cause(ConnectionRefusedError, "the connection was refused", "check `{setting}`, or try again", sent=False),
    Cause(NewConnectionError, "it can't be reached", "check the network, the VPN and `{setting}`", sent=False),
    Cause(
        ConnectTimeoutError,
        "no connection within {connect:g} s",
        "check the network, the VPN and `{setting}`",
        sent=False,
        silent=True,
    ),
    Cause(ssl.SSLError, "TLS failed", "check `{setting}`, and `network.ca_bundle` behind a proxy", sent=True),
    Cause(
        _TIMED_OUT,
        "no answer within {read:g} s (time-out)",
        "try again, or set `network.timeout`",
        sent=True,
        silent=True,
    ),
    Cause(BaseException, "the connection broke", "try again", sent=True, silent=True),
)


def cause_of(error: BaseException) -> Cause:
    """What happened, by the exceptions that requests and urllib3 wrapped into each other."""
    errors = list(chain(error))
    return next(cause for cause in _CAUSES if any(isinstance(each, cause.kind) for each in errors))


def remote_error(error: BaseException, cause: Cause, where: str, **facts: object) -> RemoteError:
    """The error for a request that was never answered; `facts` fill in the cause's words."""
    message, hint = f"{where}: {cause.what.format(**facts)}", cause.hint.format(**facts)
    kind = RemoteError if cause.sent else NotSentError
    return kind(message, hint, silent=cause.silent)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those behind it, as far as they are the network's own.

    It ends at any other: what was being handled when a request began is no cause of how the request ended.
    """
    while isinstance(error, (requests.RequestException, HTTPError, OSError)):
        yield error
        yield from (each for each in error.args if isinstance(each, BaseException))
        error = error.__cause__ or error.__context__
