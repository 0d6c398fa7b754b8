"""Soft outlines: what grew or was dug, inside plots that streets bound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def soft_outline(
    plot: FloatArray,
    rng: np.random.Generator,
    *,
    scale: float,
    wobble: float,
    sharpness: float = 9.0,
    points: int = 48,
    off_middle: float = 0.0,
) -> FloatArray:
    """A closed curve (points, 2) inside a convex plot (k, 2), both in metres; not repeated at end.

    In each direction from the middle the plot's edges are at distances r_i; the curve runs at
    (Σ r_i^-p)^(-1/p), a rounded minimum: the larger the `sharpness` p, the closer to the corners.
    `scale` shrinks it about the middle, `wobble` is the relative depth of its bays, and
    `off_middle` how far its own middle may stray, as a share of the plot's extent.
    """
    middle = plot.mean(axis=0) + rng.uniform(-off_middle, off_middle, 2) * np.ptp(plot, axis=0)
    theta = np.linspace(0, 2 * np.pi, points, endpoint=False)
    way = np.column_stack([np.cos(theta), np.sin(theta)])
    a, b = plot - middle, np.roll(plot, -1, axis=0) - middle
    normal = np.column_stack([b[:, 1] - a[:, 1], a[:, 0] - b[:, 0]])
    off = np.einsum("ij,ij->i", normal, a)
    ratio = np.clip((way @ normal.T) / np.where(np.abs(off) < 1e-9, 1e-9, off), 0, None)
    # Collinear edges count twice in the sum; stretch until the curve touches the plot again.
    radius = (ratio**sharpness).sum(axis=1) ** (-1 / sharpness)
    radius *= float((1 / ratio.max(axis=1) / radius).min())
    p = rng.uniform(0, 2 * np.pi, 3)
    bays = (
        np.sin(2 * theta + p[0]) + 0.7 * np.sin(3 * theta + p[1]) + 0.4 * np.sin(5 * theta + p[2])
    )
    outline: FloatArray = middle + way * (radius * scale * (1 + wobble * bays / 1.6))[:, None]
    return outline
