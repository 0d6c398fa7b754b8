"""One decoded picture, as the screen wants it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture in BGRA byte order with opaque alpha (QImage.Format_RGB32, cairo RGB24).

    `pixels` is uint8, shape (height, stride), owned by the frame: nobody writes into it again.
    `picture_ms` is when the picture reached this machine, milliseconds since 1970 UTC.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    stride: int
    sequence: int
    picture_ms: int


def fitted_size(source: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """The largest (width, height) of the source's shape within `room`, never above the source's.

    Both are even and at least 2: chroma is subsampled, and scalers are exact on even sizes.
    """
    scale = min(1.0, room[0] / source[0], room[1] / source[1])
    width, height = (max(2, int(side * scale + 0.5) // 2 * 2) for side in source)
    return width, height
