"""What is stored: checking it, its keys, backing it up, putting it back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from console.access import StoreFailed
from console.access.store import StoreDamaged
from console.audit import AuditError
from console.backup import BackupError
from console.commands.places import data_folder, stored_journal
from console.commands.terminal import say, stop_with, tell
from console.journal.errors import JournalDamaged, JournalError
from console.upkeep import (
    Condition,
    check_journal,
    make_backup,
    public_keys_of,
    put_back,
    rotate_key,
)


def verify(args: argparse.Namespace) -> int:
    """Check a journal; the exit status says what it came to (`Condition`)."""
    with _stored_data():
        return check_journal(
            stored_journal(args), data_folder(args), args.heads, args.public_key, tell
        )


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
        return put_back(args.file, args.db or "", data_folder(args), tell)


@contextmanager
def _stored_data() -> Iterator[None]:
    """What can be wrong with stored data, as one sentence."""
    try:
        yield
    except (JournalDamaged, StoreDamaged) as error:
        raise stop_with(error.message, Condition.DAMAGED) from error
    except BackupError as error:
        raise stop_with(error.message, Condition.DAMAGED if error.is_damage else 1) from error
    except (AuditError, JournalError, StoreFailed) as error:
        raise stop_with(error.message) from error
