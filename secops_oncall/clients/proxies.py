"""The proxy between this machine and a service: the environment's, else the system's on Windows and macOS."""

import base64
import ipaddress
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from secops_oncall.domain.text import clean
from secops_oncall.errors import ConfigError

_NAMES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")  # the order of curl(1)
_SYSTEMS = (
    ("getproxies_macosx_sysconf", "proxy_bypass_macosx_sysconf"),
    ("getproxies_registry", "proxy_bypass_registry"),
)  # urllib.request has those of the platform that it runs on


@dataclass(frozen=True)
class Proxy:
    """A proxy, by its URL (with its user and password, which never show), and what names it."""

    url: str = field(repr=False)
    source: str

    @property
    def host(self) -> str:
        """Where it is, `HOST:PORT`."""
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return clean(f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}")

    @property
    def is_over_tls(self) -> bool:
        """Whether it is itself spoken to over TLS, which nothing of the standard library can."""
        return urlsplit(self.url).scheme == "https"

    @property
    def headers(self) -> dict[str, str]:
        """What has to be said to it before it lets anybody through."""
        parts = urlsplit(self.url)
        if not parts.username:
            return {}
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return {"Proxy-Authorization": "Basic " + base64.b64encode(login.encode()).decode()}


def of_the_system(host: str) -> str:
    """The proxy that Windows or macOS has for a host; empty elsewhere, and where there is none."""
    for all_of_them, is_passed_by in _SYSTEMS:
        found = getattr(urllib.request, all_of_them, None)
        if found and not getattr(urllib.request, is_passed_by)(host):
            return str(found().get("https", ""))
    return ""


def proxy_for(address: str, environ: Mapping[str, str], system: Callable[[str], str] = of_the_system) -> Proxy | None:
    """The proxy for an address (nothing but `https://` leaves this machine); None where it is reached directly.

    Raises ConfigError for one of a kind that nobody here can speak to.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if is_loopback(host) or _is_passed_by(host, parts.port or 443, environ):
        return None
    name = next((name for name in _NAMES if name in environ), None)
    source, url = (name, environ[name].strip()) if name else ("the system's settings", system(host))
    return _checked(source, url) if url else None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: 127.0.0.0/8, ::1 or localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _checked(source: str, url: str) -> Proxy:
    """Never repeats the URL: it may hold a password."""
    whole = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(whole)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"{source} names no proxy", f"set {source} to http://HOST:PORT")
    if parts.scheme not in ("http", "https"):
        what = f"{source} names a proxy of a kind that can't be used: {clean(parts.scheme)}"
        raise ConfigError(what, f"set {source} to http://HOST:PORT")
    return Proxy(whole, source)


def _is_passed_by(host: str, port: int, environ: Mapping[str, str]) -> bool:
    """Whether `NO_PROXY` has the host: its name or a domain of it, its network, each with a port or without, or `*`."""
    listed = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return any(_covers(entry.strip().lower(), host.lower(), port) for entry in listed.split(","))


def _covers(entry: str, host: str, port: int) -> bool:
    name, colon, number = entry.rpartition(":")
    if colon and number.isdecimal() and ":" not in name:
        return int(number) == port and _covers(name, host, port)
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        name = entry.removeprefix("*").lstrip(".")
        return entry == "*" or (bool(name) and (host == name or host.endswith(f".{name}")))
