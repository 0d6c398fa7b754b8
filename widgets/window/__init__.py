"""The desk's window: the panels in their places, wired through the selection."""

from widgets.window.desk_window import DeskWindow

__all__ = ["DeskWindow"]
