"""When an alarm is heard: a call for help again and again, all else once, never two at a time."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from console.model.command import Step
from console.model.incident import Stage
from console.model.requests import AcknowledgeSos
from console.session import sos_calls
from widgets.alarm.tones import RATE_HZ, Sound, samples
from widgets.bridge.sound import SoundOutput
from widgets.common.desk import Desk

VOLUMES = (0.25, 0.5, 1.0)
"""Shares of full volume to choose from."""

SOS_EVERY_MS = 4000
PAUSE_MS = 400
"""Between two sounds, so that each is heard for what it is."""

RECENT_MS = 10 * 60_000
"""A command that failed longer ago, as a desk learns that was cut off, is no alarm any more."""

_FAILED = frozenset({Step.REFUSED, Step.TIMED_OUT})


class Ringer(QObject):
    """Follows the desk and plays on `output` (None: not there yet). `changed` tells that volume,
    silence or output are others.

    What the desk knows when it starts is not rung for, but for open calls for help.
    """

    changed = Signal()

    def __init__(self, desk: Desk, output: SoundOutput | None = None, volume: int = 1) -> None:
        super().__init__(desk)
        self._desk = desk
        self._output = output
        self._volume = min(max(volume, 0), len(VOLUMES) - 1)
        self._silent = False
        self._person = self._person_now()
        self._urgent: set[str] = set()
        self._failed: dict[str, int] = {}
        self._started = False
        self._waiting: set[Sound] = set()
        self._unanswered: set[tuple[str, int]] = set()
        self._sos_due_ms = 0
        self._busy_until_ms = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.play_next)
        self._start()
        self._follow()

    @property
    def volume(self) -> int:
        """Which of `VOLUMES` it is."""
        return self._volume

    @property
    def is_silent(self) -> bool:
        """Whether somebody has silenced this desk, until the next sign-in."""
        return self._silent

    @property
    def has_output(self) -> bool:
        """Whether anything could be heard; also True while nobody has asked the system yet."""
        return self._output is None or self._output.is_there

    def use(self, output: SoundOutput) -> None:
        """Play on this from now on."""
        self._output = output
        self.changed.emit()

    def set_volume(self, volume: int) -> None:
        """Choose one of `VOLUMES`; it is heard at once."""
        self._volume = volume
        self._silent = False
        self.changed.emit()
        self._want(Sound.URGENT)

    def silence(self, silent: bool) -> None:
        """Make no sound until the next sign-in, or be heard again."""
        self._silent = silent
        self._waiting.clear()
        self.changed.emit()
        self.play_next()

    def play_next(self) -> None:
        """Play what is due, the gravest first; comes again by itself while there is more."""
        now = self._desk.clock.elapsed_ms()
        if self._silent:
            return
        if now < self._busy_until_ms:
            self._timer.start(self._busy_until_ms - now)
        elif self._unanswered and now >= self._sos_due_ms:
            self._sos_due_ms = now + SOS_EVERY_MS
            self._play(Sound.SOS, now)
        elif self._waiting:
            self._play(max(self._waiting), now)
        elif self._unanswered:
            self._timer.start(self._sos_due_ms - now)

    def _play(self, sound: Sound, now: int) -> None:
        self._waiting.discard(sound)
        made = samples(sound)
        if self._output is not None and self._output.is_there:
            self._output.play(made, RATE_HZ, VOLUMES[self._volume])
        lasts_ms = round(1000 * len(made) / RATE_HZ) + PAUSE_MS
        self._busy_until_ms = now + lasts_ms
        self._timer.start(lasts_ms)

    def _want(self, sound: Sound) -> None:
        """Have a sound played as soon as may be; one that waits already waits for both."""
        if not self._silent:
            self._waiting.add(sound)
            self.play_next()

    def _follow(self) -> None:
        bridge = self._desk.bridge
        bridge.incidents_changed.connect(self._hear_incidents)
        bridge.commands_changed.connect(self._hear_commands)
        bridge.units_changed.connect(self._hear_units)
        bridge.link_changed.connect(self._start)
        bridge.link_changed.connect(self._hear_units)
        if self._desk.account is not None:
            self._desk.account.changed.connect(self._hear_account)

    def _start(self) -> None:
        """From the first time that the desk knows all there is, what is new is rung for."""
        if self._started or self._desk.session.link.state != "online":
            return
        picture = self._desk.picture
        self._new_urgent(picture.incidents)
        self._new_failures(picture.commands)
        self._started = True
        self._hear_units()

    def _hear_units(self, _ids: object = None) -> None:
        if not self._started:
            return
        unanswered = self._calls_to_answer()
        if unanswered - self._unanswered:
            # A new call does not wait for the next turn of an older one.
            self._sos_due_ms = 0
        self._unanswered = unanswered
        self.play_next()

    def _calls_to_answer(self) -> set[tuple[str, int]]:
        """Calls that nobody has acknowledged, nor somebody here whose word waits to be sent. None
        while nobody is signed in: this desk does not hear then what others have done.
        """
        if self._desk.account is not None and not self._person_now():
            return set()
        calls = sos_calls(self._desk.picture, self._desk.session.fixes)
        asked = {s.request for s in self._desk.session.pending}
        return {
            (unit_id, call.at)
            for unit_id, call in calls.items()
            if not call.acknowledged_at and AcknowledgeSos(unit_id, call.at) not in asked
        }

    def _hear_incidents(self, ids: set[str]) -> None:
        if self._started and self._new_urgent(ids):
            self._want(Sound.URGENT)

    def _hear_commands(self, ids: set[str]) -> None:
        if self._started and self._new_failures(ids):
            self._want(Sound.FAILED)

    def _new_urgent(self, ids: Iterable[str]) -> bool:
        """Whether one of these has become a priority 1 that nobody has taken on."""
        looked_at = set(ids)
        now = {incident_id for incident_id in looked_at if self._is_urgent(incident_id)}
        news = now - self._urgent
        self._urgent = (self._urgent - looked_at) | now
        return bool(news)

    def _is_urgent(self, incident_id: str) -> bool:
        incident = self._desk.picture.incidents.get(incident_id)
        if incident is None:
            return False
        return incident.priority == 1 and incident.stage is Stage.REPORTED

    def _new_failures(self, ids: Iterable[str]) -> bool:
        """Whether one of these has been refused or timed out just now."""
        since = self._desk.now_ms() - RECENT_MS
        self._failed = {c: at for c, at in self._failed.items() if at >= since}
        commands = self._desk.picture.commands
        now = {c: commands[c].step_times[-1][1] for c in ids if self._has_failed(c)}
        news = {c for c, at in now.items() if at >= since and c not in self._failed}
        self._failed.update(now)
        return bool(news)

    def _has_failed(self, command_id: str) -> bool:
        command = self._desk.picture.commands.get(command_id)
        return command is not None and command.step in _FAILED

    def _hear_account(self) -> None:
        person = self._person_now()
        if person == self._person:
            return
        self._person = person
        if person and self._silent:
            self.silence(False)
        self._hear_units()

    def _person_now(self) -> str:
        """Who sits here, "" for nobody; the role too, for at practice it is what changes."""
        account = self._desk.account
        me = account.me if account is not None else None
        return f"{me.name}/{me.role}" if me is not None else ""
