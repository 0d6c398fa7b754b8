"""What a desk knows of units in distress, at home and from elsewhere."""

from __future__ import annotations

from console.model.command import Step
from console.model.requests import AdvanceCommand, DeclareUnitStatus, DispatchUnits, Order
from console.model.text import Text
from console.model.unit import SosCall, UnitStatus
from console.session import Fixes, effective_status, sos_calls
from tests.console.model.stage import NOON_MS, Stage


def test_a1_a_lent_unit_in_distress_is_not_under_way() -> None:
    """A desk of another area has its command's steps, and hears of the call beside them."""
    stage, fixes = Stage(), Fixes()
    stage.report()
    stage.ask(DispatchUnits("i1", (Order("c-1", "U-0002"),), Text()))
    stage.ask(AdvanceCommand("c-1", Step.EN_ROUTE))
    assert effective_status(stage.picture, fixes, "U-0002") is UnitStatus.EN_ROUTE
    call = SosCall(NOON_MS)
    assert fixes.hear_calls({"U-0002": call}) == {"U-0002"}
    assert fixes.hear_calls(None) == frozenset()
    assert effective_status(stage.picture, fixes, "U-0002") is UnitStatus.SOS
    stage.ask(DeclareUnitStatus("U-0001", UnitStatus.SOS))
    assert list(sos_calls(stage.picture, fixes)) == ["U-0002", "U-0001"]
    assert fixes.hear_calls({}) == {"U-0002"}
    assert list(sos_calls(stage.picture, fixes)) == ["U-0001"]
