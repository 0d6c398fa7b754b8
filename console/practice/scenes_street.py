"""Street-like scenes in one-point perspective: the ground, what stands there, what moves there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from console.practice.scenes_canvas import HEIGHT, WIDTH, Canvas, Point
from console.practice.scenes_figures import draw_car, draw_person, draw_side_car

FAR, NEAR = 14.0, 0.82  # distance along the road, in units of the depth where the road is widest


@dataclass(frozen=True, slots=True)
class Look:
    """What tells one street from another."""

    day: bool = False
    lanes: int = 4
    cars: int = 6
    people: int = 3
    crossing: bool = False
    cross_traffic: int = 0
    gate: bool = False
    plaza: bool = False


class Street:
    """A street drawn from one random stream; `background` once, `draw` for every moment."""

    def __init__(self, rng: np.random.Generator, look: Look) -> None:
        self._rng, self._look = rng, look
        self._horizon = HEIGHT * rng.uniform(0.25, 0.36)
        self._vanish = WIDTH * rng.uniform(0.34, 0.66)
        self._left = -WIDTH * rng.uniform(0.35, 0.6)
        self._right = WIDTH * rng.uniform(1.3, 1.6)
        self._light = 1.9 if look.day else 1.0
        self.background = Canvas()
        self._paint()
        self._cars = [self._new_car(number) for number in range(look.cars)]
        self._people = [self._new_person(number) for number in range(look.people)]

    def draw(self, canvas: Canvas, moment: float) -> None:
        """Everything that moves, at `moment` in [0, 1) of the loop, far to near."""
        things = [(car.depth(moment), car) for car in self._cars]
        for depth, car in sorted(things, key=lambda thing: thing[0]):
            self._draw_car(canvas, car, depth)
        self._draw_cross_traffic(canvas, moment)
        for person in self._people:
            self._draw_person(canvas, person, moment)
        if self._look.gate:
            self._draw_barrier(canvas, moment)

    # -- what stands ----------------------------------------------------------------------------

    def _at(self, depth: float, side: float) -> Point:
        """The ground at `depth` (0 horizon, 1 near) and `side` (x where depth is 1)."""
        y = self._horizon + (HEIGHT * 1.25 - self._horizon) * depth
        return self._vanish + (side - self._vanish) * depth, y

    def _strip(
        self, a: float, b: float, side_a: float, side_b: float, tone: float, *, alpha: float = 1.0
    ) -> None:
        corners = [
            self._at(a, side_a),
            self._at(a, side_b),
            self._at(b, side_b),
            self._at(b, side_a),
        ]
        self.background.polygon(corners, tone, alpha)

    def _paint(self) -> None:
        picture, light = self.background, self._light
        picture.tone[:] = 49 * light
        picture.box(0, 0, WIDTH, self._horizon, 128 if self._look.day else 30)
        self._paint_skyline()
        if not self._look.plaza:
            self._paint_road()
        else:
            self._paint_paving()
        for side in (-1, 1):
            self._paint_houses(side)
        if self._look.cross_traffic:
            self._strip(0.215, 0.315, -WIDTH * 2, WIDTH * 3, 60 * self._light)
        for side in (-1, 1):
            self._paint_lamps(side)
        if self._look.gate:
            self._paint_gatehouse()

    def _paint_skyline(self) -> None:
        rng, picture = self._rng, self.background
        for _ in range(26):
            x, width = rng.uniform(0, WIDTH), WIDTH * rng.uniform(0.02, 0.07)
            height = HEIGHT * rng.uniform(0.05, 0.22)
            picture.box(x, self._horizon - height, width, height, rng.uniform(26, 40) * self._light)
            for _ in range(3):
                spot = x + rng.uniform(0, width * 0.8), self._horizon - rng.uniform(0.2, 1) * height
                picture.box(*spot, 2, 2, rng.uniform(90, 150), alpha=0.55)

    def _paint_road(self) -> None:
        left, right = self._left, self._right
        self._strip(0, 1, left - WIDTH * 0.28, right + WIDTH * 0.28, 74 * self._light)
        self._strip(0, 1, left, right, 58 * self._light)
        for line in range(self._look.lanes + 1):
            side = left + (right - left) * line / self._look.lanes
            solid = line in (0, self._look.lanes)
            for dash in range(26):
                a, b = ((dash + part) / 26 for part in (0, 1 if solid else 0.5))
                half = WIDTH * 0.012
                self._strip(
                    a**1.7, b**1.7, side - half, side + half, 138 if solid else 160, alpha=0.7
                )
        if self._look.crossing:
            self._paint_zebra(0.46, 0.6)

    def _paint_zebra(self, near: float, far: float) -> None:
        span = self._right - self._left
        for bar in range(15):
            start = self._left + span * (bar + 0.15) / 15
            self._strip(near, far, start, start + span * 0.5 / 15, 178, alpha=0.8)

    def _paint_paving(self) -> None:
        for row in range(22):
            depth = (row / 22) ** 1.8
            self._strip(depth, depth + 0.006, -WIDTH, WIDTH * 2, 92 * self._light, alpha=0.5)
        for column in range(-16, 33):
            side = column * WIDTH / 8
            self._strip(0.02, 1, side, side + WIDTH * 0.012, 92 * self._light, alpha=0.5)
        x, y = self._at(0.42, WIDTH * 0.5)
        for radius, tone in ((62, 96), (54, 66), (16, 120)):
            self._ellipse(x, y, radius, tone * self._light)

    def _ellipse(self, x: float, y: float, radius: float, tone: float) -> None:
        turns = np.linspace(0, 2 * math.pi, 20, endpoint=False)
        corners = [(x + radius * 1.6 * math.cos(t), y + radius * 0.4 * math.sin(t)) for t in turns]
        self.background.polygon(corners, tone)

    def _paint_houses(self, side: int) -> None:
        depth = 0.03
        edge = self._left - WIDTH * 0.3 if side < 0 else self._right + WIDTH * 0.3
        while depth < 1.05:
            ahead = depth * 1.45 + 0.03
            self._paint_house(self._at(depth, edge), self._at(ahead, edge), depth, ahead)
            depth = ahead

    def _paint_house(self, a: Point, b: Point, depth: float, ahead: float) -> None:
        rng = self._rng
        height_a = HEIGHT * rng.uniform(0.9, 1.5) * depth + HEIGHT * 0.06
        height_b = height_a * ahead / depth * 0.96
        tone = rng.uniform(30, 52) * self._light
        self.background.polygon([(a[0], a[1] - height_a), (b[0], b[1] - height_b), b, a], tone)
        for row in range(9):
            for column in range(5):
                if rng.random() < 0.45:
                    self._paint_window(
                        a, b, (height_a, height_b), (column + 0.3) / 5, (row + 0.7) / 10
                    )

    def _paint_window(
        self, a: Point, b: Point, heights: tuple[float, float], across: float, up: float
    ) -> None:
        rng = self._rng
        x = a[0] + (b[0] - a[0]) * across
        high = heights[0] + (heights[1] - heights[0]) * across
        y = a[1] + (b[1] - a[1]) * across - high * up
        lit = 172 if rng.random() < 0.25 else rng.uniform(60, 108)
        tone = rng.uniform(60, 84) if self._look.day else lit
        self.background.box(
            x, y, max(1.0, abs(b[0] - a[0]) * 0.09), max(1.0, high * 0.035), tone, alpha=0.8
        )

    def _paint_lamps(self, side: int) -> None:
        edge = self._left - WIDTH * 0.12 if side < 0 else self._right + WIDTH * 0.12
        for number in range(6):
            depth = 0.08 + number * number * 0.026
            foot = self._at(depth, edge)
            self._paint_trees(self._at(depth * 1.2, edge + side * WIDTH * 0.08), depth)
            top = (foot[0] - side * WIDTH * 0.06 * depth, foot[1] - HEIGHT * 0.62 * depth)
            pole = (foot[0], top[1])
            self.background.line(foot, pole, max(1.0, WIDTH * 0.008 * depth), 110)
            self.background.line(pole, top, max(1.0, WIDTH * 0.006 * depth), 110)
            if not self._look.day:
                self.background.glow(*top, WIDTH * 0.2 * depth + 4, 230, 0.3)
                self.background.box(top[0] - 2, top[1], max(3.0, WIDTH * 0.035 * depth), 2, 248)

    def _paint_trees(self, foot: Point, depth: float) -> None:
        rng = self._rng
        for _ in range(6):
            x = foot[0] + rng.uniform(-0.5, 0.5) * WIDTH * 0.1 * depth
            y = foot[1] - HEIGHT * depth * rng.uniform(0.22, 0.4)
            self.background.disc(
                x, y, WIDTH * 0.07 * depth + 1, rng.uniform(32, 50) * self._light, 0.9
            )

    def _paint_gatehouse(self) -> None:
        picture = self.background
        for x in (WIDTH * 0.1, WIDTH * 0.84):
            picture.box(x, HEIGHT * 0.3, WIDTH * 0.06, HEIGHT * 0.42, 92 * self._light)
        picture.box(WIDTH * 0.08, HEIGHT * 0.25, WIDTH * 0.84, HEIGHT * 0.06, 104 * self._light)
        picture.box(WIDTH * 0.66, HEIGHT * 0.44, WIDTH * 0.16, HEIGHT * 0.28, 120 * self._light)
        picture.box(WIDTH * 0.675, HEIGHT * 0.48, WIDTH * 0.13, HEIGHT * 0.11, 214)
        picture.glow(WIDTH * 0.74, HEIGHT * 0.55, WIDTH * 0.2, 220, 0.22)

    # -- what moves -----------------------------------------------------------------------------

    def _new_car(self, number: int) -> _Car:
        rng, lanes = self._rng, self._look.lanes
        lane = number % lanes
        coming = (
            lane < lanes / 2
        )  # traffic keeps to the right: what comes towards us is on the left
        share = (number // lanes + rng.uniform(0, 0.7)) / max(1, -(-self._look.cars // lanes))
        return _Car(lane, coming, share, float(rng.choice([52, 90, 150, 186])) * self._light**0.3)

    def _draw_car(self, canvas: Canvas, car: _Car, depth: float) -> None:
        span = (self._right - self._left) / self._look.lanes
        side = self._left + span * (car.lane + 0.5)
        draw_car(
            canvas,
            self._at(depth, side),
            span * 0.56 * depth,
            car.tone,
            car.coming,
            lights=not self._look.day,
        )

    def _draw_cross_traffic(self, canvas: Canvas, moment: float) -> None:
        for number in range(self._look.cross_traffic):
            rightwards = number % 2 == 0
            part = (moment + number * 0.37) % 1.0
            depth = 0.3 if rightwards else 0.23
            x = WIDTH * (-0.2 + 1.4 * (part if rightwards else 1 - part))
            y = self._at(depth, 0)[1]
            draw_side_car(canvas, (x, y), WIDTH * 0.55 * depth, 90 + 40 * (number % 3), rightwards)

    def _new_person(self, number: int) -> _Person:
        rng = self._rng
        if self._look.crossing:
            return _Person(
                0.53 + rng.uniform(-0.04, 0.05),
                None,
                number % 2 == 0,
                rng.random(),
                rng.uniform(90, 185),
            )
        side = self._left - WIDTH * 0.13 if number % 2 else self._right + WIDTH * 0.13
        if self._look.plaza:
            side = WIDTH * rng.uniform(-0.3, 1.3)
        return _Person(
            rng.uniform(0.25, 0.6), side, number % 2 == 0, rng.random(), rng.uniform(90, 185)
        )

    def _draw_person(self, canvas: Canvas, person: _Person, moment: float) -> None:
        part = (moment + person.phase) % 1.0
        part = part if person.forward else 1 - part
        if person.side is None or self._look.plaza:
            foot = (WIDTH * (-0.05 + 1.1 * part), self._at(person.depth, 0)[1])
            depth = person.depth
        else:
            depth = person.depth * (0.6 + 0.7 * part)
            foot = self._at(depth, person.side)
        stride = math.sin(moment * 2 * math.pi * 12 + person.phase * 9)
        draw_person(canvas, foot, HEIGHT * 0.25 * depth + 3, person.tone, stride)

    def _draw_barrier(self, canvas: Canvas, moment: float) -> None:
        lift = max(0.0, min(1.0, 2.2 * math.sin(moment * 2 * math.pi)))
        turn = lift * 1.25
        start = (WIDTH * 0.64, HEIGHT * 0.66)
        length = WIDTH * 0.46
        for piece in range(10):
            a, b = piece / 10 * length, (piece + 1) / 10 * length
            ends = [(start[0] - r * math.cos(turn), start[1] - r * math.sin(turn)) for r in (a, b)]
            canvas.line(ends[0], ends[1], 5, 230 if piece % 2 else 120)
        canvas.box(start[0] - 4, start[1] - 6, 12, 40, 140)


@dataclass(frozen=True, slots=True)
class _Car:
    lane: int
    coming: bool
    phase: float
    tone: float

    def depth(self, moment: float) -> float:
        """How near it is, at constant speed along the road: depth is one over distance."""
        part = (moment + self.phase) % 1.0
        distance = FAR + (NEAR - FAR) * (part if self.coming else 1 - part)
        return 1 / distance


@dataclass(frozen=True, slots=True)
class _Person:
    depth: float
    side: float | None
    forward: bool
    phase: float
    tone: float
