"""The authority, the server's certificate, and what clients make of them."""

from __future__ import annotations

import os
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console.clock import ManualClock, SystemClock
from console.model.text import Text
from console.tls import (
    TlsError,
    check_server,
    is_loopback,
    make_certificates,
    require_protection,
    server_context,
)

DAY_MS = 86_400_000
NOW = SystemClock().now_ms()


@contextmanager
def tls_server(folder: Path) -> Iterator[int]:
    """A server that shakes hands and says goodbye; its port."""
    context = server_context(folder / "server.pem", folder / "server.key")
    with socket.create_server(("0.0.0.0", 0)) as listening:
        listening.settimeout(5)

        def shake() -> None:
            try:
                plain, _ = listening.accept()
                with plain, context.wrap_socket(plain, server_side=True) as secured:
                    secured.recv(1)
            except OSError:
                return

        thread = threading.Thread(target=shake)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            thread.join()


def sentence(folder: Path, host: str = "127.0.0.1", authority: Path | None = None) -> Text:
    with tls_server(folder) as port, pytest.raises(TlsError) as refused:
        check_server(f"https://{host}:{port}", authority or folder / "authority.pem")
    return refused.value.message


def test_a_client_that_pins_the_authority_trusts_its_server(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, ["trellis.city.example"], ManualClock(NOW))
    assert made.hosts[0] == "trellis.city.example"
    assert made.is_new_authority
    with tls_server(tmp_path) as port:
        check_server(f"https://localhost:{port}", made.authority)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_certificates(tmp_path, [], ManualClock(NOW))
        make_certificates(tmp_path, [], ManualClock(NOW))
    finally:
        os.umask(before)
    modes = {f.name: f.stat().st_mode & 0o777 for f in tmp_path.iterdir()}
    assert modes == {
        "authority.key": 0o600,
        "authority.pem": 0o644,
        "server.key": 0o600,
        "server.pem": 0o644,
    }


def test_renewal_keeps_the_authority_and_the_names(tmp_path: Path) -> None:
    clock = ManualClock(NOW - 390 * DAY_MS)
    first = make_certificates(tmp_path, ["desk.example", "192.0.2.7"], clock)
    kept = first.authority.read_bytes(), first.certificate.read_bytes()
    clock.advance(390 * DAY_MS)
    second = make_certificates(tmp_path, [], clock)
    assert not second.is_new_authority
    assert second.authority.read_bytes() == kept[0]
    assert second.certificate.read_bytes() != kept[1]
    assert second.hosts == first.hosts
    assert second.valid_until - first.valid_until == 390 * DAY_MS


def test_why_a_server_is_not_trusted_is_said_in_both_languages(tmp_path: Path) -> None:
    good, old, early, other = (tmp_path / n for n in ("good", "old", "early", "other"))
    make_certificates(good, [], ManualClock(NOW))
    make_certificates(old, [], ManualClock(NOW - 400 * DAY_MS))
    make_certificates(early, [], ManualClock(NOW + 2 * DAY_MS))
    make_certificates(other, [], ManualClock(NOW))
    assert "expired" in sentence(old).en
    assert "not valid yet" in sentence(early).en
    assert "another server than 127.0.0.2" in sentence(good, "127.0.0.2").en
    unknown = sentence(good, authority=other / "authority.pem")
    assert "does not trust" in unknown.en
    assert "不信任" in unknown.zh
    assert "does not trust" in sentence_of_the_systems_authorities(good).en


def sentence_of_the_systems_authorities(folder: Path) -> Text:
    with tls_server(folder) as port, pytest.raises(TlsError) as refused:
        check_server(f"https://127.0.0.1:{port}", None)
    return refused.value.message


def test_a_server_without_tls_is_not_trusted_and_one_that_is_away_passes(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, [], ManualClock(NOW))
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]

        def answer() -> None:
            line, _ = plain.accept()
            with line:
                line.recv(100)
                line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(TlsError, match="does not answer with TLS"):
            check_server(f"https://127.0.0.1:{port}", made.authority)
        thread.join()
    check_server(f"https://127.0.0.1:{port}", made.authority)


def test_no_client_ever_accepts_an_old_protocol(tmp_path: Path) -> None:
    make_certificates(tmp_path, [], ManualClock(NOW))
    context = server_context(tmp_path / "server.pem", tmp_path / "server.key")
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_an_authority_that_is_broken_lost_or_over_is_left_alone(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    made = make_certificates(tmp_path, [], clock)
    clock.advance(3700 * DAY_MS)
    with pytest.raises(TlsError, match="ended on"):
        make_certificates(tmp_path, [], clock)
    other = make_certificates(tmp_path / "other", [], clock)
    made.authority.write_bytes(other.authority.read_bytes())
    with pytest.raises(TlsError, match="does not belong"):
        make_certificates(tmp_path, [], clock)
    made.authority.unlink()
    with pytest.raises(TlsError, match="cannot be used"):
        make_certificates(tmp_path, [], clock)
    with pytest.raises(TlsError, match="neither a host name"):
        make_certificates(tmp_path / "third", ["北京"], clock)


def test_files_that_do_not_fit_are_said(tmp_path: Path) -> None:
    made = make_certificates(tmp_path / "a", [], ManualClock(NOW))
    other = make_certificates(tmp_path / "b", [], ManualClock(NOW))
    with pytest.raises(TlsError, match="belong together"):
        server_context(made.certificate, other.key)
    with pytest.raises(TlsError, match="Check the path"):
        server_context(tmp_path / "none.pem", made.key)
    with pytest.raises(TlsError):
        check_server("https://127.0.0.1:9", tmp_path / "none.pem")


def test_in_the_clear_only_on_this_machine_or_when_told() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost")))
    for host in ("0.0.0.0", "::", "192.0.2.1", "trellis.example", ""):
        assert not is_loopback(host)
        with pytest.raises(TlsError, match="--insecure"):
            require_protection(host, has_tls=False, insecure=False)
        require_protection(host, has_tls=True, insecure=False)
        require_protection(host, has_tls=False, insecure=True)
    with pytest.raises(TlsError):
        check_server("http://192.0.2.1:8790", None)
