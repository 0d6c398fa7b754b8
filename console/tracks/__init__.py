"""Where units were: the latest fix of each, and an append log an hour. Never in the journal."""

from console.tracks.store import Tracks

__all__ = ["Tracks"]
