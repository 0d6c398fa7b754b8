"""The picture of the field page in `docs/pictures`: three phones side by side.

`python -m tests.end2end.picture_of_field_page --out FILE.png`; made by `make pictures`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from console.model.requests import DispatchUnits, Order, ReportIncident
from console.model.text import Text
from tests.helpers.field_centre import UNIT, Centre, advance, choose, enrolled, is_shown, key
from tests.helpers.phone_browser import PhoneBrowser, phone_browser
from tests.helpers.server_process import server_process

SIZE = (390, 844)
SCALE = 2
GAP = 24
BETWEEN = QColor("#343B43")
Scene = Callable[[PhoneBrowser, Centre], None]

GAS = ReportIncident(
    "",
    "gas_leak",
    1,
    120.15,
    30.28,
    Text("和平大道 214 号锦澜花园 6 栋", "Block 6, Jinlan Garden, 214 Heping Avenue"),
    Text(),
    "citizen",
)
VALVE = Text(
    "到锦澜花园 6 栋，关闭一层燃气总阀，疏散 1 单元。",
    "Go to block 6, close the main gas valve on the ground floor, clear entrance 1.",
)


def main() -> None:
    """Make the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        joined([_of(folder, place, *look) for place, look in enumerate(LOOKS)]).save(str(out))


def _new(phone: PhoneBrowser, _centre: Centre) -> None:
    is_shown(phone, "read", "confirmed")
    phone.find("#next:enabled")


def _under_way(phone: PhoneBrowser, centre: Centre) -> None:
    _new(phone, centre)
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "confirmed")
    centre.server.stop()
    advance(phone, "en_route")
    is_shown(phone, "en_route", "pending")
    phone.find(".link[data-state=off]")
    phone.find("#next:enabled")


def _reporting(phone: PhoneBrowser, _centre: Centre) -> None:
    phone.tap("[data-act=list]")
    phone.tap("[data-act=report]")
    phone.find("#words").send_keys("Cover gone, one wheel was in it already")
    choose(phone, "manhole_cover_missing")
    phone.driver.execute_script("document.activeElement.blur();")


LOOKS = (
    ("zh-CN", "dark", _new),
    ("zh-CN", "dark", _under_way),
    ("en-GB", "light", _reporting),
)


def _of(folder: Path, place: int, language: str, look: str, scene: Scene) -> Path:
    """One phone's picture."""
    out = folder / f"{place}.png"
    with (
        server_process(folder / f"{place}.sqlite") as server,
        phone_browser(folder / f"{place}", language=language, size=SIZE, scale=SCALE) as phone,
    ):
        phone.likes(prefers_color_scheme=look)
        centre = Centre(server)
        enrolled(phone, centre)
        incident = replace(GAS, incident_id=key())
        centre.do(incident)
        centre.do(DispatchUnits(incident.incident_id, (Order(key(), UNIT),), VALVE))
        scene(phone, centre)
        phone.picture(out)
    return out


def joined(paths: list[Path]) -> QImage:
    """Pictures of one size side by side."""
    width, height = (side * SCALE for side in SIZE)
    whole = QImage(len(paths) * (width + GAP) - GAP, height, QImage.Format.Format_RGB32)
    whole.fill(BETWEEN)
    painter = QPainter(whole)
    for place, path in enumerate(paths):
        painter.drawImage(QRectF(place * (width + GAP), 0, width, height), QImage(str(path)))
    painter.end()
    return whole


if __name__ == "__main__":
    main()
