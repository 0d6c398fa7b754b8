"""What servers that share a database tell each other of the field: fixes, and who is on line."""

from console.nodes.agreement import Agreement
from console.nodes.hours import HourBoard
from console.nodes.interface import (
    BEAT_S,
    GROUPS_AT_ONCE,
    KEPT_GROUPS,
    Board,
    Group,
    Heard,
    Known,
    Said,
    Sign,
)
from console.nodes.roster import Roster

__all__ = [
    "BEAT_S",
    "GROUPS_AT_ONCE",
    "KEPT_GROUPS",
    "Agreement",
    "Board",
    "Group",
    "Heard",
    "HourBoard",
    "Known",
    "Roster",
    "Said",
    "Sign",
]
