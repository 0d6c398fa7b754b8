"""The map's layers are tested offscreen, at scale 1."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from console.city import City
from console.i18n import set_language
from layers.engine.kit import make_kit
from layers.engine.layer import Kit, Layer
from layers.engine.scene import Scene
from layers.engine.viewport import Viewport
from tests.helpers.desk_city import make_desk_city


@pytest.fixture
def kit(qapp: QApplication) -> Iterator[Kit]:
    """What layers draw with."""
    set_language("en")
    yield make_kit(qapp.font())
    set_language("zh")


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A small city with streets, grid, cameras, units and a school."""
    return make_desk_city(tmp_path_factory.mktemp("layers"))


@pytest.fixture
def shown(kit: Kit) -> Callable[[Viewport, Layer], QImage]:
    """Prepares a layer and draws it on the colour of bare land."""

    def draw(view: Viewport, *layers: Layer) -> QImage:
        image = QImage(view.width, view.height, QImage.Format.Format_RGB32)
        image.fill(QColor("#14171A"))
        painter = QPainter(image)
        Scene(layers).paint(painter, view, kit)
        painter.end()
        return image

    return draw
