"""What is wrong with a unit's device, in words for the duty room."""

from __future__ import annotations

from console.i18n import tr
from console.model.unit import DeviceFault
from widgets.common import format as fmt


def device_fault_in_words(fault: DeviceFault) -> str:
    """`device clock 10:00 slow, times put right`, or why the device's positions are refused."""
    way = "fast" if fault.off_ms > 0 else "slow"
    off = tr(f"common.device_fault.{way}", off=fmt.age(abs(fault.off_ms)))
    if fault.code == "clock_off":
        return tr("common.device_fault.clock_off", off=off)
    clock = tr("common.device_fault.clock", off=off) if fault.off_ms else ""
    reason = clock or tr(f"common.device_fault.{fault.code}")
    return tr("common.device_fault.refused", reason=reason)
