"""Which servers the desk's connections trust, and a sentence for those they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtNetwork import QSsl, QSslCertificate, QSslConfiguration, QSslError, QSslSocket

from console.i18n import language, text_of
from console.session.transport import Trouble
from console.tls import TlsError, problem_named

_Kind = QSslError.SslError
_PROBLEMS = {
    _Kind.HostNameMismatch: "wrong_host",
    _Kind.CertificateExpired: "expired",
    _Kind.CertificateNotYetValid: "not_yet_valid",
} | dict.fromkeys(
    (
        _Kind.UnableToGetIssuerCertificate,
        _Kind.UnableToGetLocalIssuerCertificate,
        _Kind.UnableToVerifyFirstCertificate,
        _Kind.SelfSignedCertificate,
        _Kind.SelfSignedCertificateInChain,
        _Kind.CertificateUntrusted,
    ),
    "unknown_authority",
)

_TROUBLES: Mapping[str, Trouble] = {
    "wrong_host": "wrong_host",
    "expired": "expired",
    "not_yet_valid": "not_yet_valid",
}


def trust_in(authority: Path | None) -> QSslConfiguration:
    """TLS 1.2 and up, to servers that this authority vouches for; None, the system's authorities.

    Raises TlsError when the file holds no certificate.
    """
    trust = QSslConfiguration.defaultConfiguration()
    trust.setProtocol(QSsl.SslProtocol.TlsV1_2OrLater)
    trust.setPeerVerifyMode(QSslSocket.PeerVerifyMode.VerifyPeer)
    if authority is not None:
        trust.setCaCertificates(_certificates(authority))
    return trust


def tls_reason(errors: Sequence[QSslError], host: str) -> str:
    """The sentence for the worst of `errors`, in the desk's language."""
    reason = errors[0].errorString() if errors else ""
    return problem_named(_worst(errors), host, reason).in_language(language())


def tls_trouble(errors: Sequence[QSslError]) -> Trouble:
    """What the worst of `errors` means for the link."""
    return _TROUBLES.get(_worst(errors), "untrusted")


def _worst(errors: Sequence[QSslError]) -> str:
    """The problem that says most, "" for one without a name here."""
    named = [_PROBLEMS.get(error.error(), "") for error in errors]
    # An unknown signer says more than the dates and names that it vouches for.
    order = ("unknown_authority", "wrong_host", "expired", "not_yet_valid")
    return next((p for p in order if p in named), "")


def _certificates(path: Path) -> list[QSslCertificate]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TlsError(text_of("tls.error.unreadable", file=path, reason=error)) from error
    certificates = QSslCertificate.fromData(data, QSsl.EncodingFormat.Pem)
    if not certificates:
        reason = "PEM?"
        raise TlsError(text_of("tls.error.unreadable", file=path, reason=reason))
    return certificates
