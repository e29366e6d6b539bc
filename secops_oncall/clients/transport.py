"""The one way out to PagerDuty and GitLab: limits, repeats, waits, and a token that never leaves its host."""

import math
import re
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.exceptions import HTTPError

from secops_oncall import threads
from secops_oncall.clients.causes import NotSentError
from secops_oncall.clients.network import Network, checked_address, said
from secops_oncall.clients.slots import Slots
from secops_oncall.clients.ways import Way
from secops_oncall.domain.setup import NAMES, Service
from secops_oncall.domain.text import clean
from secops_oncall.errors import RemoteError

CONNECT = 5.0
PAUSE = 0.15  # doubled before every further try
LIMITED = 2.0  # where a 429 comes without a word on how long to wait (pagerduty.md, 1.6)
LONGEST_WAIT = 15.0  # a service that asks for more is not waited for
TIRED = "try again, or ask for less"
_EPOCH = 10**8  # a `ratelimit-reset` beyond it is GitLab's, a moment; below it PagerDuty's, seconds to wait
_SECRET = re.compile(r"([^?&=]*(?:token|secret|password|signature)[^&=]*=)[^&]*", re.IGNORECASE)


@dataclass(frozen=True)
class _Setback:
    """A try that failed: whether another one is allowed, and how long the service asks us to wait."""

    error: RemoteError
    again: bool
    wait: float | None = None
    because: Exception | None = None


class Transport(HTTPAdapter):
    """A service's adapter, shared by the sessions of every thread; `limit` requests at most are on their way at once.

    When its tries are spent it raises RemoteError, as for every 429 and 5xx at the end: so no library above it
    ever sees an answer that it would repeat by itself (pagerduty.md, gitlab.md, section 2). A request of a thread that
    was begun aside goes after all others, takes none of the command's time, and never waits as a service asks.
    """

    def __init__(self, service: Service, url: str, network: Network, *, limit: int) -> None:
        super().__init__(pool_connections=2, pool_maxsize=limit)
        self.service = service
        self.setting = f"{service}.url"
        self.address = checked_address(self.setting, url)
        self.network = network
        self._where = f"{NAMES[service]} ({urlsplit(self.address).netloc})"
        self._way = Way(self.address, self.setting, network)
        self._slots = Slots(limit)  # last: a head start that reading certificates took would be none

    def mounted(self, session: requests.Session) -> requests.Session:
        """The session, made to send through this adapter what goes to the service, and to refuse the rest.

        It doesn't trust the environment: a ~/.netrc for the host would replace the token.
        """
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Refusal(self._where, self.setting))
        session.mount(f"{self.address}/", self)  # with its slash, so that no longer host or port begins alike
        return session

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """One request to its end: an answer that isn't 408, 429 or 5xx, its body read; raises RemoteError."""
        request.headers["User-Agent"] = self.network.user_agent
        number, write = 0, _is_write(request)
        patience = self.network.patience
        with nullcontext() if threads.is_aside() else patience, patience.writing(write):
            while True:
                number += 1
                tried = self._try(request)
                if isinstance(tried, requests.Response):
                    return tried
                if number >= self.network.attempts or not tried.again or not self._waited(tried, PAUSE * 2**number):
                    raise tried.error from tried.because

    def _try(self, request: requests.PreparedRequest) -> "requests.Response | _Setback":
        left = self.network.patience.left()
        if left <= 0 or not self._slots.take(left, aside=threads.is_aside()):
            return _Setback(NotSentError(f"{self._where}: {self._tired()}", TIRED, silent=True), again=False)
        began, write = time.monotonic(), _is_write(request)
        read = min(self.network.write if write else self.network.timeout, left)
        try:
            timeout, way = (min(CONNECT, left), read), self._way
            response = super().send(request, stream=True, timeout=timeout, verify=way.verify, proxies=way.proxies)
            heard = self.network.clock()
            self._read(response)
        except (requests.RequestException, HTTPError, OSError) as error:
            cause = self._way.cause_of(error)
            if self.network.patience.left() <= 0:
                cause = replace(cause, what=self._tired(), hint=TIRED, again=False, silent=True)
            failed = self._way.error(error, cause, self._where, connect=CONNECT, read=read)
            self._log(request, failed.message.partition(": ")[2], began)
            return _Setback(failed, cause.again and not (write and cause.sent), because=error)
        finally:
            self._slots.give(aside=threads.is_aside())
        self._log(request, response.status_code, began)
        took = (time.monotonic() - began) * 1000
        self.network.answered(self.service, took, response.headers.get("Date"), heard)
        return self._judged(response, write)

    def _tired(self) -> str:
        return f"more than {self.network.patience.seconds:g} s in all"

    def _read(self, response: requests.Response) -> None:
        """Take in the body here, where what goes wrong is ours to handle, and while there is time."""
        chunks = []
        for chunk in response.iter_content(16_384):
            chunks.append(chunk)
            if self.network.patience.left() <= 0:
                response.close()
                raise requests.ReadTimeout
        response._content = b"".join(chunks)

    def _judged(self, response: requests.Response, write: bool) -> "requests.Response | _Setback":
        status, kind = response.status_code, response.headers.get("Content-Type", "")
        if status in (408, 429) or status >= 500:
            return self._unwell(response, again=status == 429 or not write)
        if write and 300 <= status < 400:
            moved = f"{self._where}: it answers {status}, moved to {clean(response.headers.get('Location'))}"
            return _Setback(RemoteError(moved, f"check `{self.setting}`", answered=status), again=False)
        if response.ok and not response.is_redirect and response.content.strip() and "json" not in kind:
            return _Setback(illegible(self._where, self.setting), again=False)
        return response

    def _unwell(self, response: requests.Response, *, again: bool) -> _Setback:
        status = response.status_code
        wait = asked_wait(response.headers, time.time())
        if status != 429:
            error = RemoteError(f"{self._where}: it answers {status}", try_again(wait), answered=status)
            return _Setback(error, again, wait)
        error = RemoteError(f"{self._where}: too many requests (429)", try_again(wait), answered=429)
        return _Setback(error, again, wait or LIMITED)

    def _waited(self, setback: _Setback, pause: float) -> bool:
        """Wait as long as the service asks, or a moment; False where that is longer than anybody will wait."""
        seconds = pause if setback.wait is None else setback.wait
        if seconds > LONGEST_WAIT or seconds >= self.network.patience.left():
            return False
        if setback.wait is None:
            self.network.sleep(seconds)
        elif threads.is_aside():
            return False
        else:
            self.network.wait(NAMES[self.service], seconds)
        return True

    def _log(self, request: requests.PreparedRequest, status: int | str, began: float) -> None:
        milliseconds = (time.monotonic() - began) * 1000
        self.network.on_request(request.method or "", shown(request.url or ""), status, milliseconds)


