"""Ground, places and a server for the simulated field, without a city or a network."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from random import Random

import numpy as np

from console.model.event import Event
from console.model.geo import ground_scale
from console.model.requests import AdvanceCommand, Submission
from console.model.text import Text
from console.model.unit import UnitKind
from console.practice.field.api import Line, Unreachable
from console.practice.field.phrases import Near
from console.practice.field.places import Spot
from console.practice.field.terrain import Leg, Point
from console.wire import FieldPush, FieldSaid

BLOCK = 100.0
"""Side of a block of the fake streets, world metres."""

SPEED_MPS = {
    UnitKind.FOOT: 5 / 3.6,
    UnitKind.BOAT: 25 / 3.6,
    UnitKind.DRONE: 45 / 3.6,
}


class Blocks:
    """Streets on every multiple of BLOCK; off them only the last steps to a home or a place."""

    def __init__(self, reachable: bool = True) -> None:
        self.reachable = reachable
        self.legs = 0

    def leg(self, kind: UnitKind, start: Point, goal: Point) -> Leg | None:
        if not self.reachable:
            return None
        self.legs += 1
        points = self._points(start, goal)
        speed = SPEED_MPS.get(kind, 10.0)
        seconds = [0.0]
        for (x0, y0), (x1, y1) in pairwise(points):
            length = math.hypot(x1 - x0, y1 - y0) * float(ground_scale((y0 + y1) / 2))
            seconds.append(seconds[-1] + length / speed)
        return Leg(np.array(points, float), np.array(seconds))

    def _points(self, start: Point, goal: Point) -> list[Point]:
        """To the next street, along it, round one corner, and to the goal's street."""
        gx, gy = BLOCK * round(goal[0] / BLOCK), BLOCK * round(goal[1] / BLOCK)
        row = BLOCK * round(start[1] / BLOCK)
        corner = (BLOCK * round(start[0] / BLOCK), row)
        if on_street(start):
            corner = (corner[0], start[1]) if start[0] % BLOCK == 0 else (start[0], row)
        points = [start, corner, (corner[0], row), (gx, row), (gx, gy)]
        return [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]

    def beat(self, kind: UnitKind, home: Point, rng: Random) -> tuple[Point, ...]:
        return tuple(
            (home[0] + BLOCK * rng.randint(-3, 3), home[1] + BLOCK * rng.randint(-3, 3))
            for _ in range(4)
        )


def on_street(point: Point, within: float = 1e-6) -> bool:
    """Whether a point lies on a street of `Blocks`."""
    return any(abs(v - BLOCK * round(v / BLOCK)) <= within for v in point)


class OnePlace:
    """Everything happens at the same door."""

    def spot(self, near: Near, rng: Random) -> Spot:
        return Spot(120.123 + rng.random() / 100, 30.12, Text("南湖路1号", "1 Nanhu Rd"))


class FakeServer:
    """A `FieldApi` in memory: pushes what it is told to, remembers what it hears."""

    def __init__(self) -> None:
        self.lines: dict[str, FakeLine] = {}
        self.connects = 0
        self.is_down = False
        self.submissions: list[Submission] = []
        self.answered: set[str] = set()
        self.drop_answers = 0

    async def officer(self) -> str:
        self._check()
        return ""

    async def enrol(self, unit_id: str) -> str:
        self._check()
        return f"token-{unit_id}"

    async def submit(self, submission: Submission, token: str = "") -> tuple[Event, ...]:
        self._check()
        if submission.key not in self.answered:
            self.submissions.append(submission)
            self.answered.add(submission.key)
        if self.drop_answers:
            self.drop_answers -= 1
            raise Unreachable("the answer was lost")
        return ()

    async def events(self, after: int, limit: int) -> tuple[Event, ...]:
        self._check()
        return ()

    @asynccontextmanager
    async def line(self, token: str) -> AsyncIterator[Line]:
        self._check()
        self.connects += 1
        line = self.lines[token.removeprefix("token-")] = FakeLine()
        try:
            yield line
        finally:
            line.is_open = False

    def _check(self) -> None:
        if self.is_down:
            raise Unreachable("down")

    def steps(self, command_id: str) -> list[str]:
        """The steps reported of a command, in order."""
        return [
            s.request.step.value
            for s in self.submissions
            if isinstance(s.request, AdvanceCommand) and s.request.command_id == command_id
        ]


class FakeLine:
    """One device's line."""

    def __init__(self) -> None:
        self.pushes: asyncio.Queue[FieldPush | None] = asyncio.Queue()
        self.heard: list[FieldSaid] = []
        self.is_open = True

    async def send(self, frame: FieldSaid) -> None:
        self.heard.append(frame)

    async def receive(self) -> FieldPush:
        push = await self.pushes.get()
        if push is None:
            raise Unreachable("cut")
        return push
