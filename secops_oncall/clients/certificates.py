"""Whose certificates are believed, and who signed one that isn't."""

import base64
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from secops_oncall.clients.proxies import Proxy
from secops_oncall.domain.text import clean, shorten
from secops_oncall.errors import ConfigError

SETTING = "network.ca_bundle"
USUAL = "certifi"
_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_LOOK = 3.0  # seconds
_CERTIFICATE = re.compile(r"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([^-]+)-----END ")
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")  # what OpenSSL looks for in a folder: openssl-rehash(1)
# X.520's common name and organisation, as the DER of a name has them (X.690).
_COMMON_NAME, _ORGANISATION = b"\x55\x04\x03", b"\x55\x04\x0a"
_ENCODINGS = {12: "utf-8", 19: "ascii", 20: "latin-1", 22: "ascii", 28: "utf-32-be", 30: "utf-16-be"}


def believed(bundle: str | None, environ: Mapping[str, str]) -> tuple[str | None, str]:
    """The file or folder of certificates that are believed, and what names it: the setting, else a variable.

    None, and `certifi`, where nothing does: those that come with requests. Of the folders in `SSL_CERT_DIR` it is the
    first that is there. Raises ConfigError for one that can't be used: it isn't there, isn't readable, or holds none.
    """
    for name in (SETTING, *_VARIABLES):
        path = bundle if name == SETTING else environ.get(name)
        if path and name == "SSL_CERT_DIR":
            path = next((each for each in path.split(os.pathsep) if Path(each).is_dir()), path)
        if path:
            _check(Path(path), name)
            return path, name
    return None, USUAL


def _check(path: Path, name: str) -> None:
    shown = f"'{clean(path)}'"
    hint = f"check `{name}`: a file of certificates in PEM, or a folder that `openssl rehash` has made"
    try:
        if path.is_dir():
            if not any(_HASHED.fullmatch(each.name) for each in path.iterdir()):
                raise ConfigError(f"{shown} holds no certificate bundle: no file in it is one of OpenSSL's", hint)
        else:
            first = _CERTIFICATE.search(path.read_text("latin-1"))  # to load them all takes OpenSSL 0.1 s or more
            base64.b64decode("".join(first[1].split()) if first else "-", validate=True)
    except FileNotFoundError:
        raise ConfigError(f"there is no certificate bundle {shown}", hint) from None
    except ValueError:
        raise ConfigError(f"{shown} is no certificate bundle", hint) from None
    except OSError as error:
        raise ConfigError(f"the certificate bundle {shown} can't be read: {error.strerror}", hint) from None


def issuer_seen(address: str, proxy: Proxy | None, seconds: float = _LOOK) -> str:
    """Who signed what the service shows: the issuer of the last certificate that it sends; empty where nobody knows.

    A second look at an address that wasn't believed, in so many seconds: nothing is believed of it, either, and nothing
    is sent but the handshake.
    """
    if proxy and proxy.is_over_tls:
        return ""  # http.client would tell it its password in the clear
    parts = urlsplit(address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    through = urlsplit(proxy.url) if proxy else parts
    connection = HTTPSConnection(through.hostname or "", through.port, timeout=seconds, context=context)
    if proxy:
        connection.set_tunnel(parts.hostname or "", parts.port or 443, proxy.headers)
    with suppress(OSError, HTTPException, ValueError):
        try:
            connection.connect()
            return issuer(_chain(connection.sock)[-1])
        finally:
            connection.close()
    return ""


def _chain(socket: Any) -> list[bytes]:
    """The certificates that the other side sent, its own first; that one alone where Python can't tell more."""
    with suppress(AttributeError, TypeError):
        if hasattr(socket, "get_unverified_chain"):  # from 3.13 on
            return list(socket.get_unverified_chain())
        return [each.public_bytes(2) for each in socket._sslobj.get_unverified_chain()]  # 2: DER
    return [socket.getpeercert(binary_form=True)]


def issuer(der: bytes) -> str:
    """The common name of a certificate's issuer, else its organisation, cleaned; empty where it can't be read.

    TBSCertificate is version, serial number, signature and issuer (RFC 5280, 4.1), the version often left out.
    """
    with suppress(ValueError, IndexError, LookupError):
        (_, certificate), *_ = _parts(der)
        (_, body), *_ = _parts(certificate)
        parts = [part for tag, part in _parts(body) if tag != 0xA0]
        names = dict(_names(parts[2]))
        return shorten(clean(names.get(_COMMON_NAME) or names.get(_ORGANISATION)), 80)
    return ""


def _names(name: bytes) -> Iterator[tuple[bytes, str]]:
    for _, members in _parts(name):
        for _, pair in _parts(members):
            (_, kind), (tag, text) = list(_parts(pair))[:2]
            if tag in _ENCODINGS:
                yield kind, text.decode(_ENCODINGS[tag])


def _parts(der: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements that stand one after the other in DER, each with its tag; ValueError for what is cut off."""
    at = 0
    while at < len(der):
        tag, size, at = der[at], der[at + 1], at + 2
        if size & 0x80:
            more = size & 0x7F
            size, at = int.from_bytes(der[at : at + more], "big"), at + more
        if at + size > len(der):
            raise ValueError("an element of DER that ends before its end")
        yield tag, der[at : at + size]
        at += size
