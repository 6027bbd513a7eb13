"""What several adapters' tests need."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's TLS context with a certificate that nobody vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is missing: no certificate to serve with")
    place = tmp_path_factory.mktemp("certificate")
    key, cert = place / "key.pem", place / "cert.pem"
    _make(openssl, key, cert)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def _make(openssl: str, key: Path, cert: Path) -> None:
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    command = (openssl, "req", "-x509", *curve, *names, "-days", "2", "-keyout", str(key), "-out", str(cert))
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  our own words
