"""Widgets are tested offscreen, in the look they have at a desk."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from widgets.common.theme import Theme, install_theme


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The look at scale 1."""
    yield install_theme(qapp, 1.0)
    install_theme(qapp, 1.0)
