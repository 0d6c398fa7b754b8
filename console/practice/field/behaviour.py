"""One simulated unit: a pure state machine on whatever time it is told.

A command in its hands goes got -> read -> acknowledged (or refused) -> en route -> on scene ->
done; several may be read and acknowledged, but the unit travels to and works on one at a time,
oldest first. Between commands it goes round its beat or waits at home. It knows nothing of clocks,
sockets or threads: `act(now)` does everything that has fallen due, each at its own moment, so that
it may be asked rarely or often and answers the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from console.model.command import Step
from console.model.text import Text
from console.model.unit import UnitKind
from console.practice.field.course import Course, Whereabouts, course_of, standing
from console.practice.field.phrases import FieldPhrases
from console.practice.field.script import HABITS, Script, Span
from console.practice.field.terrain import Point, Terrain

NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Stand:
    """A unit of the roster and where it has its home (world metres)."""

    unit_id: str
    kind: UnitKind
    home: Point


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a command asks of a unit: go to a place (world metres) for a type of incident."""

    command_id: str
    type_code: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Said:
    """A step that the unit reports of a command, and the moment (ms of the unit's time)."""

    command_id: str
    step: Step
    text: Text
    at_ms: float


@dataclass(slots=True)
class _Errand:
    """A command in the unit's hands; `due_ms` is when its next step falls due, NEVER while it
    waits for the unit to be free.
    """

    assignment: Assignment
    step: Step
    due_ms: float


