"""The strip over real streams: pictures on the screen, words when the server falls silent."""

from __future__ import annotations

import os
import signal

import pytest
from pytestqt.qtbot import QtBot

from console.video import StreamState, VideoPool
from tests.helpers.practice_video import start_practice_video
from widgets.bridge.video import VideoBridge
from widgets.common.theme import Theme
from widgets.video import TileSpec, VideoStrip

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


def test_four_tiles_play_and_say_when_they_stop(theme: Theme, qtbot: QtBot) -> None:
    with start_practice_video() as video, VideoPool() as pool:
        bridge = VideoBridge(pool)
        strip = VideoStrip(bridge)
        qtbot.addWidget(strip)
        strip.resize(1268, 184)
        strip.show()
        names = ("和平大道", "锦澜花园", "长虹桥", "东门")
        strip.show_cameras(
            [
                TileSpec(f"C-{n}", name, video.url_of(f"practice://scene/{n}", name))
                for n, name in enumerate(names, 1)
            ]
        )
        tiles = strip.tiles()
        assert len(tiles) == 4
        live = StreamState.LIVE
        qtbot.waitUntil(
            lambda: all(bridge.state(tile.handle).state is live for tile in tiles), timeout=10_000
        )
        qtbot.waitUntil(lambda: all(bridge.image(tile.handle) is not None for tile in tiles))
        os.kill(video.pid, signal.SIGSTOP)
        try:
            qtbot.waitUntil(lambda: all(tile.words.dims for tile in tiles), timeout=3_000)
        finally:
            os.kill(video.pid, signal.SIGCONT)
        qtbot.waitUntil(lambda: not any(tile.words.dims for tile in tiles), timeout=12_000)
        strip.shutdown()
