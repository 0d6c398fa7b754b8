"""Cards of the unit or camera that is selected, above the incident's column."""

from widgets.selected.camera_card import CameraCard
from widgets.selected.unit_card import UnitCard

__all__ = ["CameraCard", "UnitCard"]
