"""The map itself: an opaque widget that blits tiles and paints what moves above them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from console.clock import monotonic_s
from console.model.geo import LonLat, ground_scale
from layers.engine.card import paint_card
from layers.engine.kit import make_kit
from layers.engine.layer import Floats, Hit, Kit
from layers.engine.scene import Scene
from layers.engine.tiles import TileStore
from layers.engine.viewport import (
    STEPS_PER_OCTAVE,
    Bounds,
    Viewport,
    metres_per_px_of,
    step_containing,
    step_of,
)
from widgets.map.glide import Glide

log = logging.getLogger(__name__)

DRAG_FROM_PX = 4
OVERVIEW_PX = 700
"""Size of the picture of the whole city that stands in for whatever is not drawn yet."""

STEPS_A_NOTCH = STEPS_PER_OCTAVE // 2
HANDS_OFF_S = 5.0
"""Automatic moves wait this long after the operator's hand left the map."""

_WIDEN_MARGIN_PX = 70
"""How far from the edge what the map was widened for comes to lie: a tag has room beside it."""

_ARROW_PX = 96
_REST_MS = 500
_FLASH_MS = 500
_WHEEL_NOTCH = 120
_ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class MapCanvas(QWidget):
    """Shows `scene` over the tiles of `store`; pan, zoom, hover, click.

    `object_clicked(kind, id)` with kind incident | unit | camera | place | cell; a click on no
    object but the ground (or a cell) is `ground_clicked(lon, lat)`, WGS 84 degrees.
    `context_requested(hit or None, global point)`; `pointer_moved(LonLat or None)`;
    `hover_changed(hit or None)`; `touched` when the operator's hand moves or presses the map.
    While `on_ground_click` is set, clicks go to it (world x, y) and to nobody else.
    """

    object_clicked = Signal(str, str)
    object_opened = Signal(str, str)
    ground_clicked = Signal(float, float)
    context_requested = Signal(object, QPoint)
    pointer_moved = Signal(object)
    hover_changed = Signal(object)
    touched = Signal()
    view_changed = Signal()

    def __init__(
        self,
        scene: Scene,
        store: TileStore,
        bounds: Bounds,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.scene = scene
        self.store = store
        self.reduced_motion = False
        self.on_ground_click: Callable[[float, float], None] | None = None
        self.needs_frame: Callable[[], bool] = lambda: False
        self.flashes: Callable[[], bool] = lambda: False
        self._bounds = bounds
        self._scale = 1.0
        self._kit: Kit | None = None
        self._view = Viewport(0, 0, metres_per_px_of(8), 1, 1).fitting(bounds)
        self._target = self._view
        self._placed = False
        self._glide = Glide(self._show, self)
        self._press: QPointF | None = None
        self._press_view = self._view
        self._dragging = False
        self._hover: Hit | None = None
        self._hover_at: QPointF | None = None
        self._wheel = 0
        self._focus_by_key = False
        self._last_fault = ""
        self._last_touch = -HANDS_OFF_S
        self._rest = self._single_shot(_REST_MS, self._rested)
        self._flash = self._single_shot(_FLASH_MS, self._turn_flash)
        store.changed.connect(self.update)

    @property
    def view(self) -> Viewport:
        """What is shown at this moment."""
        return self._view

    @property
    def target(self) -> Viewport:
        """What will be shown when the move that is under way has ended."""
        return self._target

    @property
    def hover(self) -> Hit | None:
        """The object under the pointer."""
        return self._hover

    @property
    def kit(self) -> Kit:
        """What layers draw with, at this widget's scale and device pixel ratio."""
        dpr = self.devicePixelRatioF()
        kit = self._kit
        if kit is None or kit.dpr != dpr or kit.scale != self._scale or kit.is_full:
            kit = self._kit = make_kit(QFont(self.font()), self._scale, dpr)
        kit.reduced_motion = self.reduced_motion
        kit.in_motion = self._glide.is_zooming
        return kit

    def reduce_motion(self, reduced: bool) -> None:
        """Go anywhere at once and let nothing flash."""
        self.reduced_motion = reduced
        self._update_flash()
        self.update()

    def set_scale(self, scale: float, font: QFont) -> None:
        """Draw for another viewer distance: `scale` pixels a design pixel."""
        self._scale, self._kit = scale, None
        self.setFont(font)
        self.refresh()

    def refresh(self) -> None:
        """Something to be shown has changed, and with it perhaps what lies under the pointer."""
        self.scene.touch()
        self._look_again()
        self._update_flash()
        self.update()

    def ask_for_tiles(self) -> None:
        """Tell the renderers what is wanted now (after the tiles' style has changed, too)."""
        overview = self._view.resized(OVERVIEW_PX, OVERVIEW_PX, self._view.dpr)
        self.store.want(self._target, overview.fitting(self._bounds, margin_px=0))

    def set_home(self, bounds: Bounds) -> None:
        """This is what `fit` shows from now on, and it is shown."""
        self._bounds = bounds
        self.fit(animate=False)

    def fit(self, animate: bool = True) -> None:
        """Show the whole city."""
        self._go(self._view.fitting(self._bounds), animate)

    def centre_on(
        self,
        place: LonLat,
        metres_per_px: float | None = None,
        animate: bool = True,
        automatic: bool = False,
    ) -> bool:
        """Bring `place` to the middle, at about `metres_per_px` ground metres a pixel if given.

        Returns whether the map moves: never while a button is down on it, and an `automatic` move
        (one that no person asked for) not within 5 s of the operator's hand.
        """
        if self._press is not None or (automatic and not self._is_hands_off()):
            return False
        x, y = place.world
        scale = self._target.metres_per_px
        if metres_per_px is not None:
            scale = metres_per_px_of(step_of(metres_per_px / float(ground_scale(y))))
        self._go(self._view.centred(x, y, scale), animate)
        return True

    def widen_to(self, points: Floats, coarsest: float) -> bool:
        """Zoom out about the middle, as little as will do, until world points (n, 2) are in sight,
        clear of the edges; those that would need more than `coarsest` ground metres a pixel stay
        out. Returns whether the map moves: never while a button is down on it."""
        if self._press is not None or not len(points):
            return False
        view = self._target.widened(points, _WIDEN_MARGIN_PX * self._scale, coarsest)
        if view is self._target:
            return False
        self._go(view, animate=True)
        return True

    def show_bounds(self, bounds: Bounds, finest: float = 1.0) -> None:
        """Show all of a world box, no finer than `finest` world metres a pixel."""
        view = self._target.fitting(bounds, margin_px=80)
        if view.metres_per_px < finest:
            view = replace(view, metres_per_px=metres_per_px_of(step_containing(finest)))
        self._go(view, animate=True)

    def zoom_by(self, notches: int, at: QPointF | None = None) -> None:
        """Zoom in (positive) or out, two notches to the double, about a pixel or the middle."""
        point = at or QPointF(self.width() / 2, self.height() / 2)
        step = self._target.step - notches * STEPS_A_NOTCH
        scale = metres_per_px_of(step_of(metres_per_px_of(step)))
        self._go(self._target.zoomed_about(point.x(), point.y(), scale), animate=True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Tiles, layers, the hover card, the focus ring."""
        painter = QPainter(self)
        try:
            self._paint(painter)
        except Exception as error:  # noqa: BLE001 - one that leaves here can end the whole desk
            self._log_once(error)
        finally:
            painter.end()
        if self.needs_frame():
            QTimer.singleShot(0, self, self.update)

    def _paint(self, painter: QPainter) -> None:
        kit = self.kit
        self.scene.paint(painter, self._view, kit)
        if self._hover is not None and not self._dragging:
            paint_card(painter, self._view, kit, self._hover)
        if self.hasFocus() and self._focus_by_key:
            self._paint_focus(painter, kit)

    def _log_once(self, error: Exception) -> None:
        """A fault in painting would else be told sixty times a second."""
        if repr(error) != self._last_fault:
            self._last_fault = repr(error)
            log.exception("the map could not be painted")

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the centre; the first size shows the whole city."""
        dpr = self.devicePixelRatioF()
        self._glide.stop()
        view = self._target.resized(self.width(), self.height(), dpr)
        if not self._placed and self.width() > 1:
            self._placed = True
            view = view.fitting(self._bounds)
        self._target = view
        self._show(view)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the ground."""
        self._touch()
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._glide.stop()
            self._target = self._view
            self._press, self._press_view = event.position(), self._view

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the ground exactly with the pointer, or look at what lies under it."""
        at = event.position()
        if self._press is None:
            self._look(at)
        else:
            self._touch()
            delta = at - self._press
            if self._dragging or delta.manhattanLength() >= DRAG_FROM_PX:
                self._dragging = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._target = self._press_view.moved_by(round(delta.x()), round(delta.y()))
                self._show(self._target)
        self._tell_pointer(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: the end of a drag, or a click."""
        self._touch()
        was_click = self._press is not None and not self._dragging
        self._press, self._dragging = None, False
        self._look(event.position())
        if was_click and event.button() == Qt.MouseButton.LeftButton:
            self._click(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open an object, or zoom in on the ground."""
        self._touch()
        if event.button() != Qt.MouseButton.LeftButton or self.on_ground_click is not None:
            return
        hit = self._pick(event.position())
        if hit is None or hit.kind == "cell":
            self.zoom_by(2, event.position())
        elif hit.kind != "cluster":
            self.object_opened.emit(hit.kind, hit.id)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer; finer wheels add up to notches."""
        self._touch()
        if self._press is not None:
            return
        self._wheel += event.angleDelta().y()
        notches = int(self._wheel / _WHEEL_NOTCH)
        if notches:
            self._wheel -= notches * _WHEEL_NOTCH
            self.zoom_by(notches, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan, plus and minus zoom."""
        key = Qt.Key(event.key())
        if key in _ARROWS:
            far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            dx, dy = (part * _ARROW_PX * (4 if far else 1) for part in _ARROWS[key])
            self._go(self._target.moved_by(dx, dy), animate=True)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(1)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_by(-1)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Say where, and on what, a menu is asked for."""
        hit = self._pick(QPointF(event.pos()))
        self.context_requested.emit(hit, event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring is for those who came by the keyboard."""
        keys = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._focus_by_key = event.reason() in keys
        super().focusInEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer has come: look at what lies under it."""
        self._look(event.position())

    def leaveEvent(self, _event: QEvent) -> None:
        """The pointer has gone."""
        self._hover_at = None
        self._set_hover(None)
        self._rest.stop()
        self.pointer_moved.emit(None)

    def _go(self, target: Viewport, animate: bool) -> None:
        self._target = target.kept_near(self._bounds)
        self._glide.go(self._view, self._target, animate and not self.reduced_motion)
        self.ask_for_tiles()

    def _show(self, view: Viewport) -> None:
        self._view = view
        if not self._glide.is_running:
            self._target = view
            self.scene.touch()
            self._look_again()
        self.ask_for_tiles()
        self._update_flash()
        self.update()
        self.view_changed.emit()

    def _click(self, at: QPointF) -> None:
        world = self._view.world_from_screen(at.x(), at.y())
        if self.on_ground_click is not None:
            self.on_ground_click(*world)
            return
        hit = self._pick(at)
        if hit is not None and hit.zoom_to is not None:
            self.show_bounds(hit.zoom_to)
            return
        if hit is not None:
            self.object_clicked.emit(hit.kind, hit.id)
        if hit is None or hit.kind == "cell":
            place = LonLat.of_world(*world)
            self.ground_clicked.emit(place.lon, place.lat)

    def _pick(self, at: QPointF) -> Hit | None:
        self.scene.prepare(self._view, self.kit)
        return self.scene.pick(self._view, at.x(), at.y())

    def _look(self, at: QPointF) -> None:
        """Show what lies under the pointer; a cell only when the pointer rests."""
        self._hover_at = at
        hit = None if self.on_ground_click is not None else self._pick(at)
        if hit is not None and hit.kind == "cell":
            self._rest.start()
            hit = None
        else:
            self._rest.stop()
        self._set_hover(hit)
        shape = Qt.CursorShape.ArrowCursor if hit is None else Qt.CursorShape.PointingHandCursor
        self.setCursor(Qt.CursorShape.CrossCursor if self.on_ground_click is not None else shape)

    def _look_again(self) -> None:
        """What a still pointer points at may have moved, changed, or gone."""
        if self._hover is None or self._hover_at is None or self._glide.is_running:
            return
        hit = self._pick(self._hover_at)
        was_cell = self._hover.kind == "cell"
        self._set_hover(hit if hit is None or hit.kind != "cell" or was_cell else None)

    def _rested(self) -> None:
        if self._press is None and self._hover is None and self._hover_at is not None:
            self._set_hover(self._pick(self._hover_at))

    def _set_hover(self, hit: Hit | None) -> None:
        if hit != self._hover:
            self._hover = hit
            self.hover_changed.emit(hit)
            self.update()

    def _tell_pointer(self, at: QPointF) -> None:
        world = self._view.world_from_screen(at.x(), at.y())
        self.pointer_moved.emit(LonLat.of_world(*world))

    def _touch(self) -> None:
        self._last_touch = monotonic_s()
        self.touched.emit()

    def _is_hands_off(self) -> bool:
        return monotonic_s() - self._last_touch >= HANDS_OFF_S

    def _update_flash(self) -> None:
        if self.flashes() and not self.reduced_motion:
            if not self._flash.isActive():
                self._flash.start()
        else:
            self._flash.stop()

    def _turn_flash(self) -> None:
        self.kit.flash_on = not self.kit.flash_on
        self._update_flash()
        self.update()

    def _paint_focus(self, painter: QPainter, kit: Kit) -> None:
        width = 2 * kit.scale
        painter.setPen(QPen(kit.palette.colour("focus.ring"), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = round(width / 2)
        painter.drawRect(self.rect().adjusted(inset, inset, -inset, -inset))

    def _single_shot(self, interval_ms: int, action: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(action)
        return timer
