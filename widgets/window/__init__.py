"""The desk's window: the panels in their places, wired through the selection."""

from widgets.window.desk_window import DeskWindow, viewer_distance

__all__ = ["DeskWindow", "viewer_distance"]
