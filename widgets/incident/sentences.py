"""What happened, as a sentence: an icon's name and words made of an event's fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from console.i18n import catalogue, language, tr
from console.model import facts
from console.model.command import Step
from console.model.event import Event
from widgets.bridge.language import spoken

_TOLD_ELSEWHERE = frozenset({Step.DRAFTED, Step.QUEUED, Step.SENT, Step.DELIVERED})
"""Steps that the command's own line shows and the timeline leaves out."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline. `at` is milliseconds since 1970-01-01 UTC; `who` may be empty."""

    at: int
    icon: str
    words: str
    who: str


@dataclass(frozen=True, slots=True)
class Names:
    """What the sentences call units, incidents that they mention, and people."""

    unit: Callable[[str], str]
    incident: Callable[[str], str]
    person: Callable[[str], str] = str
    here: str = ""
    """The incident whose timeline it is."""


def line_of(event: Event, names: Names) -> Line | None:
    """The line that tells `event`, or None where it is told elsewhere or not known."""
    said = _SENTENCES.get(type(event.fact))
    if said is None:
        return None
    icon, words = said(event.fact, names)
    if not words:
        return None
    return Line(event.happened_at, icon, words, _who_says(event, names))


def source_name(code: str) -> str:
    """The name of where a report came from; a code that no catalogue knows stands for itself."""
    key = f"common.source.{code}"
    return tr(key) if key in catalogue(language()) else code


def _who_says(event: Event, names: Names) -> str:
    kind, _, name = event.actor.partition("/")
    if kind == "unit" and isinstance(event.fact, facts.NoteAdded):
        return names.unit(name)
    return "" if isinstance(event.fact, facts.CardSeen) else _who(event.actor, names)


def _who(actor: str, names: Names) -> str:
    """People are named, with their desk; what units and the system do says so itself."""
    kind, _, name = actor.partition("/")
    if kind == "desk":  # from before people signed in
        return tr("event.desk", desk=name)
    if kind != "person":
        return ""
    name, _, desk = name.partition("@")
    called = names.person(name)
    return tr("event.person", name=called, desk=desk) if desk else called


def _with(head: str, tail: str) -> str:
    return tr("event.with", head=head, tail=tail) if tail else head


def _reported(fact: facts.IncidentReported, _names: Names) -> tuple[str, str]:
    source = source_name(fact.source)
    return "phone", _with(tr("event.reported", source=source), spoken(fact.words))


def _priority(fact: facts.PriorityChanged, _names: Names) -> tuple[str, str]:
    level = tr(f"common.priority.p{fact.priority}")
    return "flag", _with(tr("event.priority", priority=level), fact.reason)


def _seen(fact: facts.CardSeen, _names: Names) -> tuple[str, str]:
    return "eye", tr("event.seen", desk=fact.desk)


def _merged(fact: facts.IncidentMerged, names: Names) -> tuple[str, str]:
    if names.here and names.here == fact.into_id:
        return "check", tr("event.took_in", number=names.incident(fact.incident_id))
    return "check", tr("event.merged", number=names.incident(fact.into_id))


def _fed_back(fact: facts.IncidentFedBack, names: Names) -> tuple[str, str]:
    head = tr("event.fed_back_by", unit=names.unit(fact.unit_id)) if fact.unit_id else ""
    return "note", _with(head or tr("event.fed_back"), fact.text)


def _issued(fact: facts.CommandIssued, names: Names) -> tuple[str, str]:
    return "send", tr("event.issued", unit=names.unit(fact.unit_id))


def _advanced(fact: facts.CommandAdvanced, names: Names) -> tuple[str, str]:
    if fact.step in _TOLD_ELSEWHERE:
        return "", ""
    icon = {Step.REFUSED: "warn", Step.TIMED_OUT: "warn", Step.RECALLED: "recall"}
    words = tr(f"event.step.{fact.step.value}", unit=names.unit(fact.unit_id))
    return icon.get(fact.step, "pin"), _with(words, fact.text)


def _evaluated(fact: facts.IncidentEvaluated, _names: Names) -> tuple[str, str]:
    return "flag", _with(tr("event.evaluated", rating=fact.rating), fact.text)


def _plain(icon: str, key: str, tail: str = "") -> Callable[[Any, Names], tuple[str, str]]:
    """A sentence without a subject; `tail` names the fact's own words that follow it."""

    def say(fact: Any, _names: Names) -> tuple[str, str]:
        return icon, _with(tr(key), getattr(fact, tail) if tail else "")

    return say


_SENTENCES: dict[type, Callable[[Any, Names], tuple[str, str]]] = {
    facts.IncidentReported: _reported,
    facts.IncidentAccepted: _plain("check", "event.accepted"),
    facts.IncidentRejected: _plain("close", "event.rejected", "reason"),
    facts.IncidentMerged: _merged,
    facts.PriorityChanged: _priority,
    facts.NoteAdded: _plain("note", "event.note", "text"),
    facts.CardSeen: _seen,
    facts.CommandIssued: _issued,
    facts.CommandAdvanced: _advanced,
    facts.IncidentHandled: _plain("check", "event.handled"),
    facts.IncidentFedBack: _fed_back,
    facts.IncidentVerified: _plain("check", "event.verified"),
    facts.IncidentClosed: _plain("lock", "event.closed", "outcome"),
    facts.IncidentEvaluated: _evaluated,
}
