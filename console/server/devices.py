"""What is known of each unit's device over all its connections: clock, frames, faults."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from types import MappingProxyType

from console.model.unit import DeviceFault
from console.server.device_clock import DeviceClock
from console.server.rate import Meter, Rate

MOST_DEVICES = 50_000
CLOCK_OFF = "clock_off"
OUTSIDE_REGION = "outside_region"
NEWS_MS = 10_000
"""A clock that is off by so much more or less than was told is news."""
TELL_AGAIN_S = 30.0
"""A device is told why its fixes are refused at once, and then so often while they are."""


class DeviceRecord:
    """One unit's device. `refused` is why its last fix was not taken, "" when it was."""

    __slots__ = ("clock", "has_fault", "meter", "refused", "told_s", "untold")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self.meter = Meter(rate, now_s)
        self.clock = DeviceClock()
        self.has_fault = False
        """Whether the desks have been told of one."""
        self.refused = ""
        self.untold = 0
        self.told_s = -float("inf")

    @property
    def fault(self) -> DeviceFault | None:
        """What people should know of it."""
        off_ms = self.clock.shown_off_ms
        if self.refused:
            return DeviceFault(self.refused, off_ms)
        return DeviceFault(CLOCK_OFF, off_ms) if off_ms else None


class DeviceRecords:
    """The records by unit. Frames are metered by `rate` for a device, however often it connects."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._records: OrderedDict[str, DeviceRecord] = OrderedDict()
        self._faults: dict[str, DeviceFault] = {}
        self._told: Mapping[str, DeviceFault] | None = None
        self.refused: Counter[str] = Counter()
        """Fixes that were not taken, by reason, since the start."""

    def of(self, unit_id: str, now_s: float) -> DeviceRecord:
        """The unit's record; `now_s` as for the meter. The one unused for longest makes room."""
        record = self._records.get(unit_id)
        if record is None:
            record = self._records[unit_id] = DeviceRecord(self._rate, now_s)
            if len(self._records) > MOST_DEVICES:
                self._records.popitem(last=False)
        self._records.move_to_end(unit_id)
        return record

    def clock_off_ms(self, unit_id: str) -> int:
        """By how much times that the unit's device sends are ahead, 0 where that is not known."""
        record = self._records.get(unit_id)
        return 0 if record is None else record.clock.off_ms

    @property
    def faults(self) -> Mapping[str, DeviceFault]:
        """What is wrong with devices on the line; the same object while it is the same."""
        if self._told is None:
            self._told = MappingProxyType(dict(self._faults))
        return self._told

    def refuse_fix(self, unit_id: str, record: DeviceRecord, reason: str, now_s: float) -> int:
        """A fix is not taken, for `reason`; how many the device is to be told of now, if any."""
        self.refused[reason] += 1
        is_news = record.refused != reason
        record.untold = 1 if is_news else record.untold + 1
        record.refused = reason
        self.note(unit_id, record)
        if not is_news and now_s - record.told_s < TELL_AGAIN_S:
            return 0
        count, record.untold, record.told_s = record.untold, 0, now_s
        return count

    def note(self, unit_id: str, record: DeviceRecord) -> None:
        """Have the desks know what is wrong with the unit's device now."""
        fault = record.fault
        record.has_fault = fault is not None
        if fault is None:
            self.forget_fault(unit_id)
            return
        known = self._faults.get(unit_id)
        if known is None or not _is_as_good_as(known, fault):
            self._faults[unit_id] = fault
            self._told = None

    def forget_fault(self, unit_id: str) -> None:
        """The unit's device is off the line: what was wrong with what it sent is past."""
        if self._faults.pop(unit_id, None) is not None:
            self._told = None


def _is_as_good_as(known: DeviceFault, fault: DeviceFault) -> bool:
    """Whether nobody need hear of the difference: a clock is never off by quite the same."""
    return known.code == fault.code and abs(known.off_ms - fault.off_ms) < NEWS_MS
