"""Units that call for help: the band under the top bar, and the edge round the window."""

from widgets.sos.band import SosBand
from widgets.sos.edge import EDGE_PX, AlarmEdge
from widgets.sos.guard import ClickGuard

__all__ = ["EDGE_PX", "AlarmEdge", "ClickGuard", "SosBand"]
