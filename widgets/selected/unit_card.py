"""The selected unit: what it does, where it was when, how to call it, and sending just this one."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.i18n import tr
from console.model.incident import Incident
from console.model.requests import DeclareUnitStatus, DispatchUnits
from console.model.unit import UnitKind, UnitStatus
from console.session import effective_status
from widgets.bridge.language import follow_language, spoken
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.symbols import paint_unit
from widgets.common.theme import px, theme
from widgets.selected.fact_card import FactCard

SURE_MS = 4000
"""So long the question stands whether the alarm is really to be raised."""

_FACTS = ("position", "device", "phone", "work")


class _UnitSymbol(QWidget):
    """A unit as it stands on the map, 32 px."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[UnitKind, UnitStatus, bool] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_unit(self, kind: UnitKind, status: UnitStatus, stale: bool) -> None:
        self._shown = kind, status, stale
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(32), px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._shown is not None:
            kind, status, stale = self._shown
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_unit(painter, QRectF(self.rect()), kind, status, stale)


class UnitCard(FactCard):
    """Follows the selected unit. `send_wanted` carries its id: send it to the selected incident."""

    send_wanted = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        self._symbol = _UnitSymbol()
        super().__init__(self._symbol, _FACTS, parent)
        self._desk = desk
        self.send = Button("quiet", icon="send")
        self.duty = Button("quiet")
        self.call = Button("quiet", icon="phone")
        self.work = Button("quiet", icon="target")
        self.alarm = Button("plain", icon="warn")
        self._sure = QTimer(self)
        self._sure.setSingleShot(True)
        self._sure.setInterval(SURE_MS)
        self._lay_out_actions()
        self._connect()

    @property
    def unit_id(self) -> str:
        """The unit that is shown, "" for none."""
        return self._desk.selection.unit_id

    def refresh(self, _what: object = None) -> None:
        """Say what is so now."""
        units = self._desk.city.units
        known = self.unit_id in units
        self.setVisible(known)
        if not known:
            return
        row = units.index(self.unit_id)
        session = self._desk.session
        status = effective_status(self._desk.picture, session.fixes, self.unit_id)
        fix = session.fixes.of(self.unit_id)
        self._symbol.show_unit(units.kind[row], status, fix is None)
        self.title.setText(spoken(units.name[row]))
        words = (
            tr(f"common.unit_status.{status.value}"),
            tr(f"common.unit_kind.{units.kind[row].value}"),
            spoken(units.base[row]),
        )
        self.detail.setText(tr("common.dot").join(filter(None, words)))
        self._show_facts(units.phone[row])
        self._show_actions(status)

    def _show_facts(self, phone: str) -> None:
        fix = self._desk.session.fixes.of(self.unit_id)
        age = "" if fix is None else fmt.age(self._desk.now_ms() - fix.at)
        where = tr("common.ago", age=age) if fix is not None else tr("selected.no_position")
        connected = self.unit_id in self._desk.session.devices
        line = tr("selected.connected" if connected else "selected.disconnected")
        self.show_fact("position", tr("selected.position"), where + tr("common.dot") + line)
        fault = self._desk.session.device_faults.get(self.unit_id)
        words = "" if fault is None else fmt.device_fault(fault)
        self.show_fact("device", tr("selected.device"), words)
        self.show_fact("phone", tr("selected.phone"), phone)
        work, picture = self._work(), self._desk.picture
        lent = tr("selected.elsewhere") if picture.unit(self.unit_id).command_ids else ""
        self.show_fact("work", tr("selected.work"), lent if work is None else self._named(work))

    def _show_actions(self, status: UnitStatus) -> None:
        incident = self._incident()
        self.send.setVisible(incident is not None)
        if incident is not None:
            tip = tr("selected.send_tip", title=self._named(incident))
            self.send.set_words(tr("selected.send"), tip)
            self.send.set_reason(self._why_not_send(incident))
        is_off = self._desk.picture.unit(self.unit_id).declared is UnitStatus.OFF
        self.duty.set_words(tr("selected.on_duty" if is_off else "selected.off_duty"))
        in_distress = tr("selected.in_distress") if status is UnitStatus.SOS else ""
        self.duty.set_reason(self._desk.why_not(DeclareUnitStatus) or in_distress)
        phone = self.values["phone"].text()
        self.call.set_words(tr("selected.call"), phone)
        self.call.setVisible(bool(phone))
        self._say_alarm(status)
        self.work.set_words(tr("selected.show_work"))
        self.work.setVisible(self._work() is not None)

    def _say_alarm(self, status: UnitStatus) -> None:
        """What raises the alarm for a unit that was heard by voice; asked twice."""
        self.alarm.setVisible(status is not UnitStatus.SOS)
        sure = tr("selected.alarm_sure") if self._sure.isActive() else ""
        self.alarm.set_words(sure, tr("selected.alarm_tip"))
        self.alarm.set_reason(self._desk.why_not(DeclareUnitStatus))

    def _why_not_send(self, incident: Incident) -> str:
        """What would keep this unit from being sent; "" when nothing is known to."""
        unit = self._desk.picture.unit(self.unit_id)
        commands, fixes = self._desk.picture.commands, self._desk.session.fixes
        if effective_status(self._desk.picture, fixes, self.unit_id) is UnitStatus.SOS:
            return tr("selected.in_distress")
        if unit.declared is UnitStatus.OFF:
            return tr("selected.is_off_duty")
        if any(commands[c].incident_id == incident.id for c in unit.command_ids):
            return tr("selected.sent_already")
        return self._desk.why_not(DispatchUnits)

    def _incident(self) -> Incident | None:
        """The selected incident, as long as somebody may be sent to it."""
        incident = self._desk.picture.incidents.get(self._desk.selection.incident_id)
        return incident if incident is not None and incident.stage.is_open else None

    def _work(self) -> Incident | None:
        """The incident that the unit was sent to last, and is not done with."""
        ids = self._desk.picture.unit(self.unit_id).command_ids
        commands = [self._desk.picture.commands[c] for c in ids]
        under_way = [c.incident_id for c in commands if not c.step.is_final]
        return self._desk.picture.incidents.get(under_way[-1]) if under_way else None

    def _named(self, incident: Incident) -> str:
        return f"{self._desk.title_of(incident)} {incident.number}"

    def _change_duty(self) -> None:
        declared = self._desk.picture.unit(self.unit_id).declared
        wanted = UnitStatus.FREE if declared is UnitStatus.OFF else UnitStatus.OFF
        self._desk.submit(DeclareUnitStatus(self.unit_id, wanted))

    def _raise_alarm(self) -> None:
        if self._sure.isActive():
            self._sure.stop()
            self._desk.submit(DeclareUnitStatus(self.unit_id, UnitStatus.SOS))
        else:
            self._sure.start()
        self.refresh()

    def _call(self) -> None:
        QDesktopServices.openUrl(QUrl(f"tel:{self.values['phone'].text()}"))

    def _show_work(self) -> None:
        work = self._work()
        if work is not None:
            self._desk.selection.select_incident(work.id)

    def _lay_out_actions(self) -> None:
        for button in (self.send, self.duty, self.call, self.work):
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)
        self.add_beside_close(self.alarm)

    def _connect(self) -> None:
        on_click(self.send, lambda: self.send_wanted.emit(self.unit_id))
        on_click(self.duty, self._change_duty)
        on_click(self.call, self._call)
        on_click(self.alarm, self._raise_alarm)
        self._sure.timeout.connect(self.refresh)
        self._desk.selection.unit_changed.connect(self._sure.stop)
        on_click(self.work, self._show_work)
        self.shut.connect(lambda: self._desk.selection.select_unit(""))
        selection, bridge = self._desk.selection, self._desk.bridge
        for changed in (
            selection.unit_changed,
            selection.incident_changed,
            bridge.units_changed,
            bridge.incidents_changed,
            bridge.people_changed,
            self._desk.second,
        ):
            changed.connect(self.refresh)
        follow_language(self.refresh)
