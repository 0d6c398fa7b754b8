"""Handing numpy geometry to QPainter in bulk, without a Python loop over vertices.

Facts behind the shapes of these functions: `drawLines` over a numpy buffer is five times faster
than a path; one huge antialiased path is the trap, so paths are cut into chunks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QLineF
from PySide6.QtGui import QPainter, QPainterPath
from shiboken6 import Shiboken

Floats = NDArray[np.float64]
Offsets = NDArray[np.int64]

CHUNK_VERTICES = 600

_ELEMENT = np.dtype([("type", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE_TO, _LINE_TO = 0, 1
_ODD_EVEN = 0


def draw_segments(painter: QPainter, segments: Floats) -> None:
    """Draw (k, 4) segments x0, y0, x1, y1 in the painter's coordinates with its pen."""
    if not len(segments):
        return
    lines = np.ascontiguousarray(segments, np.float64)
    first = cast(QLineF, Shiboken.wrapInstance(lines.ctypes.data, QLineF))
    painter.drawLines(first, len(lines))


def path_of(offsets: Offsets, xy: Floats) -> QPainterPath:
    """One path of the parts `xy[offsets[i]:offsets[i + 1]]`, with the even-odd rule.

    Goes through QDataStream's format of a path (Qt 6: count, elements, start, fill rule).
    """
    path = QPainterPath()
    if not len(xy):
        return path
    buffer = bytearray(4 + len(xy) * _ELEMENT.itemsize + 8)
    struct.pack_into(">i", buffer, 0, len(xy))
    elements = np.frombuffer(buffer, _ELEMENT, len(xy), 4)
    elements["type"] = _LINE_TO
    elements["type"][offsets[:-1]] = _MOVE_TO
    elements["x"], elements["y"] = xy[:, 0], xy[:, 1]
    struct.pack_into(">ii", buffer, 4 + len(xy) * _ELEMENT.itemsize, 0, _ODD_EVEN)
    stream = QDataStream(QByteArray(bytes(buffer)))
    stream >> path
    return path


def chunks(offsets: Offsets, xy: Floats) -> Iterator[tuple[Offsets, Floats]]:
    """The same parts in groups of about `CHUNK_VERTICES` vertices; no part is cut."""
    start = 0
    while start < len(offsets) - 1:
        limit = offsets[start] + CHUNK_VERTICES
        end = max(start + 1, int(np.searchsorted(offsets, limit, side="right")) - 1)
        first, last = offsets[start], offsets[end]
        yield offsets[start : end + 1] - first, xy[first:last]
        start = end


def draw_polylines(painter: QPainter, offsets: Offsets, xy: Floats) -> None:
    """Stroke parts with the painter's pen, with its joins."""
    for part_offsets, part_xy in chunks(offsets, xy):
        painter.drawPath(path_of(part_offsets, part_xy))


def edges_of_rings(offsets: Offsets, xy: Floats) -> Floats:
    """The (k, 4) segments along closed rings (first vertex repeated at the end)."""
    if len(xy) < 2:
        return np.empty((0, 4))
    segments = np.concatenate([xy[:-1], xy[1:]], axis=1)
    keep = np.ones(len(segments), bool)
    keep[offsets[1:-1] - 1] = False
    return np.asarray(segments[keep])


def touching(segments: Floats, width: float, height: float, margin: float) -> Floats:
    """The segments whose box touches the rectangle 0, 0, width, height grown by `margin`."""
    x0, y0, x1, y1 = segments.T
    keep = (np.maximum(x0, x1) >= -margin) & (np.minimum(x0, x1) <= width + margin)
    keep &= (np.maximum(y0, y1) >= -margin) & (np.minimum(y0, y1) <= height + margin)
    return np.asarray(segments[keep])
