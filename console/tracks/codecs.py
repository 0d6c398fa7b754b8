"""What closed hours are compressed with."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def zstd() -> Any:
    """Zstandard, as Arrow has it: small."""
    # Imported here: a start opens no closed hour, and need not load Arrow.
    import pyarrow as pa  # noqa: PLC0415

    return pa.Codec("zstd", compression_level=3)


@cache
def lz4() -> Any:
    """LZ4 without frames, as Arrow has it: fast."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.Codec("lz4_raw")
