"""The certificate that a server shows, taken anew from its files while the server runs."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from cryptography import x509

from console.i18n import text_of
from console.tls.errors import TlsError
from console.tls.trust import server_context

log = logging.getLogger(__name__)

_Stamp = tuple[tuple[int, int, int], ...]
"""Time, size and number of each file: another whenever one was written or replaced."""


class ServerCertificate:
    """The pair of PEM files `certificate` and `key`, as they were when they last fitted together.

    `context` is to be listened with for good; each new handshake shows the pair of the moment, and
    connections that stand go on. Raises TlsError when there is no pair to begin with.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._taken = self._refused = self._seen = self._stamp()
        self._shown = server_context(certificate, key)
        self.names = _names_in(certificate)
        """What it calls the server: names first, then addresses."""
        self.expires_at = _expiry(certificate)
        """When the certificate that is shown ends, ms UTC."""
        self.context = server_context(certificate, key)
        self.context.sni_callback = self._show

    def look(self) -> bool:
        """Take the files anew if they are others; whether they were taken. To be called often.

        What cannot be used is logged once, and what was shown before is shown on: a renewal writes
        two files, and a look may fall between them, so a failure counts when it is still so at the
        next look.
        """
        stamp = self._stamp()
        if stamp in (self._taken, self._refused):
            return False
        seen_before, self._seen = stamp == self._seen, stamp
        try:
            self._take()
        except TlsError as error:
            if seen_before:
                self._refused = stamp
                log.error("%s The certificate that was shown before is shown on.", error)
            return False
        if stamp == self._stamp():
            self._taken = self._refused = stamp
        return True

    def _take(self) -> None:
        # All of it first: what is shown changes in one step, or not at all.
        fresh, expires_at = server_context(*self._files), _expiry(self._files[0])
        self._shown, self.expires_at = fresh, expires_at
        log.warning("the server's certificate was renewed")

    def _show(
        self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        """Called in every handshake, also without a name: OpenSSL lets the context be changed."""
        connection.context = self._shown

    def _stamp(self) -> _Stamp:
        return tuple(_stamp_of(file) for file in self._files)


def _stamp_of(file: Path) -> tuple[int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _names_in(certificate: Path) -> tuple[str, ...]:
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return ()
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _expiry(certificate: Path) -> int:
    try:
        ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise TlsError(text_of("tls.error.unreadable", file=certificate, reason=error)) from error
    return round(ends.timestamp() * 1000)
