"""A private certificate authority and the server's certificate, as PEM files in one folder.

The authority lives for ten years and is what every desk pins; the server's certificate lives for
397 days (the longest that browsers accept) and is renewed by running the same command again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from console.clock import Clock
from console.i18n import text_of
from console.process import write_whole
from console.tls.errors import TlsError

AUTHORITY_LIFE = timedelta(days=3653)
SERVER_LIFE = timedelta(days=397)
"""CA/Browser Forum Baseline Requirements 6.3.2, the limit until 2026-03; phones keep to it."""
BACKDATED = timedelta(hours=1)
"""A desk whose clock is a little behind must not take a fresh certificate for one of tomorrow."""

ALWAYS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files made. Times in milliseconds since 1970-01-01 UTC."""

    authority: Path
    certificate: Path
    key: Path
    hosts: tuple[str, ...]
    is_new_authority: bool
    valid_until: int


def make_certificates(folder: Path, hosts: Sequence[str], clock: Clock) -> Certificates:
    """Make an authority in `folder` unless one is there, and a server certificate signed by it.

    `hosts` are names and addresses by which clients reach the server, beside the machine itself;
    none keeps those of the certificate that is renewed. Raises TlsError, OSError.
    """
    now = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    folder.mkdir(parents=True, exist_ok=True)
    is_new = not (folder / "authority.key").exists()
    if is_new:
        _make_authority(folder, now)
    authority = _authority(folder, now)
    names = tuple(dict.fromkeys([*(hosts or _present_hosts(folder)), *ALWAYS]))
    until = _make_server(folder, authority, names, now)
    return Certificates(
        authority=folder / "authority.pem",
        certificate=folder / "server.pem",
        key=folder / "server.key",
        hosts=names,
        is_new_authority=is_new,
        valid_until=round(until.timestamp() * 1000),
    )


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def _make_authority(folder: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Trellis private authority", key.public_key())
    builder = (
        _builder(name, name, key.public_key(), now, now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    # The key first: an authority without its key could never renew anything.
    _write_key(folder / "authority.key", key)
    write_whole(folder / "authority.pem", _pem(builder.sign(key, hashes.SHA256())), 0o644)


def _authority(folder: Path, now: datetime) -> _Authority:
    try:
        key = serialization.load_pem_private_key((folder / "authority.key").read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((folder / "authority.pem").read_bytes())
        fits = isinstance(key, ec.EllipticCurvePrivateKey) and (
            key.public_key() == certificate.public_key()
        )
    except (ValueError, TypeError, FileNotFoundError, UnsupportedAlgorithm) as error:
        raise TlsError(text_of("tls.error.bad_authority", folder=folder, reason=error)) from error
    if not fits:
        reason = "authority.key does not belong to authority.pem"
        raise TlsError(text_of("tls.error.bad_authority", folder=folder, reason=reason))
    if certificate.not_valid_after_utc <= now:
        day = certificate.not_valid_after_utc.date().isoformat()
        raise TlsError(text_of("tls.error.authority_expired", folder=folder, day=day))
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return _Authority(certificate, key)


def _make_server(
    folder: Path, authority: _Authority, names: Sequence[str], now: datetime
) -> datetime:
    """Write the server's certificate and key; the moment it ends, never after its authority's."""
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + SERVER_LIFE, authority.certificate.not_valid_after_utc)
    builder = (
        _builder(_name(names[0][:64]), authority.certificate.subject, key.public_key(), now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(n) for n in names]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
    )
    _write_key(folder / "server.key", key)
    write_whole(folder / "server.pem", _pem(builder.sign(authority.key, hashes.SHA256())), 0o644)
    return until


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _name(common: str, key: ec.EllipticCurvePublicKey | None = None) -> x509.Name:
    """A name; with `key`, one that no other authority of ours has."""
    if key is not None:
        common = f"{common} {x509.SubjectKeyIdentifier.from_public_key(key).digest.hex()[:8]}"
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise TlsError(text_of("tls.error.bad_host", host=host)) from error


def _present_hosts(folder: Path) -> list[str]:
    """The names of the certificate that is there; none when there is none that can be read."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / "server.pem").read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
        return []
    return [str(name.value) for name in names]


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    data = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_whole(path, data, 0o600)
