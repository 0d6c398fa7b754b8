"""What the desk and a tile renderer say to each other: one JSON object a line, over pipes.

    desk -> renderer   {"id": 7, "slot": 2, "key": {...}}          draw this tile into that slot
    renderer -> desk   {"ready": true}                             started
                       {"beat": 7}                                 still drawing number 7
                       {"done": 7, "cpu_ms": 8.1}                  drawn
                       {"failed": 7, "reason": "..."}              could not be drawn

When the desk's end of the pipe closes, the renderer ends.
"""

from __future__ import annotations

import json
from typing import Any

from layers.engine.tile_grid import TileKey, TileStyle


def encode(message: dict[str, Any]) -> bytes:
    """One line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The message of one line; raises ValueError for anything else."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError(f"not a message: {line[:80]!r}")
    return message


def request(number: int, slot: int, key: TileKey) -> dict[str, Any]:
    """The desk's wish for one tile."""
    style = key.style
    packed = [
        *(key.step, key.column, key.row, key.dpr),
        *(style.grid, style.wedges, style.scale, style.version),
    ]
    return {"id": number, "slot": slot, "key": packed}


def key_of(message: dict[str, Any]) -> TileKey:
    """The tile that a request names."""
    step, column, row, dpr, grid, wedges, scale, version = message["key"]
    return TileKey(TileStyle(grid, wedges, scale, version), step, column, row, dpr)
