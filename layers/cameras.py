"""Cameras: the best few, the hovered and the selected one with their view; bodies when near; quiet
marks, or a badge for many, everywhere else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from console.city import Cameras
from console.i18n import language, tr
from console.model.geo import ground_scale
from layers.engine.camera_symbols import (
    BADGE_HALF_PX,
    CAMERA_HALF_PX,
    MARK_HALF_PX,
    PTZ_HALF_PX,
    RANK_AWAY_PX,
    RANK_HALF_PX,
    CameraLook,
    badge_width,
    draw_camera,
    draw_camera_badge,
    draw_camera_mark,
    draw_rank,
    rank_offset,
)
from layers.engine.crowds import Crowds, Morton, bounds_of
from layers.engine.layer import HIT_RADIUS_PX, Floats, Hit, Kit, Layer
from layers.engine.layer import stamp_all as stamp
from layers.engine.occupied import Occupied, beside, boxes_around
from layers.engine.picking import nearest_of
from layers.engine.raster_overlay import (
    WEDGES_UP_TO,
    camera_crowds,
    wedge_path,
)
from layers.engine.viewport import Viewport

HOT_WEDGES_UP_TO = 6.5
"""Ground metres a pixel beyond which not even a highlighted camera's view says anything."""

_TURN_DEG = 5
_CLEAR_PX = 34.0
"""How far a ranked camera keeps from the incident it sees, else it lies under its ring."""

_APART_PX = 34.0
"""How far ranked cameras around an incident keep from each other, with their ranks."""

_ASIDE_DEG = (0, 35, -35, 70, -70, 105, -105, 140, -140, 180)


