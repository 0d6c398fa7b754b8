"""What people call the kinds of unit, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from console.i18n import text_of
from console.intake.values import RowError
from console.model.unit import UnitKind

_KINDS: Mapping[str, UnitKind] = {
    **{kind.value: kind for kind in UnitKind},
    **dict.fromkeys(("walk", "grid worker", "网格员", "步行", "徒步"), UnitKind.FOOT),
    **dict.fromkeys(("patrol car", "vehicle", "巡逻车", "警车", "汽车", "车辆"), UnitKind.CAR),
    **dict.fromkeys(("motorcycle", "motorbike", "摩托", "摩托车", "铁骑"), UnitKind.MOTO),
    **dict.fromkeys(("fire engine", "fire truck", "消防", "消防车"), UnitKind.FIRE),
    **dict.fromkeys(("救护", "救护车", "120"), UnitKind.AMBULANCE),
    **dict.fromkeys(("uav", "无人机"), UnitKind.DRONE),
    **dict.fromkeys(("rescue boat", "船", "艇", "冲锋舟", "巡逻艇", "救生艇"), UnitKind.BOAT),
}


def unit_kind(text: str) -> UnitKind:
    """The kind that `text` names, in Chinese or English. Raises RowError."""
    kind = _KINDS.get(text.casefold())
    if kind is None:
        known = ", ".join(UnitKind)
        raise RowError(text_of("intake.row.unit_kind", value=text[:30], known=known))
    return kind
