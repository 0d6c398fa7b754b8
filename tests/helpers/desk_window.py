"""A whole desk window over fakes: a map without renderers, a video strip without streams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal

from layers.engine.tile_grid import TileKey
from tests.widgets.conftest import DeskRig
from tests.widgets.video.fake_pool import FakePool
from widgets.bridge.account import Account
from widgets.bridge.video import VideoBridge
from widgets.common.desk import Desk
from widgets.common.scaling import DESIGN_PX, ScreenRoom
from widgets.map.panel import MapPanel
from widgets.window import DeskWindow


class NoTiles(QObject):
    """Never draws a tile."""

    tile_ready = Signal(object, object)

    def want(self, keys: Sequence[TileKey]) -> None:
        """Nothing comes."""


FULL_HD = ScreenRoom(DESIGN_PX, DESIGN_PX)


def open_window(
    rig: DeskRig, folder: Path, room: ScreenRoom = FULL_HD, account: Account | None = None
) -> DeskWindow:
    """The window over `rig`'s city and session, remembering in `folder`."""

    def bare_map(desk: Desk) -> MapPanel:
        tiles = NoTiles()
        panel = MapPanel(desk, tiles)
        tiles.setParent(panel)
        return panel

    desk = rig.desk
    window = DeskWindow(
        desk.city,
        desk.bridge,
        VideoBridge(FakePool(rig.clock)),
        desk.plans,
        rig.clock,
        QSettings(str(folder / "desk.ini"), QSettings.Format.IniFormat),
        name="03",
        account=account,
        room=room,
        make_map=bare_map,
    )
    rig.desk = window.desk
    return window
