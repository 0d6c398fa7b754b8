"""Tokens of devices: random, stored as SHA-256 only, each bound to one unit."""

from __future__ import annotations

import msgspec

from console.access.codes import Codes
from console.access.policy import Actor, Role
from console.access.secret import digest, new_token
from console.access.store import Store, decode_entry, rights_changed
from console.clock import Clock

TOKENS_PER_UNIT = 4
"""A unit's older tokens stop working when it registers again and again."""

_KIND = "device"


class _Device(msgspec.Struct, frozen=True):
    digest: str
    unit_id: str
    issued_at: int


class Devices:
    """The devices in `store`. Raises StoreFailed."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def issue(self, unit_id: str) -> str:
        """A new token for the unit's device; durable when this returns."""
        token = new_token("d")
        with self._store.change():
            others = sorted(self._of(unit_id), key=lambda d: d.issued_at)
            # Never before the one before, whatever the clock says: the oldest go first.
            latest = others[-1].issued_at if others else 0
            entry = _Device(digest(token), unit_id, max(self._clock.now_ms(), latest + 1))
            for old in others[: max(0, len(others) - TOKENS_PER_UNIT + 1)]:
                self._store.delete(_KIND, old.digest)
                rights_changed(self._store)
            self._store.put(_KIND, entry.digest, msgspec.msgpack.encode(entry), unit_id)
        return token

    def identify(self, token: str) -> Actor | None:
        """The unit whose device carries `token`, by this enrolment; None for no device's."""
        enrolment = digest(token)
        unit_id = self._unit_of(enrolment)
        return None if unit_id is None else Actor(Role.DEVICE, unit_id, session=enrolment)

    def holds(self, actor: Actor) -> bool:
        """Whether the enrolment that let `actor` in is still good, whatever others there are."""
        return self._unit_of(actor.session) == actor.name

    def revoke(self, unit_id: str) -> int:
        """End all devices of a unit, and the code that would enrol another; how many there were."""
        with self._store.change():
            devices = self._of(unit_id)
            for device in devices:
                self._store.delete(_KIND, device.digest)
            Codes(self._store, self._clock).void("device", unit_id)
            rights_changed(self._store)
        return len(devices)

    def _unit_of(self, enrolment: str) -> str | None:
        body = self._store.get(_KIND, enrolment)
        return None if body is None else decode_entry(body, _Device).unit_id

    def _of(self, unit_id: str) -> list[_Device]:
        bodies = self._store.group(_KIND, unit_id)
        return [decode_entry(body, _Device) for body in bodies]
