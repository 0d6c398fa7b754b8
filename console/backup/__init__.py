"""Backups: everything a server stores, in one file, made while it runs, and put back elsewhere.

The file is a zip with a manifest that gives the SHA-256 of every part: the journal, people and
devices, tracks, signed heads and public keys. The private signing key stays out: whoever has a
backup cannot sign, and a restored server makes a key of its own.
"""

from console.backup.errors import BackupError
from console.backup.manifest import Manifest
from console.backup.restore import restore
from console.backup.take import back_up

__all__ = ["BackupError", "Manifest", "back_up", "restore"]
