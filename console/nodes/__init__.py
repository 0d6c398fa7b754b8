"""What servers that share a database tell each other of the field: fixes, and who is on line."""

from console.nodes.interface import BEAT_S, Board, Group, Heard, Said, Sign
from console.nodes.roster import Roster

__all__ = ["BEAT_S", "Board", "Group", "Heard", "Roster", "Said", "Sign"]
