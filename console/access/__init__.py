"""Who may ask for what, and who is who: people, roles, areas, sign-ins, devices."""

from console.access.administration import AccessAdministration, Author, PersonEdit
from console.access.area import NOWHERE, WHOLE, Area, area_of
from console.access.gate import Gate, TurnedAway
from console.access.open import open_store
from console.access.passwords import TooBusy
from console.access.people import People, Person
from console.access.policy import (
    PEOPLE_ROLES,
    RIGHTS,
    Actor,
    Call,
    Data,
    Denied,
    Rights,
    Role,
    Whereabouts,
    may_call,
    may_read,
    permit,
)
from console.access.sessions import Grant, NotSignedIn
from console.access.store import Store, StoreFailed
from console.access.view import View

__all__ = [
    "NOWHERE",
    "PEOPLE_ROLES",
    "RIGHTS",
    "WHOLE",
    "AccessAdministration",
    "Actor",
    "Area",
    "Author",
    "Call",
    "Data",
    "Denied",
    "Gate",
    "Grant",
    "NotSignedIn",
    "People",
    "Person",
    "PersonEdit",
    "Rights",
    "Role",
    "Store",
    "StoreFailed",
    "TooBusy",
    "TurnedAway",
    "View",
    "Whereabouts",
    "area_of",
    "may_call",
    "may_read",
    "open_store",
    "permit",
]
