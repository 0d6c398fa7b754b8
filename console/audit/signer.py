"""Signs the journal's head every second while it moves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from console.audit.errors import AuditError
from console.audit.head import SignedHead, sign
from console.audit.keys import KeyRing
from console.audit.places import HEADS, HeadFile, audit_folder_of, heads_file
from console.clock import Clock
from console.journal import JournalError
from console.journal.chain import Tip
from console.journal.open import open_ledger

log = logging.getLogger(__name__)

EVERY_S = 1.0


class Chain(Protocol):
    """Something chained that grows: a journal, an access log."""

    def tip(self) -> Tip:
        """Its end as it is durable now. Raises JournalError."""
        ...


class HeadSigner:
    """Writes signed heads of `ledger` to all `places`. `step` does one round; `start` repeats it.

    A place that cannot be written is tried again each second; the others get theirs. Reads the
    journal by a connection of its own, so that what it signs is what is on the disk.
    """

    def __init__(
        self, ledger: Chain, keys: KeyRing, places: Sequence[HeadFile], clock: Clock
    ) -> None:
        self.signed_seq = 0
        """The last event that a head at every place covers."""
        self.failures = 0
        """How often a place could not be written, or the journal not be read."""
        self._ledger = ledger
        self._keys = keys
        self._places = places
        self._clock = clock
        self._written: dict[Path, tuple[int, int, str]] = {}
        self._ailing: set[Path] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heads", daemon=True)

    def compare(self, name: str = "journal") -> bool:
        """Whether the journal still reaches the last head signed here; logged when it does not."""
        tip = self._ledger.tip()
        heads = [head for head in map(_last, self._places) if head is not None]
        sound = all(_reaches(tip, head) for head in heads)
        if not sound:
            log.error(
                "the %s ends at %d, before or beside a head that was signed: it was cut off,"
                " changed or put back from a backup; run verify",
                name,
                tip.seq,
            )
        return sound

    def start(self) -> None:
        """Sign from now on, on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Sign where the journal ended, then stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.step()

    def step(self) -> None:
        """Sign and write the head where it has moved."""
        try:
            tip = self._ledger.tip()
            key_id, key = self._keys.current
        except (JournalError, AuditError, OSError) as error:
            self.failures += 1
            log.error("no head could be signed: %s", error)
            return
        end = (tip.seq, tip.submissions, key_id)
        if not tip.seq or all(self._written.get(place.path) == end for place in self._places):
            return
        head = sign(tip, self._clock.now_ms(), key_id, key)
        done = [self._write(place, head) for place in self._places]
        if all(done):
            self.signed_seq = head.seq

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                self.step()
            except Exception:
                self.failures += 1
                log.exception("signing the head failed; it is tried again")

    def _write(self, place: HeadFile, head: SignedHead) -> bool:
        end = (head.seq, head.submissions, head.key)
        if self._written.get(place.path) == end:
            return True
        try:
            place.append(head)
        except OSError as error:
            self._complain(place, error)
            return False
        self._written[place.path] = end
        self._ailing.discard(place.path)
        return True

    def _complain(self, place: HeadFile, error: OSError) -> None:
        """Once, until it works again: a missing disk would fill the log."""
        self.failures += 1
        if place.path not in self._ailing:
            log.error("signed heads cannot be written to %s: %s", place.path, error.strerror)
            self._ailing.add(place.path)


@contextmanager
def signing(
    db: str, clock: Clock, second: Path | None = None, folder: Path | None = None
) -> Iterator[HeadSigner | None]:
    """Sign the heads of the journal at `db` meanwhile; None for one in memory.

    Keys and heads are kept in `folder`, by default beside the journal's file, and heads also at
    `second`: a folder, or a file. Raises AuditError, JournalError, OSError.
    """
    folder = folder or audit_folder_of(db)
    if folder is None:
        yield None
        return
    keys = KeyRing(folder)
    places = [HeadFile(folder / HEADS)]
    if second is not None:
        places.append(HeadFile(heads_file(second, folder.stem)))
    ledger = open_ledger(db)
    signer = HeadSigner(ledger, keys, places, clock)
    try:
        signer.compare()
        signer.start()
        yield signer
    finally:
        signer.close()
        ledger.close()


def _last(place: HeadFile) -> SignedHead | None:
    try:
        return place.last()
    except OSError as error:
        log.error("signed heads cannot be read at %s: %s", place.path, error.strerror)
        return None


def _reaches(tip: Tip, head: SignedHead) -> bool:
    if head.journal != tip.journal or head.seq > tip.seq:
        return False
    return head.seq < tip.seq or head.chain == tip.chain.hex()
