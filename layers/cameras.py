"""Cameras: a body turned to where it looks when near, square pills when far; the best few white."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen

from console.city import Cameras
from console.i18n import language, tr
from console.model.geo import ground_scale
from layers.engine.camera_symbols import (
    CAMERA_HALF_PX,
    PILL_HALF_PX,
    PTZ_HALF_PX,
    RANK_HALF_PX,
    CameraLook,
    draw_camera,
    draw_camera_pill,
    draw_rank,
    rank_offset,
)
from layers.engine.clusters import Clusters, bounds_of, clusters_of
from layers.engine.layer import HIT_RADIUS_PX, Floats, Hit, Kit, Layer, boxes_around
from layers.engine.layer import stamp_all as stamp
from layers.engine.picking import PointGrid, nearest_of
from layers.engine.raster_overlay import (
    DEFAULT_ANGLE_DEG,
    DEFAULT_RANGE_M,
    WEDGES_UP_TO,
    wedge_path,
)
from layers.engine.viewport import Viewport, metres_per_px_of

CLUSTER_PX = 104
"""Side of the bins in which cameras come together where their wedges are not shown."""

CROWD_PX = 44
"""The same where wedges are shown: only what would lie on top of each other."""

ALONE_UP_TO = 1.6
"""Ground metres a pixel up to which every camera stands for itself."""

_PILL_HALF = np.array([26.0, 12.0])
_TURN_DEG = 5
_CLEAR_PX = 34.0
"""How far a ranked camera keeps from the incident it sees, else it lies under its ring."""


class CamerasLayer(Layer):
    """Camera bodies, clusters and the highlighted wedges; all other wedges are in the tiles."""

    name = "cameras"

    def __init__(self, cameras: Cameras) -> None:
        super().__init__()
        self._scale = 1.0
        self._cameras = cameras
        self._grid = PointGrid(cameras.xy)
        self.ranked: tuple[tuple[int, int], ...] = ()
        """(camera, rank) of those that see the selected incident best."""
        self.selected = -1
        self.clear_of: tuple[float, float] | None = None
        """World point of the selected incident, which ranked cameras must not lie under."""
        self._pill_sprites: dict[int, int] = {}
        self._near = False
        self._drawn_for = -1, False
        self._sprites = np.empty(0, np.int64)
        self._grouped: tuple[float, Clusters] | None = None
        self._shown = np.empty(0, np.int64)
        self._screen = np.empty((0, 2))
        self._pills = np.empty(0, np.int64)
        self._pill_xy = np.empty((0, 2))
        self._hot: dict[int, tuple[Floats, Floats]] = {}

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Which cameras, where; which pills."""
        self._scale = kit.scale
        self._pills, self._pill_xy = np.empty(0, np.int64), np.empty((0, 2))
        detail = kit.metres_a_design_px(view)
        self._near = detail <= ALONE_UP_TO
        self._forget_sprites_of_another(kit)
        if self._near:
            shown = self._grid.inside(view.bounds_with_margin(24 * kit.scale))
        elif detail <= WEDGES_UP_TO:
            shown = self._group(view, CROWD_PX * kit.scale, fewest=3)
        else:
            shown = self._group(view, CLUSTER_PX * kit.scale, fewest=2)
        hot = [camera for camera, _ in self.ranked]
        hot += [self.selected] if self.selected >= 0 and self.selected not in hot else []
        self._shown = shown[~np.isin(shown, hot)]
        self._screen = view.screen_from_world(self._cameras.xy[self._shown])
        self._hot = {camera: self._place_hot(view, camera, kit.scale) for camera in hot}

    def obstacles(self) -> Floats:
        """Bodies and pills."""
        hot = [at for _, at in self._hot.values()]
        points = np.concatenate([self._screen, *(at.reshape(1, 2) for at in hot)])
        pills = np.concatenate(
            [self._pill_xy - _PILL_HALF * self._scale, self._pill_xy + _PILL_HALF * self._scale],
            axis=1,
        )
        return np.concatenate([boxes_around(points, 7 * self._scale), pills])

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Wedges of the highlighted, bodies, pills, ranks."""
        for camera in self._hot:
            self._paint_wedge(painter, view, kit, camera)
        stamp(painter, kit, self._sprites_of(self._shown, kit), self._screen)
        stamp(painter, kit, self._sprites_of_pills(kit), self._pill_xy)
        for camera, (at, moved) in self._hot.items():
            self._paint_hot(painter, kit, camera, at, moved)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """A camera, or a pill."""
        del view
        hot = list(self._hot)
        if hot:
            at = nearest_of(
                np.array([self._hot[c][1] for c in hot]), x, y, HIT_RADIUS_PX * self._scale
            )
            if at >= 0:
                return self._hit(hot[at], *self._hot[hot[at]][1])
        nearest = nearest_of(self._screen, x, y, HIT_RADIUS_PX * 0.8 * self._scale)
        if nearest >= 0:
            return self._hit(int(self._shown[nearest]), *self._screen[nearest])
        under = np.all(np.abs(self._pill_xy - (x, y)) <= _PILL_HALF * self._scale, axis=1)
        if under.any():
            at = int(np.argmax(under))
            return self._pill_hit(int(self._pills[at]), *self._pill_xy[at].tolist())
        return None

    def _group(self, view: Viewport, side_px: float, fewest: int) -> NDArray[np.int64]:
        """Sort the cameras into pills of at least `fewest`; gives those that stand alone."""
        side = metres_per_px_of(view.step) * side_px
        if self._grouped is None or self._grouped[0] != side:
            self._grouped = side, clusters_of(self._cameras.xy, side)
        clusters = self._grouped[1]
        centres = view.screen_from_world(clusters.centre_xy)
        seen = (centres[:, 0] > -40) & (centres[:, 0] < view.width + 40)
        seen &= (centres[:, 1] > -40) & (centres[:, 1] < view.height + 40)
        many = np.flatnonzero(seen & (clusters.count >= fewest))
        self._pills, self._pill_xy = many.astype(np.int64), centres[many]
        alone = np.flatnonzero(seen & (clusters.count < fewest))
        return np.flatnonzero(np.isin(clusters.group, alone)).astype(np.int64)

    def _forget_sprites_of_another(self, kit: Kit) -> None:
        if self._drawn_for != (kit.serial, self._near):
            self._drawn_for = kit.serial, self._near
            self._sprites = np.full(len(self._cameras), -1, np.int64)
            self._pill_sprites = {}

    def _sprites_of(self, cameras: NDArray[np.int64], kit: Kit) -> NDArray[np.int64]:
        sprites = self._sprites[cameras]
        for at in np.flatnonzero(sprites < 0):
            camera = int(cameras[at])
            sprites[at] = self._sprites[camera] = self._body(kit, camera, hot=False)
        return sprites

    def _body(self, kit: Kit, camera: int, hot: bool) -> int:
        online = bool(self._cameras.online[camera])
        look: CameraLook = "off" if not online else "hot" if hot else "live"
        turn = float(np.nan_to_num(self._cameras.azimuth_deg[camera], nan=90.0))
        turn = round(turn / _TURN_DEG) * _TURN_DEG % 360
        ptz = bool(self._cameras.ptz[camera]) and self._near
        half = PTZ_HALF_PX if ptz and online else CAMERA_HALF_PX
        return kit.atlas.sprite(
            ("camera", look, turn, ptz),
            half,
            lambda p: draw_camera(p, kit.palette, look, turn, ptz),
        )

    def _sprites_of_pills(self, kit: Kit) -> NDArray[np.int64]:
        if self._grouped is None:
            return self._pills
        counts = self._grouped[1].count[self._pills]
        for count in np.unique(counts).tolist():
            if count not in self._pill_sprites:
                self._pill_sprites[count] = _pill_sprite(kit, f"{count:,}")
        return np.array([self._pill_sprites[count] for count in counts.tolist()], np.int64)

    def _place_hot(self, view: Viewport, camera: int, scale: float) -> tuple[Floats, Floats]:
        """Where a highlighted camera is on the screen, and where its body is drawn."""
        at = view.screen_from_world(self._cameras.xy[camera])[0]
        if self.clear_of is None:
            return at, at
        centre = view.screen_from_world([self.clear_of])[0]
        away = at - centre
        distance = float(np.hypot(*away))
        clear = _CLEAR_PX * scale
        if distance >= clear:
            return at, at
        turn = np.radians(float(np.nan_to_num(self._cameras.azimuth_deg[camera])))
        direction = away / distance if distance > 1 else np.array([-np.sin(turn), np.cos(turn)])
        return at, centre + direction * clear

    def _paint_wedge(self, painter: QPainter, view: Viewport, kit: Kit, camera: int) -> None:
        azimuth = float(self._cameras.azimuth_deg[camera])
        if kit.metres_a_design_px(view) > WEDGES_UP_TO or np.isnan(azimuth):
            return
        reach = float(np.nan_to_num(self._cameras.range_m[camera], nan=DEFAULT_RANGE_M))
        angle = float(np.nan_to_num(self._cameras.angle_deg[camera], nan=DEFAULT_ANGLE_DEG))
        y = float(self._cameras.xy[camera, 1])
        radius = reach / float(ground_scale(y)) / view.metres_per_px
        at = self._hot[camera][0]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(kit.palette.colour("select", 0.95), kit.scale))
        painter.setBrush(kit.palette.colour("select", 0.20))
        painter.drawPath(wedge_path(QPointF(*at), radius, azimuth, angle))

    def _paint_hot(
        self, painter: QPainter, kit: Kit, camera: int, at: Floats, moved: Floats
    ) -> None:
        if not np.array_equal(at, moved):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(kit.palette.colour("select", 0.8), kit.scale))
            painter.drawLine(QPointF(*at), QPointF(*moved))
        stamp(painter, kit, [self._body(kit, camera, hot=True)], moved.reshape(1, 2))
        rank = dict(self.ranked).get(camera)
        if rank is not None:
            turn = float(np.nan_to_num(self._cameras.azimuth_deg[camera]))
            offset = np.array(rank_offset(turn)) * kit.scale
            badge = kit.atlas.sprite(
                ("rank", rank), RANK_HALF_PX, lambda p: draw_rank(p, kit.palette, kit.font, rank)
            )
            stamp(painter, kit, [badge], (moved + offset).reshape(1, 2))

    def _hit(self, camera: int, x: float, y: float) -> Hit:
        state = "map.camera.online" if self._cameras.online[camera] else "map.camera.offline"
        lines = [tr(state)]
        if self._cameras.ptz[camera]:
            lines.append(tr("map.camera.ptz"))
        title = self._cameras.name[camera].in_language(language()) or self._cameras.id[camera]
        line = tr("map.join").join([*lines, self._cameras.id[camera]])
        return Hit("camera", self._cameras.id[camera], float(x), float(y), title, (line,))

    def _pill_hit(self, group: int, x: float, y: float) -> Hit:
        assert self._grouped is not None
        members = self._grouped[1].members(group)
        box = bounds_of(self._cameras.xy[members])
        offline = int(np.count_nonzero(~self._cameras.online[members]))
        lines = (tr("map.cluster.cameras_offline", count=offline),) if offline else ()
        title = tr("map.cluster.cameras", count=f"{len(members):,}")
        return Hit("cluster", "", x, y, title, (*lines, tr("map.cluster.hint")), zoom_to=box)


def _pill_sprite(kit: Kit, label: str) -> int:
    return kit.atlas.sprite(
        ("camera pill", label),
        PILL_HALF_PX,
        lambda p: draw_camera_pill(p, kit.palette, kit.font, label),
    )
