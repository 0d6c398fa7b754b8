"""How a server gets its picture when it starts, and keeps it beside the journal meanwhile."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import apsw

from console.journal import Journal
from console.journal.history import replay
from console.model.picture import Picture, Touched
from console.process import garbage_left_alone
from console.service.snapshot import Changes, DamagedSnapshot, SnapshotFile

log = logging.getLogger(__name__)

PAGE = 1000
"""Events read at a time: with more of them at once a processor's cache is no help any more."""

SAVE_EVERY = 5000
"""Events between two saves: what a start has to fold at most, and a little."""

_BESIDE = ("", "-wal", "-shm")


class Keeper:
    """Saves what a picture has become, on a thread of its own, when there is enough of it.

    To be called on the thread that changes the picture, while all that is in it is durable.
    """

    def __init__(self, file: SnapshotFile, touched: Touched) -> None:
        self._file = file
        self._touched = touched
        self._saved = file.seq
        self._busy = False

    def see(self, touched: Touched) -> None:
        """Remember what has changed."""
        self._touched.incidents |= touched.incidents
        self._touched.commands |= touched.commands
        self._touched.units |= touched.units

    def offer(self, picture: Picture) -> None:
        """Save what has changed, if it is time and the last save is through."""
        if picture.seq - self._saved < SAVE_EVERY or self._busy:
            return
        changes = changes_of(picture, self._touched)
        self._touched = Touched()
        self._saved = picture.seq
        self._busy = True
        threading.Thread(target=self._save, args=(changes,), name="snapshot", daemon=True).start()

    def _save(self, changes: Changes) -> None:
        try:
            self._file.save(changes)
        except apsw.Error:
            # What this save held is missing in the file from now on: it must not be gone on with.
            log.exception("the picture could not be kept; the next start reads the whole journal")
            self._file.discard()
        else:
            self._busy = False


def open_picture(journal: Journal, path: Path | None) -> tuple[Picture, Keeper | None]:
    """The picture of all durable events, from the one kept at `path` where that serves.

    Raises StorageFailed, WireError for a journal that cannot be read.
    """
    if path is None:
        return _rebuilt(journal), None
    try:
        return _from_file(journal, path)
    except DamagedSnapshot as error:
        log.warning("the picture kept in %s cannot be used (%s); it is made anew", path, error)
    try:
        for suffix in _BESIDE:
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _from_file(journal, path)
    except (DamagedSnapshot, OSError):
        log.exception("no picture can be kept in %s", path)
        return _rebuilt(journal), None


def _from_file(journal: Journal, path: Path) -> tuple[Picture, Keeper]:
    file = SnapshotFile(path, journal.id)
    if file.seq > journal.head:
        raise DamagedSnapshot("it is ahead of the journal")
    with garbage_left_alone():
        picture = file.load()
        _replay(journal, picture)
    keeper = Keeper(file, picture.changed())
    keeper.offer(picture)
    return picture, keeper


def _rebuilt(journal: Journal) -> Picture:
    picture = Picture(timelines=False)
    with garbage_left_alone():
        _replay(journal, picture)
    return picture


def _replay(journal: Journal, picture: Picture) -> None:
    while told := journal.told(picture.seq, PAGE):
        replay(picture, told)


def changes_of(picture: Picture, touched: Touched) -> Changes:
    """What stands in `picture` at all that was touched, also by what came to nothing."""
    incidents = [picture.incidents[i] for i in touched.incidents if i in picture.incidents]
    is_open = {c: i.stage.is_open for i in incidents for c in i.command_ids}
    given = touched.commands | is_open.keys()
    commands = [picture.commands[c] for c in given if c in picture.commands]
    return Changes(
        seq=picture.seq,
        incidents=incidents,
        commands=[(c, is_open.get(c.id, False)) for c in commands],
        units=[picture.units[u] for u in touched.units if u in picture.units],
        numbers_given=dict(picture.numbers_given),
    )
