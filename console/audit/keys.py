"""The server's signing keys: one private, and the public ones of all it ever had.

A folder holds `private.pem`, which nobody but its owner may read, and `public/ID.pem` for the
present key and every one before it. A key's id is the start of its SHA-256.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from console.audit.errors import AuditError
from console.audit.head import PublicKeys
from console.audit.places import audit_folder_of
from console.process import write_whole

PUBLIC = "public"
_ID_DIGITS = 16
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


class KeyRing:
    """The keys in `folder`; where there are none the first is made, or not.

    Raises AuditError for a private key that is missing, unreadable or open to others, OSError.
    """

    def __init__(self, folder: Path, *, make: bool = True) -> None:
        self._private = folder / "private.pem"
        self.public_folder = folder / PUBLIC
        if not make and not self._private.exists():
            raise AuditError("no_key_yet", folder=folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.public_folder.mkdir(exist_ok=True)
        if not self._private.exists():
            self._make()
        self._load()

    @property
    def current(self) -> tuple[str, Ed25519PrivateKey]:
        """The id and the key to sign with, read anew when it was rotated meanwhile."""
        if self._stamp() != self._loaded:
            self._load()
        return self._id, self._key

    @property
    def public_file(self) -> Path:
        """The file of the present public key."""
        return self.public_folder / f"{self.current[0]}.pem"

    def rotate(self) -> str:
        """Sign with a new key from now on; its id. The old public key stays where it is."""
        self._make()
        self._load()
        return self._id

    def _make(self) -> None:
        """A new key; the public half lies there before anything is signed with the other."""
        key = Ed25519PrivateKey.generate()
        public = key.public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_whole(self.public_folder / f"{key_id(public)}.pem", pem, 0o644)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_whole(self._private, secret, 0o600)

    def _load(self) -> None:
        self._loaded = self._stamp()
        if sys.platform != "win32" and self._private.stat().st_mode & 0o077:
            raise AuditError("key_open_to_others", file=self._private)
        try:
            key = load_pem_private_key(self._private.read_bytes(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise AuditError("bad_key", file=self._private) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise AuditError("bad_key", file=self._private)
        self._key, self._id = key, key_id(key.public_key())

    def _stamp(self) -> tuple[int, int]:
        found = self._private.stat()
        return found.st_mtime_ns, found.st_ino


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a key: 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:_ID_DIGITS]


def read_public_keys(path: Path) -> PublicKeys:
    """The public keys in a PEM file, which may hold several, or in all of a folder's.

    Raises AuditError when there is none, or one that is no Ed25519 key.
    """
    keys = {key_id(key): key for file in _pem_files(path) for key in _keys_in(file)}
    if not keys:
        raise AuditError("no_public_key", file=path)
    return keys


def own_public_keys(url: str, data: Path | None = None) -> PublicKeys:
    """The public keys kept for the journal at `url`. Raises AuditError, JournalError."""
    folder = audit_folder_of(url, data)
    if folder is None:
        raise AuditError("no_place")
    return read_public_keys(folder / PUBLIC)


def _pem_files(path: Path) -> list[Path]:
    return sorted(path.glob("*.pem")) if path.is_dir() else [path]


def _keys_in(file: Path) -> Iterator[Ed25519PublicKey]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise AuditError("no_public_key", file=file) from error
    for pem in _PEM.findall(data):
        try:
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise AuditError("bad_key", file=file) from error
        if not isinstance(key, Ed25519PublicKey):
            raise AuditError("bad_key", file=file)
        yield key
