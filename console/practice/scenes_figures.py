"""What moves through the scenes: cars, people, a boat; each drawn where it is at one moment."""

from __future__ import annotations

from console.practice.scenes_canvas import Canvas, Point

_Cabin = tuple[tuple[float, float], tuple[float, float]]
_BODY: _Cabin = ((0.42, 0.56), (0.32, 1.0))
_GLASS: _Cabin = ((0.36, 0.60), (0.28, 0.93))


def draw_car(
    canvas: Canvas, foot: Point, width: float, tone: float, coming: bool, *, lights: bool
) -> None:
    """A car seen from ahead or behind, standing on `foot` (middle of its lower edge)."""
    x, y = foot
    height = width * 0.72
    if width < 2:
        return
    canvas.box(x - width * 0.56, y - height * 0.08, width * 1.12, height * 0.14, 0, alpha=0.5)
    canvas.box(x - width / 2, y - height * 0.58, width, height * 0.52, tone)
    canvas.polygon(_cabin(x, y, width, _BODY), tone * 0.8)
    canvas.polygon(_cabin(x, y, width, _GLASS), 28)
    bright = 255 if coming else 170
    for side in (-0.45, 0.29):
        canvas.box(
            x + width * side, y - height * 0.42, width * 0.16, height * 0.1, bright, alpha=0.95
        )
    if lights and coming:
        canvas.glow(x, y - height * 0.3, width * 1.1, 235, 0.34)
        canvas.glow(x, y + height * 0.35, width * 1.3, 200, 0.22)


def _cabin(x: float, y: float, width: float, shape: _Cabin) -> list[Point]:
    height = width * 0.72
    (low, low_y), (high, high_y) = shape
    return [
        (x - width * low, y - height * low_y),
        (x - width * high, y - height * high_y),
        (x + width * high, y - height * high_y),
        (x + width * low, y - height * low_y),
    ]


def draw_side_car(
    canvas: Canvas, foot: Point, length: float, tone: float, rightwards: bool
) -> None:
    """A car seen from the side, `foot` in the middle of its wheels."""
    x, y = foot
    height = length * 0.34
    ahead = 1 if rightwards else -1
    canvas.box(x - length * 0.52, y - height * 0.1, length * 1.04, height * 0.2, 0, alpha=0.5)
    canvas.box(x - length / 2, y - height * 0.62, length, height * 0.48, tone)
    roof = [(-0.3, 0.6), (-0.2, 1.0), (0.14, 1.0), (0.3, 0.6)]
    canvas.polygon([(x + a * ahead * length, y - b * height) for a, b in roof], tone * 0.7)
    for wheel in (-0.3, 0.3):
        canvas.disc(x + wheel * length, y - height * 0.1, height * 0.17, 22)
    front = x + ahead * length * 0.48
    canvas.box(front - length * 0.03, y - height * 0.5, length * 0.06, height * 0.14, 250)
    canvas.glow(front + ahead * length * 0.3, y - height * 0.2, length * 0.5, 210, 0.25)


def draw_person(canvas: Canvas, foot: Point, height: float, tone: float, stride: float) -> None:
    """Somebody walking; `stride` in [-1, 1] is how far the legs are apart."""
    x, y = foot
    if height < 4:
        return
    canvas.box(x - height * 0.2, y - height * 0.02, height * 0.4, height * 0.05, 0, alpha=0.4)
    hip = (x, y - height * 0.42)
    for side in (-1, 1):
        foot_x = x + side * stride * height * 0.16
        canvas.line(hip, (foot_x, y), height * 0.09, 52)
    canvas.box(x - height * 0.12, y - height * 0.86, height * 0.24, height * 0.46, tone)
    canvas.disc(x, y - height * 0.93, height * 0.08, 178)


def draw_boat(canvas: Canvas, foot: Point, length: float) -> None:
    """A river boat with its cabin and one lamp; `foot` in the middle of its water line."""
    x, y = foot
    hull = [(-0.5, -0.12), (0.5, -0.15), (0.42, 0.03), (-0.44, 0.03)]
    canvas.polygon([(x + a * length, y + b * length) for a, b in hull], 118)
    canvas.box(x - length * 0.26, y - length * 0.25, length * 0.34, length * 0.13, 150)
    for window in range(4):
        canvas.box(
            x + length * (-0.23 + 0.08 * window),
            y - length * 0.22,
            length * 0.04,
            length * 0.05,
            228,
        )
    canvas.box(x + length * 0.2, y - length * 0.34, 1.2, length * 0.2, 96)
    canvas.disc(x + length * 0.2, y - length * 0.34, 1.8, 255)
    canvas.glow(x + length * 0.2, y - length * 0.3, length * 0.3, 230, 0.3)
    canvas.box(x - length * 0.5, y + 2, length, 2.4, 150, alpha=0.3)
