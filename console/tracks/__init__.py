"""Where units were: fixes as they come in, closed hours compressed. Never in the journal."""

from console.tracks.contents import Contents, contents_from
from console.tracks.errors import TracksDamaged, TracksError
from console.tracks.forgetting import Forgotten
from console.tracks.policy import TracksPolicy, read_policy
from console.tracks.rows import ROW, Positions, Rows, Track, as_kept
from console.tracks.store import Sealed, Tracks

__all__ = [
    "ROW",
    "Contents",
    "Forgotten",
    "Positions",
    "Rows",
    "Sealed",
    "Track",
    "Tracks",
    "TracksDamaged",
    "TracksError",
    "TracksPolicy",
    "as_kept",
    "contents_from",
    "read_policy",
]
