"""The city's names, for searching: mapped if they were spelt before, else spelt by a process of
their own, so that the desk neither waits for that nor works on it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from console.city import City
from console.city.names import NameIndex, names_file, open_names
from widgets.bridge.worker import run_in_background

log = logging.getLogger(__name__)

PATIENCE_S = 300.0
_ROOT = Path(__file__).resolve().parents[2]


class NamesLoader(QObject):
    """Gets the names of `city` when it is first asked to; `changed` when they are there, or when
    they cannot be had, which is tried again at the next asking."""

    changed = Signal()

    def __init__(self, city: City, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: NameIndex | None = None
        self._city = city
        self._is_loading = False

    @property
    def is_loading(self) -> bool:
        """Whether the names are on their way."""
        return self._is_loading

    def load(self) -> None:
        """Get the names, unless they are there or on their way."""
        if self.names is None and not self._is_loading:
            self._is_loading = True
            city = self._city
            run_in_background(lambda: _names_of(city), self._take, self._give_up, owner=self)

    def _take(self, names: NameIndex) -> None:
        self.names, self._is_loading = names, False
        self.changed.emit()

    def _give_up(self, _error: Exception) -> None:
        self._is_loading = False
        self.changed.emit()


def _names_of(city: City) -> NameIndex:
    """Map the table, made first where it is missing: in the package, or for this time only where
    that cannot be written to. Raises OSError, CalledProcessError or TimeoutExpired."""
    path = names_file(city.path, city.manifest)
    if path.exists():
        return open_names(path)
    if os.access(city.path, os.W_OK):
        _make(city.path, path)
        return open_names(path)
    with tempfile.TemporaryDirectory(prefix="trellis-names-") as folder:
        path = Path(folder) / path.name
        _make(city.path, path)
        return open_names(path)


def _make(package: Path, path: Path) -> None:
    """Have the table made."""
    before = os.environ.get("PYTHONPATH", "")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), before)))}
    program = [sys.executable, "-m", "console.city.name_table", str(package), str(path)]
    made = subprocess.run(
        [*program, str(os.getpid())],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if made.returncode:
        log.warning("the names of the city cannot be spelt: %s", made.stderr.strip())
        raise OSError(made.returncode, made.stderr.strip())
