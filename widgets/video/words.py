"""What a tile says in words: a pure reading of the stream's state."""

from __future__ import annotations

from dataclasses import dataclass

from console.i18n import tr
from console.video import Reason, StreamState, TileState
from widgets.common.format import clock_time

STALLED_AFTER_MS = 1_000


@dataclass(frozen=True, slots=True)
class TileWords:
    """Lines over the picture, the first the loudest, and a tool tip."""

    lines: tuple[str, ...] = ()
    tip: str = ""

    @property
    def dims(self) -> bool:
        """Whether the picture steps back behind the words."""
        return bool(self.lines)


def words_for(state: TileState, now_ms: int) -> TileWords:
    """The words for a stream in `state` at `now_ms` (milliseconds since 1970 UTC)."""
    if state.state is StreamState.LIVE:
        return TileWords(tip=_engine_tip(state))
    if state.silent_ms is not None:
        return _words_over_picture(state, now_ms)
    return TileWords(lines=_words_without_picture(state, now_ms), tip=_engine_tip(state))


def _words_over_picture(state: TileState, now_ms: int) -> TileWords:
    silent_ms = state.silent_ms or 0
    if silent_ms < STALLED_AFTER_MS:
        return TileWords(tip=_engine_tip(state))  # a loss this short shows nothing but its picture
    lines = [tr("video.stalled", seconds=_tenths(silent_ms))]
    if state.last_frame_at_ms is not None:
        lines.append(tr("video.stopped_at", clock=clock_time(state.last_frame_at_ms)))
    lines.append(_again(state, now_ms))
    if state.reason is not None:
        lines.append(tr(f"video.reason.{state.reason}"))
    return TileWords(tuple(line for line in lines if line), _engine_tip(state))


def _words_without_picture(state: TileState, now_ms: int) -> tuple[str, ...]:
    if state.reason is None:
        return (tr("video.connecting"),)
    title = tr(f"video.reason.{state.reason}")
    if state.reason is Reason.NO_LIBVLC:
        return title, tr("video.advice.no_libvlc", package=state.because)
    advice = tr(f"video.advice.{state.reason}")
    return tuple(line for line in (title, advice, _again(state, now_ms)) if line)


def _again(state: TileState, now_ms: int) -> str:
    """Which try comes, and when."""
    if not state.attempt:
        return ""
    if state.next_try_ms is None:
        trying = state.state is not StreamState.FAILED or state.reason not in _FINAL
        return tr("video.trying", count=state.attempt) if trying else ""
    seconds = max(0, -(-(state.next_try_ms - now_ms) // 1000))
    return tr("video.again", count=state.attempt, seconds=seconds)


_FINAL = (Reason.NO_LIBVLC, Reason.BAD_ADDRESS)


def _tenths(duration_ms: int) -> str:
    return f"{duration_ms / 1000:.1f}" if duration_ms < 60_000 else f"{duration_ms // 1000}"


def _engine_tip(state: TileState) -> str:
    """Why it plays by the second-best engine, where it does."""
    if state.engine != "av" or not state.because:
        return ""
    if state.because.startswith(("libvlc", "vlc-")):
        return tr("video.without_libvlc", package=state.because)
    return tr("video.fell_back", why=state.because)
