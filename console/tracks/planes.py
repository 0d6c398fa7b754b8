"""Columns of numbers as planes of bytes: first bytes together, second bytes together.

Neighbours in a plane are alike, which compresses; what is noise stands alone, so that it need not
be compressed at all. Signed differences are folded to small unsigned ones (zigzag), so that the
upper planes are zeros.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bytes2D = NDArray[np.uint8]


def zigzag(signed: NDArray[np.int32]) -> NDArray[np.uint32]:
    """0, -1, 1, -2, 2 ... as 0, 1, 2, 3, 4 ..."""
    return ((signed << 1) ^ (signed >> 31)).view(np.uint32)


def unzigzag(folded: NDArray[np.uint32]) -> NDArray[np.int32]:
    """The inverse of `zigzag`."""
    sign = (folded & np.uint32(1)).view(np.int32)
    np.negative(sign, out=sign)
    result = (folded >> np.uint32(1)).view(np.int32)
    result ^= sign
    return result


def split(column: NDArray[np.uint32], width: int) -> Bytes2D:
    """The lowest `width` bytes of each number: uint8[width, n]."""
    return column.astype("<u4").view(np.uint8).reshape(-1, 4).T[:width]


def join(planes: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint32]:
    """The inverse of `split`; planes of zeros, as the upper ones mostly are, cost little."""
    column = planes[0].astype(np.uint32)
    for place, plane in enumerate(planes[1:], 1):
        if plane.any():
            column |= plane.astype(np.uint32) << np.uint32(8 * place)
    return column
