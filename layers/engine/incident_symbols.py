"""Incidents: the inner ring is the priority, the outer dial the share of the deadline used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QFont, QPainter

from layers.engine.palette import Palette
from layers.engine.pens import arc, circle, fill, letters, stroke

RADIUS = 7.6
INCIDENT_HALF_PX = 28.0
DIAL_STEPS = 48
SELECTED_SCALE = 1.35

_RING_WIDTHS = (4.4, 3.4, 2.4, 1.6)


@dataclass(frozen=True, slots=True)
class IncidentLook:
    """What an incident's symbol shows. `dial` is the share of the deadline used in `DIAL_STEPS`ths,
    or None without a deadline; `lit` is False in the dark half of a flash."""

    priority: int
    dial: int | None = None
    over: bool = False
    selected: bool = False
    closed: bool = False
    lit: bool = True
    doubled: bool = False
    """A steady second ring in place of the flash (reduced motion)."""

    @property
    def scale(self) -> float:
        """How much larger than the 16-unit box it is drawn."""
        if self.selected:
            return SELECTED_SCALE
        return 1.15 if self.priority <= 2 and not self.closed else 1.0


def draw_incident(painter: QPainter, palette: Palette, font: QFont, look: IncidentLook) -> None:
    """An incident centred on 0, 0 with its dark halo."""
    painter.scale(look.scale, look.scale)
    ink = palette.colour("text.inverse")
    if look.closed:
        _draw_closed(painter, palette)
    else:
        fill(painter, circle(RADIUS + (1.2 if look.dial is None else 3.6)), ink)
        _draw_ring(painter, palette, font, look.priority)
        _draw_dial(painter, palette, look)
    if look.selected:
        _draw_selection(painter, palette)


def _draw_closed(painter: QPainter, palette: Palette) -> None:
    grey = palette.colour("status.off")
    fill(painter, circle(RADIUS + 1.2), palette.colour("text.inverse", 0.6))
    stroke(painter, circle(RADIUS - 0.5), grey, 1.2)
    stroke(painter, "M-3 0L-.8 2.4L3.2 -2.4", grey, 1.5)


def _draw_ring(painter: QPainter, palette: Palette, font: QFont, priority: int) -> None:
    colour = palette.colour(f"priority.{priority}")
    if priority == 1:
        fill(painter, circle(RADIUS), colour)
    elif priority == 2:
        stroke(painter, circle(RADIUS - 1), colour, 2.3)
    elif priority == 3:
        stroke(painter, circle(RADIUS - 0.6), colour, 1.2)
    else:
        stroke(painter, circle(RADIUS - 0.6), colour, 1.3, dash=(2.2, 2.2))
    digit = palette.colour("text.inverse") if priority == 1 else colour
    bold = QFont(font)
    bold.setBold(True)
    letters(painter, str(priority), bold, 10, digit, baseline=3.6)


def _draw_dial(painter: QPainter, palette: Palette, look: IncidentLook) -> None:
    colour = palette.colour(f"priority.{look.priority}")
    if look.dial is not None:
        stroke(painter, circle(RADIUS + 2.5), palette.colour("bar.quiet"), 1.5)
        if look.dial and look.lit:
            width = 2.0 if look.priority == 1 else 1.6
            stroke(painter, arc(RADIUS + 2.5, look.dial / DIAL_STEPS), colour, width)
    if look.doubled:
        stroke(painter, circle(RADIUS + 5.0), colour, 1.2)
    if look.over:
        painter.save()
        painter.translate(RADIUS + 1, -RADIUS - 1)
        fill(painter, "M0 -4.6L4.6 3.4H-4.6Z", colour)
        stroke(painter, "M0 -4.6L4.6 3.4H-4.6Z", palette.colour("text.inverse"), 1.2)
        painter.restore()


def _draw_selection(painter: QPainter, palette: Palette) -> None:
    white, far, near = palette.colour("select"), RADIUS + 10, RADIUS + 6
    stroke(painter, circle(RADIUS + 7), palette.colour("text.inverse"), 4)
    stroke(painter, circle(RADIUS + 7), white, 1.6)
    ticks = f"M0 {-far}V{-near}M0 {far}V{near}M{-far} 0H{-near}M{far} 0H{near}"
    stroke(painter, ticks, white, 1.6)


def draw_incident_cluster(
    painter: QPainter, palette: Palette, font: QFont, parts: Sequence[int]
) -> None:
    """Several incidents: a ring whose segments are the shares of priorities 1 to 4."""
    total = sum(parts)
    fill(painter, circle(15.5), palette.colour("text.inverse"))
    turned = 0.0
    for priority, count in enumerate(parts, start=1):
        if count:
            painter.save()
            painter.rotate(turned * 360 + 3)
            colour = palette.colour(f"priority.{priority}")
            width = _RING_WIDTHS[priority - 1]
            stroke(painter, arc(12.5, max(0.01, count / total - 0.018)), colour, width)
            painter.restore()
            turned += count / total
    bold = QFont(font)
    bold.setBold(True)
    letters(painter, str(total), bold, 13, palette.colour("text.1"), baseline=4.6)
