"""What the incident is: ring, title, number; address, cell, source and age, words, advice."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.city import short_cell_code
from console.i18n import tr
from console.model.incident import Incident, Stage
from console.model.unit import UnitKind
from console.session import effective_status
from widgets.bridge.language import spoken
from widgets.common import format as fmt
from widgets.common.desk import Desk
from widgets.common.labels import Label
from widgets.common.standing import Standing
from widgets.common.symbols import paint_incident
from widgets.common.theme import px, theme
from widgets.common.tips import set_tip
from widgets.incident.menu import IncidentMenu
from widgets.incident.sentences import source_name

_FACTS = ("address", "cell", "source", "words", "hint")
_WHOLE = ("words", "hint")
"""Facts that are never cut: what was said, and what to ask."""


def _walks(kind: UnitKind) -> bool:
    return kind is UnitKind.FOOT


class Ring(QWidget):
    """An incident's ring, 34 px."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Incident, Standing] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_standing(self, incident: Incident, standing: Standing) -> None:
        """Follow the incident."""
        self._shown = (incident, standing)
        self.setAccessibleName(tr(f"common.priority.p{incident.priority}"))
        set_tip(self, tr(f"common.priority.p{incident.priority}"))
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(px(34), px(34))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ring."""
        if self._shown is not None:
            incident, standing = self._shown
            paint_incident(
                QPainter(self),
                QRectF(self.rect()),
                incident.priority,
                share=standing.share,
                over=standing.over,
                closed=not incident.stage.is_open,
            )


class IncidentHead(QWidget):
    """The top of the column; `show_incident` fills it, once a second for the age."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.ring = Ring()
        self.menu = IncidentMenu(desk)
        self.title = Label("title", bold=True, elide=True)
        self.number = Label("caption", "text.3", elide=True)
        self._names = {name: Label("body", "text.3") for name in _FACTS}
        self.values = {
            name: Label("body", elide=name not in _WHOLE, wrap=name in _WHOLE) for name in _FACTS
        }
        self.asides = {name: Label("body", "text.3", elide=True) for name in ("cell", "source")}
        self._lay_out()
        self._restyle()
        theme().changed.connect(self._restyle)

    def show_incident(self, incident: Incident, standing: Standing) -> None:
        """Show `incident` as it stands now."""
        self.ring.show_standing(incident, standing)
        self.title.setText(self._desk.title_of(incident))
        detail = standing.detail if incident.stage is Stage.MERGED else ""
        self.number.setText(tr("common.dot").join(filter(None, (incident.number, detail))))
        self.values["address"].setText(self._desk.place_of(incident))
        self._show_cell(incident)
        self._show_source(incident)
        self.values["words"].setText(spoken(incident.words))
        self.values["hint"].setText(spoken(self._desk.plans.type_of(incident.type_code).hint))
        for name in _FACTS:
            shown = bool(self.values[name].text())
            self._names[name].setText(tr(f"incident.fact.{name}"))
            self._names[name].setVisible(shown)
            self.values[name].setVisible(shown)

    def _show_cell(self, incident: Incident) -> None:
        self.values["cell"].setText(short_cell_code(incident.cell_code))
        self.values["cell"].set_tip(incident.cell_code)
        self.asides["cell"].setText(self._worker_of(incident.cell_code))

    def _worker_of(self, cell_code: str) -> str:
        """The grid worker of the cell, or the community it belongs to."""
        cells, units = self._desk.city.cells, self._desk.city.units
        if cell_code not in cells:
            return ""
        cell = cells.index(cell_code)
        owners = [i for i in np.flatnonzero(units.cell == cell).tolist() if _walks(units.kind[i])]
        if not owners:
            return spoken(cells.community[cell])
        name = spoken(units.name[owners[0]])
        fixes = self._desk.session.fixes
        status = effective_status(self._desk.picture, fixes, units.id[owners[0]])
        state = tr(f"common.unit_status.{status.value}")
        return tr("incident.cell_worker", unit=name, state=state)

    def _show_source(self, incident: Incident) -> None:
        self.values["source"].setText(source_name(incident.source))
        elapsed = fmt.age(self._desk.now_ms() - incident.reported_at)
        ago = tr("common.ago", age=elapsed)
        at = fmt.clock_time(incident.reported_at)
        self.asides["source"].setText(at + tr("common.dot") + ago)

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.title)
        names.addWidget(self.number)
        self._top = QHBoxLayout()
        self._top.addWidget(self.ring, 0, Qt.AlignmentFlag.AlignTop)
        self._top.addLayout(names, 1)
        self._top.addWidget(self.menu, 0, Qt.AlignmentFlag.AlignTop)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        for row, name in enumerate(_FACTS):
            self._grid.addWidget(self._names[name], row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addLayout(self._value_row(name), row, 1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        self._column.addLayout(self._grid)

    def _value_row(self, name: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self.values[name], 0 if name in self.asides else 1)
        if name in self.asides:
            self.values[name].setSizePolicy(
                QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred
            )
            row.addWidget(self.asides[name], 1)
        return row

    def _restyle(self) -> None:
        self._column.setContentsMargins(px(12), px(12), px(12), px(4))
        self._column.setSpacing(px(8))
        self._top.setSpacing(px(10))
        self._grid.setHorizontalSpacing(px(14))
        self._grid.setVerticalSpacing(px(2))
