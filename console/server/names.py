"""What people are called, for the desks: the same mapping until somebody is called otherwise."""

from __future__ import annotations

from console.access import Gate


class Names:
    """Full names by name. `known` is another object when, and only when, something changed."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.known: dict[str, str] = {}
        self.refresh()

    def of(self, actor: str) -> str:
        """What the person in `person/NAME` is called; any other actor as it is."""
        head, _, name = actor.partition("/")
        return self.known.get(name, name) if head == "person" else actor

    def refresh(self) -> None:
        """Look again. Raises StoreFailed."""
        now = {person.name: person.full_name for person in self._gate.people.all()}
        if now != self.known:
            self.known = now
