"""Tiles in memory: least recently used out first, capped in bytes."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from typing import Generic, TypeVar

from layers.engine.tile_grid import TILE_BYTES, TileKey, TileStyle

Picture = TypeVar("Picture")

DEFAULT_BYTES = 96 * 1024 * 1024


class TileCache(Generic[Picture]):
    """Pictures by tile key. Pinned tiles (an overview of the city) are never dropped."""

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        self._max = max(1, max_bytes // TILE_BYTES)
        self._tiles: OrderedDict[TileKey, Picture] = OrderedDict()
        self._pinned: set[TileKey] = set()
        self._steps: dict[tuple[TileStyle, float], dict[int, int]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._tiles)

    def __contains__(self, key: TileKey) -> bool:
        return key in self._tiles

    def __iter__(self) -> Iterator[TileKey]:
        return iter(self._tiles)

    @property
    def capacity(self) -> int:
        """How many tiles are kept at most."""
        return self._max

    def hold_at_least(self, count: int) -> None:
        """Raise the cap where a screen is so large that one view would not fit under it."""
        self._max = max(self._max, count)

    @property
    def size_bytes(self) -> int:
        """Memory held by the pictures."""
        return len(self._tiles) * TILE_BYTES

    def get(self, key: TileKey) -> Picture | None:
        """The picture of `key`, marked as used, or None."""
        picture = self._tiles.get(key)
        if picture is not None:
            self._tiles.move_to_end(key)
        return picture

    def put(self, key: TileKey, picture: Picture) -> None:
        """Keep a picture, dropping the least recently used ones beyond the cap."""
        if key not in self._tiles:
            self._count(key, 1)
        self._tiles[key] = picture
        self._tiles.move_to_end(key)
        self._drop_surplus()

    def pin(self, keys: set[TileKey]) -> None:
        """Never drop these (they replace those pinned before)."""
        self._pinned = keys

    def steps(self, style: TileStyle, dpr: float) -> list[int]:
        """The zoom steps of which there is any tile in `style` at `dpr`."""
        return list(self._steps.get((style, dpr), ()))

    def styles(self) -> list[TileStyle]:
        """The styles of which there is any tile, latest made first."""
        return list(dict.fromkeys(style for style, _ in reversed(self._steps)))

    def clear(self) -> None:
        """Drop everything."""
        self._tiles.clear()
        self._steps.clear()

    def _drop_surplus(self) -> None:
        surplus = len(self._tiles) - self._max
        if surplus <= 0:
            return
        for key in [k for k in self._tiles if k not in self._pinned][:surplus]:
            del self._tiles[key]
            self._count(key, -1)

    def _count(self, key: TileKey, by: int) -> None:
        group = self._steps[key.style, key.dpr]
        group[key.step] = group.get(key.step, 0) + by
        if not group[key.step]:
            del group[key.step]
        if not group:
            del self._steps[key.style, key.dpr]
