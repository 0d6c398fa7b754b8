"""One server of practice cameras for the tests that leave it alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.practice.rtsp import PracticeVideo
from tests.helpers.practice_video import start_practice_video


@pytest.fixture(scope="package")
def cameras() -> Iterator[PracticeVideo]:
    """Practice cameras; do not stop or kill them."""
    with start_practice_video() as video:
        yield video
