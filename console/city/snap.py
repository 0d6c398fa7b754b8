"""The point of the road network nearest to a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.model.geo import ground_scale

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_SAMPLE_M = 40.0
_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Snapped:
    """k places on the network: `edge` int64[k], `share` float64[k] of the edge's length already
    gone (0 at its tail), `gap_m` float64[k] ground metres from the place to there, `xy`
    float64[k,2] world.
    """

    edge: IntArray
    share: FloatArray
    gap_m: FloatArray
    xy: FloatArray


class Snapper:
    """Finds the nearest of the edges that it was given.

    Segments are sampled every 40 m into a k-d tree; of the eight nearest samples the nearest
    segment wins. That is exact unless eight other segments lie closer by their samples.
    """

    def __init__(self, a: FloatArray, b: FloatArray, edge: IntArray, share: FloatArray) -> None:
        """Segments from `a` to `b` (float64[s,2] world) of `edge` int64[s]; `share` float64[s,2]
        is how much of the edge's length is gone at either end.
        """
        from scipy.spatial import cKDTree  # noqa: PLC0415 - see console.city.network

        self._a, self._step, self._edge, self._share = a, b - a, edge, share
        counts = np.maximum(1, np.ceil(np.hypot(*self._step.T) / _SAMPLE_M)).astype(np.int64)
        self._segment = np.repeat(np.arange(len(a)), counts)
        ordinal = np.arange(len(self._segment)) - np.repeat(np.cumsum(counts) - counts, counts)
        part = (ordinal + 0.5) / counts[self._segment]
        self._tree = cKDTree(a[self._segment] + part[:, None] * self._step[self._segment])

    def snap(self, xy: FloatArray) -> Snapped:
        """The nearest network point of each world point of float64[k,2]; needs an edge."""
        count = min(_CANDIDATES, len(self._segment))
        _, sample = self._tree.query(xy, k=count)
        segment = self._segment[np.reshape(sample, (len(xy), count))]
        part, square = self._project(xy, segment)
        best = np.argmin(square, axis=1)
        rows = np.arange(len(xy))
        return self._at(xy, segment[rows, best], part[rows, best])

    def _project(self, xy: FloatArray, segment: IntArray) -> tuple[FloatArray, FloatArray]:
        """The share of each candidate segment before the foot of the perpendicular, and the square
        of its distance (both float64[k,c]).
        """
        step, off = self._step[segment], xy[:, None] - self._a[segment]
        length = np.maximum((step**2).sum(-1), 1e-12)
        part = np.clip((off * step).sum(-1) / length, 0, 1)
        return part, ((off - part[..., None] * step) ** 2).sum(-1)

    def _at(self, xy: FloatArray, segment: IntArray, part: FloatArray) -> Snapped:
        foot = self._a[segment] + part[:, None] * self._step[segment]
        ends = self._share[segment]
        gap = np.hypot(*(xy - foot).T) * ground_scale(xy[:, 1])
        share = ends[:, 0] + part * (ends[:, 1] - ends[:, 0])
        return Snapped(self._edge[segment], share, gap, foot)
