"""What is stored: checking it, its keys, backing it up, putting it back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from console.access import StoreFailed
from console.audit import AuditError
from console.backup import BackupError
from console.commands.places import data_folder, stored_journal
from console.commands.terminal import say, stop_with, tell
from console.journal.errors import JournalError
from console.upkeep import check_journal, make_backup, public_keys_of, put_back, rotate_key


def verify(args: argparse.Namespace) -> int:
    """Check a journal; exit code 1 when something is wrong with it."""
    with _stored_data():
        sound = check_journal(
            stored_journal(args), data_folder(args), args.heads, args.public_key, tell
        )
    return 0 if sound else 1


def audit(args: argparse.Namespace) -> int:
    """Print the public keys, or sign with a new one from now on."""
    with _stored_data():
        if args.rotate:
            rotate_key(stored_journal(args), data_folder(args), tell)
        else:
            say(public_keys_of(stored_journal(args), data_folder(args)))
    return 0


def backup(args: argparse.Namespace) -> int:
    """Back everything up into one file, while the server runs."""
    with _stored_data():
        make_backup(stored_journal(args), data_folder(args), args.out, tell)
    return 0


def restore(args: argparse.Namespace) -> int:
    """Put a backup back where nothing stands yet."""
    with _stored_data():
        put_back(args.file, args.db or "", data_folder(args), tell)
    return 0


@contextmanager
def _stored_data() -> Iterator[None]:
    """What can be wrong with stored data, as one sentence."""
    try:
        yield
    except (AuditError, BackupError, JournalError, StoreFailed) as error:
        raise stop_with(error.message) from error