class CamerasLayer(Layer):
    """Camera bodies and the highlighted cameras' views; the tiles have those of all others."""

    name = "cameras"
    rank = 2

    def __init__(self, cameras: Cameras) -> None:
        super().__init__()
        self.cameras = cameras
        self.online = cameras.online
        self.points = Morton(cameras.xy)
        self.ranked: tuple[tuple[int, int], ...] = ()
        """(camera, rank) of those that see the selected incident best."""
        self.selected = self.hovered = -1
        self.clear_of: tuple[float, float] | None = None
        """World point of the selected incident, which ranked cameras must not lie under."""
        self.near = False
        self.crowds = camera_crowds(self.points, 0, 1.0, near=False)
        """Who shares a mark or a badge in the frame that was prepared."""
        self._crowded_for: tuple[object, ...] = ()
        self._scale = 1.0
        self._drawn_for = -1
        self._sprites = np.empty(0, np.int64)
        self._shown = np.empty(0, np.int64)
        self._screen = np.empty((0, 2))
        self._hot: dict[int, tuple[Floats, Floats]] = {}
        self._ring: Floats | None = None

    @property
    def highlighted(self) -> list[int]:
        """The ranked, the selected and the hovered camera, the best first."""
        some = [*(camera for camera, _ in self.ranked), self.selected, self.hovered]
        return [camera for camera in dict.fromkeys(some) if camera >= 0]

    def show_online(self, online: NDArray[np.bool_]) -> None:
        """From now on these give a picture, bool[n]: more or fewer than the catalogue says."""
        self.online = online
        self._drawn_for = -1

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Which cameras, where."""
        self._scale = kit.scale
        self.near = kit.metres_a_design_px(view) <= WEDGES_UP_TO
        if self._drawn_for != kit.serial:
            self._drawn_for = kit.serial
            self._sprites = np.full(len(self.cameras), -1, np.int64)
        wanted = view.step, kit.scale, self.near
        if self._crowded_for != wanted:
            self._crowded_for = wanted
            self.crowds = camera_crowds(self.points, *wanted)
        hot = self.highlighted
        shown = self.crowds.alone if self.near else np.empty(0, np.int64)
        screen = view.screen_from_world(self.cameras.xy[shown])
        keep = view.is_near(screen, 24 * kit.scale) & ~np.isin(shown, hot)
        self._shown, self._screen = shown[keep], screen[keep]
        self._hot, self._ring = {}, None
        if self.clear_of is not None:
            self._ring = view.screen_from_world([self.clear_of])[0]
        for camera in hot:
            self._hot[camera] = self._place_hot(view, camera, kit)

    def obstacles(self) -> Floats:
        """Bodies and ranks."""
        boxes = [boxes_around(self._screen, 7 * self._scale)]
        for camera, (at, moved) in self._hot.items():
            boxes.append(boxes_around(np.array([at, moved]), 9 * self._scale))
            if camera in dict(self.ranked):
                badge = self._rank_at(camera).reshape(1, 2)
                boxes.append(boxes_around(badge, 9 * self._scale))
        return np.concatenate(boxes)

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Wedges of the highlighted, bodies, ranks."""
        for camera in self._hot:
            self._paint_wedge(painter, view, kit, camera)
        stamp(painter, kit, self._sprites_of(self._shown, kit), self._screen)
        for camera, (at, moved) in self._hot.items():
            self._paint_hot(painter, kit, camera, at, moved)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """A camera."""
        del view
        hot = list(self._hot)
        if hot:
            bodies = np.array([self._hot[camera][1] for camera in hot])
            at = nearest_of(bodies, x, y, HIT_RADIUS_PX * self._scale)
            if at >= 0:
                return self.hit(hot[at], *bodies[at])
        nearest = nearest_of(self._screen, x, y, HIT_RADIUS_PX * 0.8 * self._scale)
        if nearest < 0:
            return None
        return self.hit(int(self._shown[nearest]), *self._screen[nearest])

    def hit(self, camera: int, x: float, y: float) -> Hit:
        """What to say of a camera."""
        state = "map.camera.online" if self.online[camera] else "map.camera.offline"
        lines = [tr(state)]
        if self.cameras.ptz[camera]:
            lines.append(tr("map.camera.ptz"))
        title = self.cameras.name[camera].in_language(language()) or self.cameras.id[camera]
        line = tr("map.join").join([*lines, self.cameras.id[camera]])
        return Hit("camera", self.cameras.id[camera], float(x), float(y), title, (line,))

    def _sprites_of(self, cameras: NDArray[np.int64], kit: Kit) -> NDArray[np.int64]:
        sprites = self._sprites[cameras]
        for at in np.flatnonzero(sprites < 0):
            camera = int(cameras[at])
            sprites[at] = self._sprites[camera] = self._body(kit, camera, hot=False)
        return sprites

    def _body(self, kit: Kit, camera: int, hot: bool) -> int:
        online = bool(self.online[camera])
        look: CameraLook = "off" if not online else "hot" if hot else "live"
        turn = float(np.nan_to_num(self.cameras.azimuth_deg[camera], nan=90.0))
        turn = round(turn / _TURN_DEG) * _TURN_DEG % 360
        ptz = bool(self.cameras.ptz[camera]) and self.near
        half = PTZ_HALF_PX if ptz and online else CAMERA_HALF_PX
        return kit.atlas.sprite(
            ("camera", look, turn, ptz),
            half,
            lambda p: draw_camera(p, kit.palette, look, turn, ptz),
        )

    def _place_hot(self, view: Viewport, camera: int, kit: Kit) -> tuple[Floats, Floats]:
        """Where a highlighted camera is on the screen, and where its body is drawn: clear of the
        incident's ring, of units, and of the ranks before it."""
        at = view.screen_from_world(self.cameras.xy[camera])[0]
        centre = self._ring
        if centre is None or camera not in dict(self.ranked):
            return at, at
        away, clear = at - centre, _CLEAR_PX * kit.scale
        distance = float(np.hypot(*away))
        others = np.array([moved for _, moved in self._hot.values()]).reshape(-1, 2)
        if distance >= clear and _is_apart(at, others, _APART_PX * kit.scale):
            return at, at
        azimuth = np.radians(float(np.nan_to_num(self.cameras.azimuth_deg[camera])))
        first = np.arctan2(*away) if distance > 1 else np.pi - azimuth
        turns = first + np.radians(_ASIDE_DEG)
        radius = max(clear, distance)
        spots = centre + radius * np.column_stack([np.sin(turns), np.cos(turns)])
        boxes = boxes_around(spots, 9 * kit.scale)
        hidden = Occupied(kit.obstacles, view.width, view.height).touches(boxes)
        apart = np.array([_is_apart(spot, others, _APART_PX * kit.scale) for spot in spots])
        return at, np.asarray(spots[int(np.argmin(hidden + 2 * ~apart))])

    def _rank_at(self, camera: int) -> Floats:
        """Where the rank of a highlighted camera is drawn: behind it, or away from the incident."""
        at, moved = self._hot[camera]
        if not np.array_equal(at, moved) and self._ring is not None:
            away = moved - self._ring
            return np.asarray(moved + away / np.hypot(*away) * RANK_AWAY_PX * self._scale)
        turn = float(np.nan_to_num(self.cameras.azimuth_deg[camera]))
        return np.asarray(moved + np.array(rank_offset(turn)) * self._scale)

    def _paint_wedge(self, painter: QPainter, view: Viewport, kit: Kit, camera: int) -> None:
        if kit.metres_a_design_px(view) > HOT_WEDGES_UP_TO:
            return
        azimuth = float(self.cameras.azimuth_deg[camera])
        reach = float(self.cameras.reach_m[camera])
        angle = 360.0 if self.cameras.all_round[camera] else float(self.cameras.wedge_deg[camera])
        y = float(self.cameras.xy[camera, 1])
        radius = reach / float(ground_scale(y)) / view.metres_per_px
        at = self._hot[camera][0]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(kit.palette.colour("select", 0.8), kit.scale))
        # a disc would hide what lies beneath, and says no more than its edge
        fill = kit.palette.colour("select", 0.14)
        painter.setBrush(Qt.BrushStyle.NoBrush if self.cameras.all_round[camera] else fill)
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
            badge = kit.atlas.sprite(
                ("rank", rank), RANK_HALF_PX, lambda p: draw_rank(p, kit.palette, kit.font, rank)
            )
            stamp(painter, kit, [badge], self._rank_at(camera).reshape(1, 2))


