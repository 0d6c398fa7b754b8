"""The desk's alarms: which sounds there are, and when one is to be heard."""

from widgets.alarm.ringer import VOLUMES, Ringer
from widgets.alarm.tones import RATE_HZ, Sound, samples

__all__ = ["RATE_HZ", "VOLUMES", "Ringer", "Sound", "samples"]
