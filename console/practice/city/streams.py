"""Random numbers: one independent PCG64 stream a stage, so that a change in one stage leaves
what the others draw untouched."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, stage: str) -> np.random.Generator:
    """The stage's own generator; the same for the same `seed` and `stage` on every machine."""
    # crc32, not hash(): str hashes differ from process to process.
    sequence = np.random.SeedSequence([seed, zlib.crc32(stage.encode())])
    return np.random.Generator(np.random.PCG64(sequence))
