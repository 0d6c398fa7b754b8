"""The first result on the ground, that all later stages build on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.practice.city.blocks import Block, split_blocks
from console.practice.city.bones import Skeleton
from console.practice.city.courses import Vertices
from console.practice.city.fabric import Fabric
from console.practice.city.plots import plot_of
from console.practice.city.roads import Register
from console.practice.city.sheet import Point, area_m2, centre_of
from console.practice.city.skeleton import build_skeleton
from console.practice.city.warp import Warp

FloatArray = NDArray[np.float64]


@dataclass(slots=True)
class Layout:
    """Streets and blocks: the plan, its bent fabric, the blocks, and the ground's vertices."""

    bones: Skeleton
    fabric: Fabric
    blocks: list[Block]
    ground: Vertices

    @classmethod
    def of_seed(cls, seed: int, half_m: float) -> Layout:
        """Lay out a city of 2 × `half_m` metres a side."""
        bones = build_skeleton(seed, half_m)
        blocks = split_blocks(bones, seed)
        fabric = Fabric(bones.sheet, Warp.of_seed(seed))
        fabric.smooth({k for k, road in enumerate(bones.register.roads) if road.ring})
        return cls(bones, fabric, blocks, Vertices(fabric.xy))

    @property
    def half_m(self) -> float:
        """Half the city's side."""
        return self.bones.sheet.half_m

    @property
    def register(self) -> Register:
        """All roads."""
        return self.bones.register

    def plot(self, block: Block, extra_m: float = 0.0) -> FloatArray:
        """The block less its roads' widths (and `extra_m`): ground metres (k, 2), or (0, 2)."""
        return plot_of(self.fabric, self.register, block.face, extra_m)

    def middle(self, block: Block) -> Point:
        """The block's middle in the plan."""
        return centre_of(self.fabric.sheet.points(block.face))

    def area_m2(self, block: Block) -> float:
        """The block's area in the plan."""
        return area_m2(self.fabric.sheet.points(block.face))

    def on_ground(self, plan: FloatArray) -> FloatArray:
        """Ground metres (n, 2) of plan metres (n, 2)."""
        return self.fabric.warp(plan)
