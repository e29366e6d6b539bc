"""Whose certificates are believed, what can't be, and who signed one."""

import os
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.clients.certificates import believed, issuer, issuer_seen
from secops_oncall.errors import ConfigError
from tests.clients.tls_world import bundle

CA = trustme.CA(organization_name="Example Company CA")


def signed_by(*names: tuple[x509.ObjectIdentifier, str]) -> bytes:
    """A certificate whose issuer has these names."""
    key, day = ec.generate_private_key(ec.SECP256R1()), datetime(2026, 1, 1, tzinfo=UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the subject")])
    built = x509.CertificateBuilder(x509.Name([x509.NameAttribute(*name) for name in names]), subject)
    built = built.public_key(key.public_key()).serial_number(1).not_valid_before(day).not_valid_after(day)
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_the_setting_counts_before_the_variables(tmp_path: Path) -> None:
    file, folder = str(bundle(CA, tmp_path)), tmp_path / "hashed"
    folder.mkdir()
    (folder / "0a1b2c3d.0").touch()
    listed = os.pathsep.join([str(tmp_path / "gone"), str(folder)])
    environ = {"REQUESTS_CA_BUNDLE": file, "CURL_CA_BUNDLE": file, "SSL_CERT_FILE": file, "SSL_CERT_DIR": listed}
    assert believed(file, environ) == (file, "network.ca_bundle")
    for name in list(environ):
        assert believed(None, environ) == (str(folder) if name == "SSL_CERT_DIR" else file, name)
        del environ[name]
    assert believed(None, environ) == (None, "certifi")


@pytest.mark.parametrize("what", ["gone", "folder", "empty", "text", "half"])
def test_what_can_not_be_believed_is_named(tmp_path: Path, what: str) -> None:
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    elif what != "gone":
        half = CA.cert_pem.bytes().decode()[:200]
        path.write_text({"empty": "", "text": "nothing", "half": half}[what], "utf-8")
    for setting, environ in ((str(path), {}), (None, {"SSL_CERT_FILE": str(path)})):
        with pytest.raises(ConfigError, match="certificate bundle") as caught:
            believed(setting, environ)
        assert what in caught.value.message
        assert ("SSL_CERT_FILE" if environ else "network.ca_bundle") in caught.value.hint


def test_one_that_may_not_be_read(tmp_path: Path) -> None:
    path = bundle(CA, tmp_path)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(ConfigError, match="can't be read"):
        believed(str(path), {})


def test_the_issuer_is_a_common_name_or_an_organisation() -> None:
    organisation, common = (NameOID.ORGANIZATION_NAME, "Example AG"), (NameOID.COMMON_NAME, "Zürich\x1b[31m CA")
    country = (NameOID.COUNTRY_NAME, "CH")
    assert issuer(signed_by(country, organisation, common)) == "Zürich CA"
    assert issuer(signed_by(country, organisation)) == "Example AG"
    assert issuer(signed_by(country)) == ""
    assert issuer(signed_by((NameOID.COMMON_NAME, "x" * 64))) == "x" * 64
    root = ssl.PEM_cert_to_DER_cert(CA.cert_pem.bytes().decode())
    assert issuer(root) == "Example Company CA"


@given(st.binary(max_size=60), st.integers(0, 200))
def test_what_is_no_certificate_is_nobody_s(garbage: bytes, cut: int) -> None:
    whole = ssl.PEM_cert_to_DER_cert(CA.cert_pem.bytes().decode())
    assert issuer(garbage) == ""
    assert isinstance(issuer(whole[:cut] + garbage + whole[cut:]), str)


def test_who_does_not_answer_signed_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert issuer_seen(f"https://127.0.0.1:{silent.getsockname()[1]}", None, 0.05) == ""
    assert issuer_seen("https://127.0.0.1:1", None) == ""
