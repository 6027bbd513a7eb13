"""A media host that is not the bottleneck: nginx, with and without TLS, for as long as a row is measured."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.bench.harness.race import Missing
from tests.bench.peers import Peers

CONFIGURATION = """
daemon off;
{user}
worker_processes 2;
pid {place}/nginx.pid;
error_log {place}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  default_type audio/mpeg;
  types {{ }}
  client_body_temp_path {place}/body;
  proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi;
  scgi_temp_path {place}/scgi;
  # No limit that the daemon would have to wait for.
  add_header X-Rate-Limit-Group heavy;
  add_header X-Rate-Limit-Limit 1000000;
  add_header X-Rate-Limit-Remaining 999999;
  add_header X-Rate-Limit-Window 60;
  server {{
    listen 127.0.0.1:{plain};
    listen 127.0.0.1:{tls} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    location ~ "/recording/([0-9])[0-9]+([0-9][0-9][0-9])/content$" {{ alias {files}/$1/$2.mp3; }}
  }}
}}
"""
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of this run's own for 127.0.0.1, which is its own authority."""

    path: Path
    key: Path

    @property
    def environ(self) -> dict[str, str]:
        """What makes Python, and requests with it, trust it."""
        return {"SSL_CERT_FILE": str(self.path), "REQUESTS_CA_BUNDLE": str(self.path)}


@dataclass(frozen=True, slots=True)
class Site:
    """Where files are served."""

    http: str
    https: str
    certificate: Certificate


def certify(peers: Peers, place: Path) -> Certificate:
    """Make a certificate."""
    made = Certificate(place / "ca.pem", place / "ca.key")
    subprocess.run(  # noqa: S603  our own words
        [
            peers.program("openssl"),
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-addext", "keyUsage=critical,digitalSignature,keyCertSign"),
            *("-keyout", str(made.key), "-out", str(made.path)),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return made


@contextmanager
def serving(peers: Peers, files: Path, place: Path) -> Iterator[Site]:
    """Serve `files` until leaving.

    Raises:
        Missing: There is no nginx, or it does not start.
    """
    program, certificate = peers.program("nginx"), certify(peers, place)
    plain, tls = free_ports(2)
    text = CONFIGURATION.format(
        user="user root;" if os.getuid() == 0 else "",
        place=place,
        plain=plain,
        tls=tls,
        certificate=certificate.path,
        key=certificate.key,
        files=files,
    )
    (place / "nginx.conf").write_text(text, encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603  our own words
        [program, "-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")],
        stderr=subprocess.DEVNULL,
    )
    try:
        for port in (plain, tls):
            _await(process, port)
        yield Site(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}", certificate)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def free_ports(number: int) -> list[int]:
    """Find ports nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise Missing("nginx does not start")
