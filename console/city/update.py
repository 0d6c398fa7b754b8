"""Changing a package: all of it or nothing.

New files are written beside the package in a folder of their own, moved in under fresh names, and
become true when the manifest is replaced. A failure, a cancel or a kill at any earlier moment
leaves the package as it was. That folder is locked while it is used, so that two imports into one
package never mix; what a killed import left in it is cleared by the next.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO

import pyarrow as pa

from console.city.arrays import write_batch
from console.city.errors import CityError
from console.city.manifest import FORMAT, MANIFEST, Manifest, read_manifest, write_manifest
from console.i18n import text_of
from console.model.geo import LonLat
from console.model.text import Text
from console.process import lock_exclusively

log = logging.getLogger(__name__)


class PackageUpdate:
    """One import's changes to the package at `folder` (which need not exist yet).

    Use as a context manager; what was `put` counts only after `commit`. Entering raises CityError
    when the folder holds a package that cannot be read, or another import is at work on it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = Manifest()
        self._building = folder.with_name(f".{folder.name}.building")
        self._files: dict[str, str] = {}
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> PackageUpdate:
        self._lock = self._locked()
        try:
            if (self.folder / MANIFEST).exists():
                self.manifest = read_manifest(self.folder)
        except CityError:
            self._clear()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._clear()

    def _locked(self) -> IO[bytes]:
        """The lock of the folder for new files, which is made for it. Raises CityError.

        An import that ends takes the folder away and its lock with it: one that was opened just
        before counts for nothing.
        """
        path = self._building / "lock"
        while True:
            self._building.mkdir(parents=True, exist_ok=True)
            try:
                file = path.open("wb")
            except FileNotFoundError:
                continue
            if not lock_exclusively(file):
                file.close()
                raise CityError(text_of("osm.city.busy", folder=self.folder))
            if _is_at(path, file):
                return file
            file.close()

    def _clear(self) -> None:
        # While it is still locked: what the next import puts there is not ours to take away.
        shutil.rmtree(self._building, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    def put(self, table: str, batch: pa.RecordBatch) -> None:
        """Write the new contents of `table`; nobody sees them before `commit`."""
        name = f"{table}-{self.manifest.generation + 1}.arrow"
        write_batch(self._building / name, batch)
        self._files[table] = name

    def commit(
        self,
        kind: str,
        source: str,
        counts: Mapping[str, int],
        *,
        name: Text | None = None,
        bounds: tuple[float, float, float, float] | None = None,
        centre: LonLat | None = None,
        report_json: str = "",
        time_zone: str = "",
    ) -> Manifest:
        """Make what was put the package's contents; returns the new manifest.

        `kind` is what was imported, `report_json` what `reports/KIND.json` will say of it. Raises
        CityError when the package is of an older format and its streets are not what came.
        """
        old = self.manifest
        if old.is_older and kind != "osm":
            raise CityError(text_of("osm.city.older", folder=self.folder, format=old.format))
        self.manifest = replace(
            old,
            name=name or old.name,
            bounds=bounds or old.bounds,
            centre=centre or old.centre,
            counts={**old.counts, **counts},
            sources={**old.sources, kind: source},
            files={**old.files, **self._files},
            generation=old.generation + 1,
            format=FORMAT,
            time_zone=time_zone or old.time_zone,
        )
        self._move_in()
        write_manifest(self.folder, self.manifest)
        self._write_report(kind, report_json)
        self._drop_files_not_named()
        return self.manifest

    def _write_report(self, kind: str, report_json: str) -> None:
        folder = self.folder / "reports"
        folder.mkdir(exist_ok=True)
        (folder / f"{kind}.json").write_text(report_json, encoding="utf-8")

    def _move_in(self) -> None:
        self.folder.mkdir(exist_ok=True)
        for name in self._files.values():
            _flush(self._building / name)
            (self._building / name).replace(self.folder / name)

    def _drop_files_not_named(self) -> None:
        present = set(self.manifest.files.values())
        for stale in self.folder.glob("*.arrow"):
            if stale.name not in present:
                try:
                    stale.unlink()
                except OSError as error:  # a reader on Windows still maps it; the next import tries
                    log.info("left %s behind: %s", stale, error)


def _is_at(path: Path, file: IO[bytes]) -> bool:
    """Whether an open file still is what `path` names."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _flush(path: Path) -> None:
    """Put the file on the disk before a manifest names it: a power cut must tear nothing."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
