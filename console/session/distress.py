"""Which units call for help, and what a unit is doing, as far as this desk may know.

The picture knows of the units at home in the desk's area, the fixes of those from elsewhere.
"""

from __future__ import annotations

from console.model.picture import Picture
from console.model.unit import SosCall, UnitStatus
from console.session.fixes import Fixes


def sos_calls(picture: Picture, fixes: Fixes) -> dict[str, SosCall]:
    """The calls for help that are not over, by unit, the oldest first."""
    calls = {**fixes.calls, **picture.sos_calls}
    return dict(sorted(calls.items(), key=lambda item: (item[1].at, item[0])))


def effective_status(picture: Picture, fixes: Fixes, unit_id: str) -> UnitStatus:
    """What a unit is doing; distress beats all."""
    if unit_id in fixes.calls:
        return UnitStatus.SOS
    visiting = fixes.visiting(unit_id)
    return picture.unit(unit_id).status if visiting is None else visiting
