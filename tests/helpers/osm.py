"""Drawing small OpenStreetMap files for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Relation, Way

Position = tuple[float, float]
MISSING = 999_999
"""The number of a node or way that is in no file."""


class OsmFile:
    """Collects nodes, ways and relations; `save` writes them as `.osm.pbf`."""

    def __init__(self) -> None:
        self._nodes: dict[Position, int] = {}
        self._tags: dict[int, dict[str, str]] = {}
        self._apart: dict[int, Position] = {}
        self._ways: list[Way] = []
        self._relations: list[Relation] = []

    def node(self, lon: float, lat: float, /, **tags: str) -> int:
        """The node at a position; the same one for the same position."""
        number = self._nodes.setdefault((lon, lat), len(self._nodes) + 1)
        self._tags.setdefault(number, {}).update(_keys(tags))
        return number

    def node_apart(self, at: Position, number: int) -> int:
        """Another node in the very position of one, by its number."""
        self._apart[number] = at
        return number

    def way(self, points: Sequence[Position | int], /, **tags: str) -> int:
        """A way through positions, or node numbers as they are."""
        refs = [p if isinstance(p, int) else self.node(*p) for p in points]
        number = len(self._ways) + 1
        self._ways.append(Way(id=number, nodes=refs, tags=_keys(tags)))
        return number

    def relation(self, members: Sequence[tuple[int, str]], **tags: str) -> int:
        """A relation of ways with their roles."""
        number = len(self._relations) + 1
        parts = [("w", way, role) for way, role in members]
        self._relations.append(Relation(id=number, members=parts, tags=_keys(tags)))
        return number

    def save(self, path: Path) -> Path:
        """Write everything to `path`, in the order that the format wants."""
        with osmium.SimpleWriter(str(path), overwrite=True) as writer:
            for position, number in self._nodes.items():
                writer.add_node(Node(id=number, location=position, tags=self._tags[number]))
            for number, position in self._apart.items():
                writer.add_node(Node(id=number, location=position))
            for way in self._ways:
                writer.add_way(way)
            for relation in self._relations:
                writer.add_relation(relation)
        return path


def box(west: float, south: float, size: float) -> list[Position]:
    """A closed square of `size` degrees."""
    east, north = round(west + size, 7), round(south + size, 7)
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def _keys(tags: dict[str, str]) -> dict[str, str]:
    """`name_zh` stands for `name:zh`: a colon is no letter in Python."""
    return {key.replace("name_", "name:"): value for key, value in tags.items()}
