"""The way to a service: the proxy between, whose certificates are believed, and what is said when it leads nowhere."""

import re
import ssl
from dataclasses import dataclass, field, replace
from threading import Lock
from urllib.parse import urlsplit

from secops_oncall.clients.causes import Cause, cause_of, chain, remote_error
from secops_oncall.clients.certificates import issuer_seen
from secops_oncall.clients.network import Network
from secops_oncall.clients.proxies import Proxy, proxy_for
from secops_oncall.domain.text import clean, shorten
from secops_oncall.errors import RemoteError

# OpenSSL's words for what is wrong with a certificate, by its numbers (x509_vfy.h).
_EXPIRED, _EARLY, _SELF_SIGNED, _NAME = (10,), (9,), (18,), (62, 64)
_ISSUER = (2, 19, 20, 21)
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_OWN = "if that is your network's own, oncall config set network.ca_bundle FILE"


@dataclass
class Way:
    """How one service is reached; `setting` is what names its address. Raises ConfigError for one that can't be."""

    address: str
    setting: str
    network: Network
    proxy: Proxy | None = field(init=False)
    verify: str | bool = field(init=False)

    def __post_init__(self) -> None:
        self.verify = self.network.verify
        self.proxy = proxy_for(self.address, self.network.environ)
        self._issuer: str | None = None
        self._lock = Lock()

    @property
    def proxies(self) -> dict[str, str]:
        """The proxy as requests takes it."""
        return {"https": self.proxy.url} if self.proxy else {}

    def cause_of(self, error: BaseException) -> Cause:
        """Why a request failed, with who signed a certificate that isn't believed, and what a proxy said."""
        for each in chain(error):
            if isinstance(each, ssl.SSLCertVerificationError):
                return self._distrusted(each, cause_of(error))
            refused = _TUNNEL.search(str(each)) if self.proxy else None
            if refused:
                return self._refused(refused[1], cause_of(error))
        return cause_of(error)

    def error(self, error: BaseException, cause: Cause, where: str, **facts: object) -> RemoteError:
        """The error for a request that was never answered; it names the proxy, where there is one between."""
        if self.proxy is None:
            return remote_error(error, cause, where, setting=self.setting, **facts)
        return remote_error(error, cause, f"{where} by the proxy {self.proxy.host}", setting=self.proxy.source, **facts)

    def _refused(self, status: str, cause: Cause) -> Cause:
        what, hint = f"the proxy refuses to connect ({status})", "ask who runs it, or set NO_PROXY"
        if status == "407":
            what, hint = (
                "the proxy wants a user and a password (407)",
                "set {setting} to http://USER:PASSWORD@HOST:PORT",
            )
        return replace(cause, what=what, hint=hint, sent=False)

    def _distrusted(self, error: ssl.SSLCertVerificationError, cause: Cause) -> Cause:
        by = self._signed_by()
        code = getattr(error, "verify_code", 0)
        host = urlsplit(self.address).hostname
        what, hint = cause.what, cause.hint
        if code in _EXPIRED + _EARLY:
            what = "its TLS certificate " + ("has expired" if code in _EXPIRED else "is not valid yet")
            hint = "check this machine's clock; else tell who runs it"
        elif code in _NAME:
            what, hint = f"its TLS certificate is not for {host}", f"check `{self.setting}`"
        elif code in _SELF_SIGNED:
            what, hint = "its TLS certificate is not trusted: it is self-signed", _OWN
        elif code in _ISSUER:
            what, hint = "its TLS certificate is not trusted: its issuer is unknown here", _OWN
        elif code:
            what = f"{what}: {shorten(clean(getattr(error, 'verify_message', '')), 80)}"
        signed = f" (issuer: {by})".replace("{", "{{").replace("}", "}}") if by else ""
        return replace(cause, what=what + signed, hint=hint)

    def _signed_by(self) -> str:
        """Looked up once, however many requests fail."""
        with self._lock:
            if self._issuer is None:
                self._issuer = issuer_seen(self.address, self.proxy)
            return self._issuer