def _is_write(request: requests.PreparedRequest) -> bool:
    return request.method not in ("GET", "HEAD")


class _Refusal(BaseAdapter):
    """What every other host gets: nothing. A redirect or a paging link must not carry the token away."""

    def __init__(self, where: str, setting: str) -> None:
        super().__init__()
        self._where = where
        self._setting = setting

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        host = clean(urlsplit(request.url or "").netloc.rpartition("@")[2])
        raise RemoteError(
            f"{self._where}: it points to another address, {host}, and the token stays here", f"check `{self._setting}`"
        )

    def close(self) -> None:
        """Nothing is open."""


def illegible(where: str, setting: str) -> RemoteError:
    """The error for an answer that isn't what the API sends; the fate of a write that got it is unknown."""
    return RemoteError(
        f"{where}: the answer is not what its API sends", f"check `{setting}`; a proxy or a login page may be between"
    )


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that an answer asks us to wait, None where it doesn't say; `now` in seconds since 1970.

    `Retry-After` holds seconds or an HTTP date (RFC 9110), PagerDuty's `ratelimit-reset` seconds to wait
    (DD 04-Rate-Limits), GitLab's a moment.
    """
    for name in ("Retry-After", "ratelimit-reset"):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,12}(?:\.\d+)?", value):
            seconds = float(value)
            return max(seconds - now if seconds > _EPOCH else seconds, 0.0)
        if moment := said(value):
            return max((moment - datetime.fromtimestamp(now, UTC)).total_seconds(), 0.0)
    return None


def try_again(wait: float | None) -> str:
    """What to do after a service asked us to wait so many seconds, None where it didn't say how long."""
    return f"try again in {math.ceil(wait)} s" if wait else "try again in a minute"


def shown(url: str) -> str:
    """A URL as `--verbose` may print it: no user, no secret in its query, readable."""
    parts = urlsplit(url)
    query = "?" + _SECRET.sub(r"\1…", unquote(parts.query)) if parts.query else ""
    return clean(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}{query}")
