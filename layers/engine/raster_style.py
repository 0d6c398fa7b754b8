"""How the base map is drawn: colours by token, widths on the ground and on the screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineStyle:
    """A class of line: `metres` wide on the ground, at least `least_px` logical pixels, drawn up
    to `coarsest` ground metres a pixel; `cased` lines have a dark edge."""

    colour: str
    metres: float
    least_px: float
    coarsest: float
    cased: bool = False


FILLS: tuple[tuple[str, str, float], ...] = (
    ("residential", "map.land", 0.0),
    ("commercial", "map.com", 40.0),
    ("industrial", "map.ind", 40.0),
    ("school", "map.school", 20.0),
    ("park", "map.park", 200.0),
    ("water", "map.water", 200.0),
    ("building", "map.bld", 3.0),
)
"""Class, colour and coarsest ground metres a pixel, in drawing order. Residential is bare land."""

ROADS: dict[str, LineStyle] = {
    "path": LineStyle("map.path", 2.0, 0.8, 3.2),
    "service": LineStyle("map.res", 4.0, 0.8, 4.5),
    "residential": LineStyle("map.res", 7.0, 1.0, 9.0),
    "tertiary": LineStyle("map.ter", 10.0, 1.5, 18.0),
    "secondary": LineStyle("map.sec", 15.0, 2.2, 40.0, cased=True),
    "primary": LineStyle("map.art", 20.0, 3.2, 200.0, cased=True),
    "motorway": LineStyle("map.ring", 26.0, 4.6, 200.0, cased=True),
}
"""In drawing order: what matters more lies above."""

STREAM = LineStyle("map.water", 3.0, 1.0, 12.0)
RAIL = LineStyle("map.rail", 0.0, 2.4, 60.0)

ROUND_JOINS_FROM_PX = 5.0
"""Thinner lines are drawn segment by segment; from here on their corners would show."""


def width_px(style: LineStyle, ground_mpp: float, scale: float) -> float:
    """Device pixels: `ground_mpp` ground metres a *design* pixel, `scale` device pixels a design
    pixel. Least widths shrink where the whole city is in sight, as its streets draw together."""
    crowd = 1.0 if ground_mpp <= 6 else 0.7 if ground_mpp <= 20 else 0.55
    return max(style.least_px * crowd * scale, style.metres / ground_mpp * scale)
