"""The strip of live video at the foot of the desk."""

from widgets.video.strip import VideoStrip
from widgets.video.tile import TileSpec, VideoTile

__all__ = ["TileSpec", "VideoStrip", "VideoTile"]
