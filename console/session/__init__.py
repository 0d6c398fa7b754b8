"""The desktop's one door: a source of what is so, and a way to ask for more. No Qt."""

from console.session.desk_tokens import DeskTokens
from console.session.distress import effective_status, sos_calls
from console.session.fixes import Fixes
from console.session.interface import (
    NOT_KEPT,
    Capabilities,
    Changes,
    Data,
    LinkState,
    Refusal,
    Session,
)
from console.session.live import LiveSession
from console.session.outbox import Outbox, OutboxFailed
from console.session.signin import Credentials, Failure, FixedToken, Me, SignIn
from console.session.transport import DISTRUST, Receiver, Transport, Trouble

__all__ = [
    "DISTRUST",
    "NOT_KEPT",
    "Capabilities",
    "Changes",
    "Credentials",
    "Data",
    "DeskTokens",
    "Failure",
    "FixedToken",
    "Fixes",
    "LinkState",
    "LiveSession",
    "Me",
    "Outbox",
    "OutboxFailed",
    "Receiver",
    "Refusal",
    "Session",
    "SignIn",
    "Transport",
    "Trouble",
    "effective_status",
    "sos_calls",
]
