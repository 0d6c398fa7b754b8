"""Live video: streams decoded in worker processes, handed over as pictures.

The public face is `VideoPool` with `TileState` and `Frame`; `StreamState` and `Reason` name what a
state says. The rest of the package is nobody else's business.
"""

from console.video.frame import Frame
from console.video.pool import EngineName, VideoPool
from console.video.state import Reason, StreamState
from console.video.tile import TileState

__all__ = ["EngineName", "Frame", "Reason", "StreamState", "TileState", "VideoPool"]