class CameraCrowdLayer(Layer):
    """The cameras that are not drawn one by one: small marks, one for each place that has any, and
    badges where there are too many of those. They give way to everything else, names included."""

    name = "camera_crowd"
    rank = 7

    def __init__(self, bodies: CamerasLayer) -> None:
        super().__init__()
        self._bodies = bodies
        self._scale = 1.0
        self._counts_for: tuple[Crowds, NDArray[np.bool_]] | None = None
        self._site_online = np.empty(0, np.bool_)
        self._sites = np.empty(0, np.int64)
        self._screen = np.empty((0, 2))
        self._badges = np.empty(0, np.int64)
        self._half = self._badge_xy = np.empty((0, 2))

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Which marks and badges, where there is room left."""
        self._scale = kit.scale
        self._sites, self._badges = np.empty(0, np.int64), np.empty(0, np.int64)
        self._screen = self._half = self._badge_xy = np.empty((0, 2))
        if not self._bodies.visible:
            return
        crowds = self._bodies.crowds
        taken = Occupied(kit.obstacles, view.width, view.height)
        if not self._bodies.near:
            first = self._bodies.cameras.xy[crowds.order[crowds.site_starts[crowds.alone_sites]]]
            screen = view.screen_from_world(first)
            keep = view.is_near(screen, 0)
            keep &= ~taken.touches(boxes_around(screen, 2 * kit.scale))
            self._sites, self._screen = crowds.alone_sites[keep], screen[keep]
        centres = view.screen_from_world(crowds.badge_xy)
        self._badges = np.flatnonzero(view.is_near(centres, 30 * kit.scale))
        widths = [badge_width(f"{count:,}", 24) for count in crowds.badge_count[self._badges]]
        self._half = np.array([(width / 2, 10.0) for width in widths]).reshape(-1, 2) * kit.scale
        self._badge_xy = beside(centres[self._badges], self._half, taken, 8 * kit.scale)
        self._clear_marks_under_badges()

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Stamp marks, then badges."""
        del view
        counts = np.diff(self._bodies.crowds.site_starts)
        online = self._online_sites()
        marks = np.array(
            [[_mark_sprite(kit, several, on) for on in (False, True)] for several in (False, True)]
        )
        several = (counts[self._sites] > 1).astype(int)
        stamp(painter, kit, marks[several, online[self._sites].astype(int)], self._screen)
        counts = self._bodies.crowds.badge_count[self._badges]
        stamp(painter, kit, [_badge_sprite(kit, f"{n:,}") for n in counts], self._badge_xy)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """A mark, or a badge."""
        del view
        crowds = self._bodies.crowds
        nearest = nearest_of(self._screen, x, y, HIT_RADIUS_PX * 0.6 * self._scale)
        if nearest >= 0:
            members = crowds.site(int(self._sites[nearest]))
            at = self._screen[nearest]
            if len(members) == 1:
                return self._bodies.hit(int(members[0]), *at)
            return self._crowd_hit(members, at, "map.cluster.cameras_here")
        under = np.all(np.abs(self._badge_xy - (x, y)) <= self._half, axis=1)
        if not under.any():
            return None
        at = self._badge_xy[int(np.argmax(under))]
        members = crowds.members(int(self._badges[int(np.argmax(under))]))
        return self._crowd_hit(members, at, "map.cluster.cameras")

    def _crowd_hit(self, members: NDArray[np.int64], at: Floats, title: str) -> Hit:
        cameras = self._bodies.cameras
        offline = int(np.count_nonzero(~self._bodies.online[members]))
        lines = (tr("map.cluster.cameras_offline", count=offline),) if offline else ()
        x, y = (float(v) for v in at)
        said = tr(title, count=f"{len(members):,}")
        box = bounds_of(cameras.xy[members])
        return Hit("cluster", "", x, y, said, (*lines, tr("map.cluster.hint")), zoom_to=box)

    def _online_sites(self) -> NDArray[np.bool_]:
        """Which sites have any camera that is online."""
        crowds = self._bodies.crowds
        known = self._bodies.online
        if self._counts_for is None or any(
            a is not b for a, b in zip(self._counts_for, (crowds, known), strict=True)
        ):
            self._counts_for = crowds, known
            online = known[crowds.order]
            self._site_online = np.logical_or.reduceat(online, crowds.site_starts[:-1])
        return self._site_online

    def _clear_marks_under_badges(self) -> None:
        if len(self._badges) and len(self._sites):
            boxes = boxes_around(self._badge_xy, self._half)
            x, y = self._screen[:, :1], self._screen[:, 1:]
            under = (boxes[:, 0] < x) & (x < boxes[:, 2]) & (boxes[:, 1] < y) & (y < boxes[:, 3])
            keep = ~under.any(axis=1)
            self._sites, self._screen = self._sites[keep], self._screen[keep]


def _is_apart(at: Floats, others: Floats, distance: float) -> bool:
    return bool((np.hypot(*(others - at).T) >= distance).all())


def _mark_sprite(kit: Kit, several: bool, online: bool) -> int:
    return kit.atlas.sprite(
        ("camera mark", several, online),
        MARK_HALF_PX,
        lambda p: draw_camera_mark(p, kit.palette, several, online),
    )


def _badge_sprite(kit: Kit, label: str) -> int:
    return kit.atlas.sprite(
        ("camera badge", label),
        BADGE_HALF_PX,
        lambda p: draw_camera_badge(p, kit.palette, kit.font, label),
    )