class FieldUnit:
    """One unit. All times are milliseconds of its own time.

    Same arguments, same calls: same life.
    """

    def __init__(
        self,
        stand: Stand,
        *,
        terrain: Terrain,
        script: Script,
        phrases: FieldPhrases,
        rng: Random,
        now_ms: float,
    ) -> None:
        self.id = stand.unit_id
        self.kind = stand.kind
        self._home = stand.home
        self._terrain = terrain
        self._script = script
        self._phrases = phrases
        self._rng = rng
        self._errands: dict[str, _Errand] = {}
        self._ended: set[str] = set()
        self._course = standing(*stand.home, now_ms)
        self._beat: tuple[Point, ...] | None = None
        self._next_stop = 0
        self._stroll_ms = now_ms + 1000 * rng.uniform(0, 20)
        self._hush_ms = now_ms + self._until_silence_ms()
        self._silent_until_ms = -NEVER

    @property
    def wake_at(self) -> float:
        """The next moment at which `act` has something to do."""
        return min(self._stroll_ms, self._hush_ms, *(e.due_ms for e in self._errands.values()))

    @property
    def silent_until(self) -> float:
        """Until when the unit cannot be reached; in the past when it can."""
        return self._silent_until_ms

    @property
    def is_hurrying(self) -> bool:
        """Whether it is on its way to an incident."""
        return any(e.step is Step.EN_ROUTE for e in self._errands.values())

    @property
    def commands(self) -> frozenset[str]:
        """The commands in its hands."""
        return frozenset(self._errands)

    def where(self, now_ms: float) -> Whereabouts:
        """Where it is. Only for moments since the last `act`."""
        return self._course.where(now_ms)

    def receive(self, assignment: Assignment, now_ms: float, step: Step = Step.DELIVERED) -> None:
        """Take a command in hand; one that it has, or has ended itself, is passed over.

        `step` is how far the command had come before this program took the unit over: it goes on
        from there and does not report again what is known.
        """
        known = assignment.command_id in self._errands or assignment.command_id in self._ended
        if known or step.is_final:
            return
        errand = _Errand(assignment, step, NEVER)
        self._errands[assignment.command_id] = errand
        if step is Step.ON_SCENE:
            self._course = standing(assignment.x, assignment.y, now_ms)
            errand.due_ms = now_ms + self._work_ms(assignment.type_code)
            self._stroll_ms = NEVER
        elif step is Step.EN_ROUTE and self._travel(errand, now_ms):
            pass  # and arrives in its time
        elif step in (Step.ACKNOWLEDGED, Step.EN_ROUTE):
            errand.step = Step.ACKNOWLEDGED
            self._take_next(now_ms)
        elif step is Step.READ:
            errand.due_ms = now_ms + self._answering_ms()
        else:
            errand.due_ms = now_ms + self._ms(self._script.read_s)

    def recall(self, command_id: str, now_ms: float) -> None:
        """Let go of a command: the centre called the unit back, or ended the command itself."""
        errand = self._errands.pop(command_id, None)
        if errand is not None and errand.step in (Step.EN_ROUTE, Step.ON_SCENE):
            self._be_free(now_ms)

    def act(self, now_ms: float) -> list[Said]:
        """Do all that has fallen due up to `now_ms`; what the unit reported, in order."""
        said: list[Said] = []
        while self.wake_at <= now_ms:
            said.extend(self._do_next())
        return said

    def _do_next(self) -> list[Said]:
        due = self.wake_at
        for errand in self._errands.values():
            if errand.due_ms == due:
                return self._advance(errand, due)
        if self._hush_ms == due:
            self._fall_silent(due)
        else:
            self._stroll(due)
        return []

    def _advance(self, errand: _Errand, at: float) -> list[Said]:
        match errand.step:
            case Step.READ:
                return self._answer(errand, at)
            case Step.ACKNOWLEDGED:
                return self._set_off(errand, at)
            case Step.EN_ROUTE:
                errand.due_ms = at + self._work_ms(errand.assignment.type_code)
                return self._say(errand, Step.ON_SCENE, at)
            case Step.ON_SCENE:
                return self._finish(errand, at)
            case _:
                errand.due_ms = at + self._answering_ms()
                return self._say(errand, Step.READ, at)

    def _answer(self, errand: _Errand, at: float) -> list[Said]:
        if self._happens(self._script.refuses):
            return self._drop(errand, Step.REFUSED, self._phrases.refusal(self.kind, self._rng), at)
        said = self._say(errand, Step.ACKNOWLEDGED, at)
        errand.due_ms = NEVER
        if self._happens(self._script.falls_silent):
            self._fall_silent(at)
        self._take_next(at)
        return said

    def _take_next(self, at: float) -> None:
        """If the unit is free, get ready for the oldest command it has acknowledged."""
        if any(e.step in (Step.EN_ROUTE, Step.ON_SCENE) for e in self._errands.values()):
            return
        ready = [e for e in self._errands.values() if e.step is Step.ACKNOWLEDGED]
        if ready and all(e.due_ms == NEVER for e in ready):
            ready[0].due_ms = at + self._ms(self._script.set_off_s)

    def _set_off(self, errand: _Errand, at: float) -> list[Said]:
        if not self._travel(errand, at):
            said = self._drop(errand, Step.REFUSED, self._phrases.unreachable, at)
            self._take_next(at)
            return said
        return self._say(errand, Step.EN_ROUTE, at)

    def _travel(self, errand: _Errand, at: float) -> bool:
        """Be on the way to an errand's place; False when there is none."""
        way = self._way((errand.assignment.x, errand.assignment.y), at, 1.0)
        if way is None:
            return False
        self._course, self._stroll_ms = way, NEVER
        errand.due_ms = max(at, way.ends_at)
        return True

    def _finish(self, errand: _Errand, at: float) -> list[Said]:
        feedback = self._phrases.feedback(errand.assignment.type_code, self._rng)
        said = self._drop(errand, Step.DONE, feedback, at)
        self._be_free(at)
        return said

    def _drop(self, errand: _Errand, step: Step, text: Text, at: float) -> list[Said]:
        del self._errands[errand.assignment.command_id]
        self._ended.add(errand.assignment.command_id)
        return [Said(errand.assignment.command_id, step, text, at)]

    def _say(self, errand: _Errand, step: Step, at: float) -> list[Said]:
        errand.step = step
        return [Said(errand.assignment.command_id, step, Text(), at)]

    def _be_free(self, at: float) -> None:
        self._course = standing(*self._spot(at), at)
        self._stroll_ms = at + self._ms(self._script.set_off_s)
        self._take_next(at)

    def _stroll(self, at: float) -> None:
        """Go on to the next place of the beat, or home; rest there when it is reached."""
        goal = self._next_goal()
        habits = HABITS[self.kind]
        way = self._way(goal, at, habits.pace) if goal != self._spot(at) else None
        if way is not None:
            self._course = way
        if not habits.patrols:
            self._stroll_ms = NEVER
            return
        # Never at once: a beat without ways, or of one place, must not spin.
        self._stroll_ms = max(self._course.ends_at, at) + max(1000.0, self._ms(habits.rest_s))

    def _next_goal(self) -> Point:
        if not HABITS[self.kind].patrols:
            return self._home
        if self._beat is None:
            self._beat = self._terrain.beat(self.kind, self._home, self._rng) or (self._home,)
        goal = self._beat[self._next_stop % len(self._beat)]
        self._next_stop += 1
        return goal

    def _way(self, goal: Point, at: float, pace: float) -> Course | None:
        leg = self._terrain.leg(self.kind, self._spot(at), goal)
        return None if leg is None else course_of(leg.xy, leg.seconds, at, pace)

    def _spot(self, at: float) -> Point:
        here = self._course.where(at)
        return here.x, here.y

    def _fall_silent(self, at: float) -> None:
        self._silent_until_ms = at + self._ms(self._script.silent_s)
        self._hush_ms = self._silent_until_ms + self._until_silence_ms()

    def _until_silence_ms(self) -> float:
        rate = self._script.silences_per_hour
        return 3_600_000 * self._rng.expovariate(rate) if rate else NEVER

    def _answering_ms(self) -> float:
        median, sigma = self._script.acknowledge_median_s, self._script.acknowledge_sigma
        return 1000 * self._rng.lognormvariate(math.log(median), sigma)

    def _work_ms(self, type_code: str) -> float:
        share = self._rng.uniform(*self._script.work_share)
        return 1000 * min(120.0, max(20.0, self._phrases.usual_work_s(type_code) * share))

    def _ms(self, span_s: Span) -> float:
        return 1000 * self._rng.uniform(*span_s)

    def _happens(self, share: float) -> bool:
        return self._rng.random() < share
