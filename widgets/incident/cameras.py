"""The cameras that can see the place, best first; a click opens the live picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from console.city import City, Sighting, Visibility, cameras_that_see
from console.i18n import tr
from console.model.incident import Incident
from console.video import Reason
from widgets.bridge.worker import Background
from widgets.common import format as fmt
from widgets.common.camera_health import CameraHealth
from widgets.common.desk import Desk
from widgets.common.focus import paint_focus
from widgets.common.icons import paint_icon
from widgets.common.labels import Header, Label
from widgets.common.theme import colour, font, px, theme
from widgets.common.tips import set_tip

LIMIT = 3
"""How many cameras are listed; the video strip takes as many as it has tiles."""

_FIND = 8

SETTLE_MS = 60
"""Facts are painted, and the ranking begun, before cameras are looked for."""

_V_CENTRE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class SeenBy:
    """A camera and how it sees the place."""

    camera_id: str
    distance_m: float
    visible: Visibility
    online: bool
    ptz: bool
    failure: Reason | None = None

    @property
    def sees(self) -> bool:
        """Whether it shows the place, now."""
        return self.online and self.visible is Visibility.VISIBLE


def seen_by(city: City, x: float, y: float) -> list[SeenBy]:
    """The cameras that can see world point (x, y), best first, and the nearest that cannot; may run
    on any thread.
    """
    return [_seen(city, sighting) for sighting in cameras_that_see(city, x, y, _FIND)]


def ranked(found: Sequence[SeenBy], city: City, health: CameraHealth) -> list[SeenBy]:
    """What was found, by which cameras give a picture: one that does not shows nothing, however
    well it stands, and comes last. Those out of range stay only where none sees the place.
    """
    online, failures = health.online(), health.failures()
    seen = [
        replace(
            one,
            online=bool(online[city.cameras.index(one.camera_id)]),
            failure=failures.get(one.camera_id),
        )
        for one in found
    ]
    if any(one.sees for one in seen):
        seen = [one for one in seen if one.visible is not Visibility.FAR]
    return sorted(seen, key=lambda one: not one.online)


def _seen(city: City, sighting: Sighting) -> SeenBy:
    row = sighting.camera
    return SeenBy(
        camera_id=city.cameras.id[row],
        distance_m=float(sighting.distance_m),
        visible=sighting.visible,
        online=bool(city.cameras.online[row]),
        ptz=bool(city.cameras.ptz[row]),
    )


def words_for(seen: SeenBy) -> str:
    """`Clear · 46 m · PTZ`, or that it shows nothing."""
    parts = [tr(f"incident.camera.{seen.visible.value}"), fmt.distance(seen.distance_m)]
    if seen.failure is not None:
        parts[0] = tr("incident.camera.failed")
    elif not seen.online:
        parts[0] = tr("incident.camera.offline")
    if seen.ptz:
        parts.append(tr("incident.camera.ptz"))
    return tr("common.dot").join(parts)


class CameraRow(QAbstractButton):
    """One camera: rank, name, and how it sees the place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seen: SeenBy | None = None
        self._rank = 0
        self._name = ""
        self._chosen = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_camera(self, seen: SeenBy, rank: int, name: str, chosen: bool) -> None:
        """Show a camera."""
        self.seen, self._rank, self._name, self._chosen = seen, rank, name, chosen
        words = tr("incident.camera.open", camera=name, how=words_for(seen))
        if seen.failure is not None:
            words = f"{words}\n{tr(f'video.reason.{seen.failure}')}"
        self.setAccessibleName(words)
        set_tip(self, words)
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(px(240), px(30))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint rank, name and sight."""
        if self.seen is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._chosen or self.underMouse():
            name = "surface.selected" if self._chosen else "surface.hover"
            painter.fillRect(self.rect(), colour(name))
        self._paint_rank(painter)
        painter.setFont(font("caption"))
        how = words_for(self.seen)
        room = self.width() - px(24) - painter.fontMetrics().horizontalAdvance(how)
        painter.setPen(colour("text.3"))
        painter.drawText(self.rect().adjusted(0, 0, -px(12), 0), int(_RIGHT), how)
        self._paint_name(painter, room)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()), px(3))

    def _paint_rank(self, painter: QPainter) -> None:
        side, middle = px(17), self.height() / 2
        box = QRectF(px(12), middle - side / 2, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("select"))
        painter.drawRoundedRect(box, px(3), px(3))
        painter.setFont(font("caption", bold=True))
        painter.setPen(colour("text.inverse"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._rank))
        icon = QRectF(px(38), middle - px(8), px(16), px(16))
        paint_icon(painter, icon, "cam", colour("text.2"))

    def _paint_name(self, painter: QPainter, right: float) -> None:
        assert self.seen is not None
        painter.setFont(font("caption"))
        painter.setPen(colour("text.1" if self.seen.online else "text.disabled"))
        left = px(62)
        cut = painter.fontMetrics().elidedText(
            self._name, Qt.TextElideMode.ElideRight, int(right - left)
        )
        painter.drawText(QRectF(left, 0, right - left, self.height()), _V_CENTRE, cut)


class CameraList(QWidget):
    """Looks up who sees the selected incident off the GUI thread, and lists the best."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._background = Background(self, settle_ms=SETTLE_MS)
        self._found: list[SeenBy] | None = None
        self._ranked: list[SeenBy] = []
        self.header = Header(30)
        self.none = Label("caption", "text.2", wrap=True)
        self.rows = [CameraRow() for _ in range(LIMIT)]
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)
        self._column.addWidget(self.none)
        for row in self.rows:
            self._column.addWidget(row)
            row.clicked.connect(lambda _checked=False, row=row: self._open(row))
        desk.selection.camera_changed.connect(lambda _id: self.refresh())
        desk.camera_health.changed.connect(self._rank)
        self._restyle()
        theme().changed.connect(self._restyle)

    def look_up(self, incident: Incident) -> None:
        """Find the cameras that see `incident`."""
        self._found, self._ranked = None, []
        self.refresh()
        x, y = incident.position.world
        city = self._desk.city
        self._background.run(lambda: seen_by(city, x, y), self._take, self._fail)

    def forget(self) -> None:
        """Nothing is selected."""
        self._background.forget()
        self._found, self._ranked = None, []
        self._desk.selection.set_sightings(())

    def refresh(self) -> None:
        """Show what was found."""
        found = self._ranked
        chosen = self._desk.selection.camera_id
        for rank, row in enumerate(self.rows, 1):
            row.setVisible(rank <= len(found))
            if rank <= len(found):
                seen = found[rank - 1]
                name = self._desk.camera_name(seen.camera_id)
                row.show_camera(seen, rank, name, seen.camera_id == chosen)
        sees = sum(seen.sees for seen in found)
        self.none.setVisible(not sees)
        words = "looking" if self._found is None else "nearest" if found else "none"
        self.none.setText(tr(f"incident.camera.{words}"))
        figure = fmt.counted("incident.camera.sees", sees) if sees else ""
        self.header.remark.setText(figure)
        self.header.title.setText(tr("incident.camera.title"))

    def _take(self, found: list[SeenBy]) -> None:
        self._found = found
        self._rank()

    def _rank(self) -> None:
        if self._found is None:
            return
        self._ranked = ranked(self._found, self._desk.city, self._desk.camera_health)
        self._desk.selection.set_sightings(
            tuple(seen.camera_id for seen in self._ranked),
            {s.camera_id: s.visible for s in self._ranked if s.visible is not Visibility.VISIBLE},
        )
        self.refresh()

    def _fail(self, _error: Exception) -> None:
        self._found, self._ranked = [], []
        self.refresh()

    def _open(self, row: CameraRow) -> None:
        if row.seen is not None:
            self._desk.selection.open_camera(row.seen.camera_id)

    def _restyle(self) -> None:
        self.none.setContentsMargins(px(12), 0, px(12), px(6))
