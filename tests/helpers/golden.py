"""Golden images: a picture is held against the one in `tests/golden`, with room for small
differences between versions of Qt. `TRELLIS_GOLDEN=write` writes them anew: look at them then."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

FOLDER = Path(__file__).parents[1] / "golden"
MEAN_DIFFERENCE = 1.5
"""Of 255, over all pixels and channels."""

FAR_OFF = 48
FAR_OFF_SHARE = 0.01
"""The share of pixels that may differ by more than `FAR_OFF` in some channel."""


def assert_golden(image: QImage, name: str) -> None:
    """`image` looks like `tests/golden/NAME.png`."""
    path = FOLDER / f"{name}.png"
    if os.environ.get("TRELLIS_GOLDEN") == "write":
        assert image.save(str(path)), path
        return
    wanted = QImage(str(path))
    assert not wanted.isNull(), f"{path} is missing"
    assert wanted.size() == image.size()
    difference = np.abs(pixels(image).astype(int) - pixels(wanted).astype(int))
    far = float((difference.max(axis=2) > FAR_OFF).mean())
    problem = f"{name}: mean {difference.mean():.2f}, {far:.2%} of the pixels far off"
    if difference.mean() > MEAN_DIFFERENCE or far > FAR_OFF_SHARE:
        failed = Path(os.environ.get("TMPDIR", "/tmp")) / f"golden-{name}.png"
        image.save(str(failed))
        raise AssertionError(f"{problem}; the picture is {failed}")


def pixels(image: QImage) -> NDArray[np.uint8]:
    """Blue, green, red of each pixel, shape (h, w, 3)."""
    flat = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(flat.constBits(), np.uint8)
    shaped = raw.reshape(flat.height(), flat.bytesPerLine() // 4, 4)
    return shaped[:, : flat.width(), :3].copy()
