"""A strip over a pool without streams."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from console.clock import ManualClock
from tests.widgets.video.fake_pool import FakePool
from widgets.bridge.video import VideoBridge
from widgets.common.theme import Theme
from widgets.video import VideoStrip

NOW = 1_795_290_446_000


@pytest.fixture
def pool() -> FakePool:
    return FakePool(ManualClock(NOW))


@pytest.fixture
def bridge(pool: FakePool, qtbot: QtBot) -> VideoBridge:
    return VideoBridge(pool)


@pytest.fixture
def strip(bridge: VideoBridge, theme: Theme, qtbot: QtBot) -> Iterator[VideoStrip]:
    strip = VideoStrip(bridge, ManualClock(NOW))
    qtbot.addWidget(strip)
    strip.resize(1268, 184)
    strip.show()
    yield strip
    strip.shutdown()
