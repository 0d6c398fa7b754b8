"""The only writer: policy, then decision, then the journal."""

from console.service.ground import Ground, anywhere, ground_of
from console.service.refusals import refusal_text
from console.service.service import Service
from console.service.whereabouts import whereabouts

__all__ = ["Ground", "Service", "anywhere", "ground_of", "refusal_text", "whereabouts"]
