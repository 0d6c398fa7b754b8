"""A river at night: a bridge with its traffic, lamps that shiver in the water, a boat."""

from __future__ import annotations

import math

import numpy as np

from console.practice.scenes_canvas import HEIGHT, WIDTH, Canvas
from console.practice.scenes_figures import draw_boat, draw_person

LAMPS = 13


class River:
    """Drawn from one random stream; `background` once, `draw` for every moment."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._horizon = HEIGHT * 0.34
        self._bridge = self._horizon - HEIGHT * 0.03
        self.background = Canvas()
        self._paint()
        self._ripples = rng.uniform(size=(110, 4))

    def draw(self, canvas: Canvas, moment: float) -> None:
        """Everything that moves, at `moment` in [0, 1) of the loop."""
        self._draw_ripples(canvas, moment)
        self._draw_reflections(canvas, moment)
        for number in range(6):
            self._draw_traffic(canvas, (moment + number / 6) % 1.0, number)
        draw_boat(canvas, (WIDTH * (1.25 - 1.5 * moment), HEIGHT * 0.56), WIDTH * 0.2)
        for number in range(2):
            part = (moment * (1 if number else -1) + number * 0.4) % 1.0
            foot = (WIDTH * 0.42 * part, HEIGHT * (0.73 + 0.2 * part))
            stride = math.sin(moment * 2 * math.pi * 12 + number)
            draw_person(canvas, foot, HEIGHT * (0.12 + 0.06 * part), 150 - 40 * number, stride)

    def _paint(self) -> None:
        picture, rng = self.background, self._rng
        picture.tone[:] = 30
        picture.box(0, 0, WIDTH, self._horizon, 28)
        for _ in range(40):
            x, width, height = rng.uniform(0, WIDTH), rng.uniform(12, 44), rng.uniform(14, 84)
            picture.box(x, self._horizon - height, width, height, rng.uniform(26, 42))
            for _ in range(6):
                spot = x + rng.uniform(0, width), self._horizon - rng.uniform(0.1, 1) * height
                picture.box(*spot, 2, 2, rng.uniform(90, 160), alpha=0.55)
        self._paint_bridge()
        self._paint_quay()

    def _paint_bridge(self) -> None:
        picture, deck = self.background, self._bridge
        picture.box(0, deck - HEIGHT * 0.03, WIDTH, HEIGHT * 0.03, 74)
        for pier in range(5):
            picture.box(WIDTH * (0.06 + pier * 0.21), deck, WIDTH * 0.018, HEIGHT * 0.09, 58)
        for lamp in range(LAMPS):
            x = WIDTH * (0.03 + lamp * 0.079)
            picture.box(x + 0.5, deck - HEIGHT * 0.085, 1, HEIGHT * 0.055, 92)
            picture.disc(x + 1, deck - HEIGHT * 0.088, 1.7, 245)
            picture.glow(x + 1, deck - HEIGHT * 0.085, 15, 225, 0.28)

    def _paint_quay(self) -> None:
        picture = self.background
        picture.polygon([(0, HEIGHT * 0.66), (WIDTH * 0.5, HEIGHT), (0, HEIGHT)], 118)
        picture.polygon([(0, HEIGHT * 0.71), (WIDTH * 0.44, HEIGHT), (0, HEIGHT)], 84)
        for post in range(9):
            near = (post / 9) ** 2
            x, y = WIDTH * 0.49 * near + 2, HEIGHT * (0.665 + 0.33 * near)
            high = HEIGHT * 0.12 * (0.4 + near)
            picture.box(x, y - high, max(1.5, 5 * (0.4 + near)), high, 150)
        picture.line((0, HEIGHT * 0.615), (WIDTH * 0.49, HEIGHT * 0.83), 1.6, 150)

    def _draw_ripples(self, canvas: Canvas, moment: float) -> None:
        for a, b, c, d in self._ripples:
            near = a * b
            y = self._horizon + HEIGHT * 0.07 + (HEIGHT - self._horizon) * near
            x = (c * WIDTH * 1.3 + moment * WIDTH * 1.3 * (1 if d < 0.5 else -1)) % (WIDTH * 1.3)
            canvas.box(
                x - WIDTH * 0.15, y, WIDTH * 0.1 * near + 5, 0.8 + 2 * near, 70 + 50 * d, alpha=0.2
            )

    def _draw_reflections(self, canvas: Canvas, moment: float) -> None:
        for lamp in range(LAMPS):
            x = WIDTH * (0.03 + lamp * 0.079)
            for step in range(10):
                sway = 3.5 * math.sin(2 * math.pi * (3 * moment + step * 0.31 + lamp * 0.17))
                y = self._horizon + HEIGHT * (0.08 + 0.026 * step)
                canvas.box(x + sway - 2, y, 5, 3.4, 190, alpha=0.34 * (1 - step / 10))

    def _draw_traffic(self, canvas: Canvas, part: float, number: int) -> None:
        rightwards = number % 2 == 0
        x = WIDTH * (-0.05 + 1.1 * (part if rightwards else 1 - part))
        y = self._bridge - HEIGHT * 0.036
        canvas.box(x - 7, y - 3, 14, 5, 60 + 24 * (number % 3))
        canvas.disc(x + (8 if rightwards else -8), y, 1.6, 250)
        canvas.glow(x + (12 if rightwards else -12), y, 9, 220, 0.3)
