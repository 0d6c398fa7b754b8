"""The pictures of the practice city's cameras: six looping scenes of our own drawing.

Each is drawn once from the seed and kept as a clip: eight seconds that end as they begin, H.264
Annex B with access unit delimiters, 640 × 360 at 15 pictures a second, a key frame each second.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from console.practice.scenes_canvas import HEIGHT, WIDTH, Canvas
from console.practice.scenes_river import River
from console.practice.scenes_street import Look, Street

FPS = 15
SECONDS = 8
RECIPE = 1
"""Raised when the drawing changes, so that older clips are drawn anew."""
GRAIN = 2.2


class Scene(Protocol):
    """Something that can be drawn at any moment of its loop."""

    background: Canvas

    def draw(self, canvas: Canvas, moment: float) -> None:
        """Draw what moves, at `moment` in [0, 1)."""
        ...


def _street(look: Look) -> Callable[[np.random.Generator], Scene]:
    return lambda rng: Street(rng, look)


SCENES: tuple[Callable[[np.random.Generator], Scene], ...] = (
    _street(Look(cars=8)),
    _street(Look(lanes=4, cars=5, people=5, crossing=True, cross_traffic=3)),
    River,
    _street(Look(lanes=2, cars=2, people=0, gate=True)),
    _street(Look(plaza=True, cars=0, people=14)),
    _street(Look(day=True, cars=8, people=4)),
)


def render_scenes(folder: Path, seed: int = 1, seconds: int = SECONDS) -> list[Path]:
    """The clips `folder`/scene-1.h264 …, drawn where they are missing or of another seed."""
    from console.practice.scenes_clip import write_clip  # noqa: PLC0415 - loads FFmpeg, 0.3 s

    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "recipe"
    recipe = f"{RECIPE} {seed}"
    current = stamp.exists() and stamp.read_text("utf-8") == recipe
    paths = [folder / f"scene-{number}.h264" for number in range(1, len(SCENES) + 1)]
    for number, path in enumerate(paths):
        if not (current and path.exists()):
            write_clip(path, pictures(number, seed, seconds * FPS), FPS)
    stamp.write_text(recipe, "utf-8")
    return paths


def are_rendered(folder: Path, seed: int = 1) -> bool:
    """Whether there is nothing left to draw."""
    stamp = folder / "recipe"
    return stamp.exists() and stamp.read_text("utf-8") == f"{RECIPE} {seed}"


def pictures(number: int, seed: int, frames: int = FPS * SECONDS) -> Iterator[NDArray[np.uint8]]:
    """The loop of scene `number` (from 0): `frames` grey pictures, uint8 (360, 640)."""
    rng = np.random.default_rng([seed, number])
    scene = SCENES[number](rng)
    grain = rng.normal(0, GRAIN, (4, HEIGHT, WIDTH)).astype(np.float32)
    for frame in range(frames):
        canvas = Canvas(scene.background.tone)
        scene.draw(canvas, frame / frames)
        shifted = np.roll(grain[frame % 4], frame * 37 % WIDTH, 1)
        yield np.clip(canvas.tone * 0.92 + shifted, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    render_scenes(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
