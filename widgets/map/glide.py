"""Moving the view: 180 ms, fast at first; or at once for those who want no motion."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from layers.engine.viewport import Viewport

MOVE_MS = 180
_FAR_SCREENS = 3.0
"""Farther than this nothing is to be seen on the way: go there at once."""


class Glide(QObject):
    """Brings a view to a target in small steps; a new target takes over where the last one is."""

    def __init__(self, show: Callable[[Viewport], None], parent: QObject) -> None:
        super().__init__(parent)
        self._show = show
        self._from: Viewport | None = None
        self._to: Viewport | None = None
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(MOVE_MS)
        self._animation.setEasingCurve(QEasingCurve.Type.OutQuad)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self._step)

    @property
    def is_running(self) -> bool:
        """Whether the view is on its way."""
        return self._to is not None

    @property
    def is_zooming(self) -> bool:
        """Whether the scale is changing."""
        if self._to is None or self._from is None:
            return False
        return self._to.metres_per_px != self._from.metres_per_px

    def go(self, start: Viewport, target: Viewport, animate: bool) -> None:
        """Move from `start` to `target`."""
        self.stop()
        if not animate or _is_far(start, target):
            self._show(target)
            return
        self._from, self._to = start, target
        self._animation.start()

    def stop(self) -> None:
        """Stay where the view is now."""
        self._animation.stop()
        self._from = self._to = None

    def _step(self, share: float) -> None:
        if self._from is None or self._to is None:
            return
        view = self._from.between(self._to, share)
        if share >= 1.0:
            self._from = self._to = None
        self._show(view)


def _is_far(start: Viewport, target: Viewport) -> bool:
    coarse = max(start.metres_per_px, target.metres_per_px)
    away = max(abs(target.x - start.x) / start.width, abs(target.y - start.y) / start.height)
    return away / coarse > _FAR_SCREENS
