"""Writes a loop of pictures as an H.264 clip; apart, so that the desk does not load FFmpeg."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from console.practice.scenes_canvas import HEIGHT, WIDTH

_COOL = (131, 126)  # U and V: a grey with a breath of blue, like the real ones at night


def write_clip(path: Path, pictures: Iterable[NDArray[np.uint8]], fps: int) -> None:
    """Write grey pictures, uint8 (360, 640), to `path`, which appears only when it is whole."""
    draft = path.with_suffix(".draft")
    with av.open(str(draft), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=fps, options=_encoding(fps))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index, grey in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(_planes(grey), "yuv420p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    draft.replace(path)


def _encoding(fps: int) -> dict[str, str]:
    settings = f"aud=1:keyint={fps}:scenecut=0:bframes=0:repeat-headers=1:threads=1"
    return {"preset": "veryfast", "crf": "25", "x264-params": settings}


def _planes(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    planar = np.empty((HEIGHT * 3 // 2, WIDTH), np.uint8)
    planar[:HEIGHT] = grey
    planar[HEIGHT : HEIGHT * 5 // 4] = _COOL[0]
    planar[HEIGHT * 5 // 4 :] = _COOL[1]
    return planar
