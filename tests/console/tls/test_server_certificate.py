"""A certificate that is renewed while it is shown, and what goes wrong on the way."""

from __future__ import annotations

import logging
import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509

from console.clock import ManualClock, SystemClock
from console.tls import Certificates, ServerCertificate, TlsError, make_certificates

NOW = SystemClock().now_ms()
DAY_MS = 86_400_000


class Shown:
    """A server that shakes hands, again and again."""

    def __init__(self, context: ssl.SSLContext, authority: Path) -> None:
        self._context = context
        self._client = ssl.create_default_context(cafile=str(authority))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def serial(self, name: str | None = "127.0.0.1") -> int:
        """The serial number of the certificate that a new client is shown."""
        self._client.check_hostname = name is not None
        with (
            socket.create_connection(self._listening.getsockname(), 5) as plain,
            self._client.wrap_socket(plain, server_hostname=name) as secured,
        ):
            found = x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")
        return found.serial_number

    def close(self) -> None:
        """End it."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listening.accept()
            except OSError:
                return
            with (
                suppress(OSError),
                plain,
                self._context.wrap_socket(plain, server_side=True) as secured,
            ):
                secured.recv(1)


@pytest.fixture
def made(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path, [], ManualClock(NOW))


@pytest.fixture
def certificate(made: Certificates) -> ServerCertificate:
    return ServerCertificate(made.certificate, made.key)


@pytest.fixture
def shown(made: Certificates, certificate: ServerCertificate) -> Iterator[Shown]:
    server = Shown(certificate.context, made.authority)
    yield server
    server.close()


def serial_in(file: Path) -> int:
    return x509.load_pem_x509_certificate(file.read_bytes()).serial_number


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", None])
def test_a_new_handshake_shows_the_new_certificate(
    made: Certificates, certificate: ServerCertificate, shown: Shown, name: str | None
) -> None:
    before = serial_in(made.certificate)
    assert shown.serial(name) == before
    assert not certificate.look()
    again = make_certificates(made.certificate.parent, [], ManualClock(NOW + DAY_MS // 48))
    assert shown.serial(name) == before
    assert certificate.look()
    assert shown.serial(name) == serial_in(made.certificate) != before
    assert abs(certificate.expires_at - again.valid_until) < 1000
    assert not certificate.look()


def half(made: Certificates) -> None:
    made.certificate.write_bytes(made.certificate.read_bytes()[:200])


def gone(made: Certificates) -> None:
    made.key.unlink()


def of_another(made: Certificates) -> None:
    other = make_certificates(made.key.parent / "other", [], ManualClock(NOW))
    shutil.copy(other.key, made.key)


def nothing(made: Certificates) -> None:
    made.certificate.write_text("nothing")


@pytest.mark.parametrize("spoil", [half, gone, of_another, nothing])
def test_what_does_not_fit_is_said_once_and_the_old_pair_stays(
    made: Certificates,
    certificate: ServerCertificate,
    shown: Shown,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Certificates], None],
) -> None:
    before, ends = serial_in(made.certificate), certificate.expires_at
    spoil(made)
    with caplog.at_level(logging.ERROR):
        assert not certificate.look()
        assert not caplog.records, "a renewal may be under way"
        for _ in range(3):
            assert not certificate.look()
    (said,) = caplog.records
    assert "shown on" in said.getMessage()
    assert (shown.serial(), certificate.expires_at) == (before, ends)
    make_certificates(made.certificate.parent, [], ManualClock(NOW))
    assert certificate.look()
    assert shown.serial() == serial_in(made.certificate)


def test_there_must_be_a_pair_to_begin_with(tmp_path: Path) -> None:
    with pytest.raises(TlsError):
        ServerCertificate(tmp_path / "none.pem", tmp_path / "none.key")
