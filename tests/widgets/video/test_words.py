"""What a tile says, in both languages, for every state there can be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.i18n import catalogue, set_language
from console.video import Reason, StreamState, TileState
from widgets.video.words import words_for

NOW = 1_795_290_446_000


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh")
    yield
    set_language("zh")


states = st.builds(
    TileState,
    st.sampled_from(StreamState),
    st.none() | st.sampled_from(Reason),
    st.integers(0, 50),
    st.none() | st.integers(NOW - 5_000, NOW + 60_000),
    st.floats(0, 60),
    st.none() | st.integers(NOW - 100_000, NOW),
    st.none() | st.integers(0, 10_000_000),
    st.sampled_from(["", "av", "vlc"]),
    st.sampled_from(["", "libvlc5", "20 of 75"]),
)


@given(states, st.sampled_from(["zh", "en"]))
def test_every_state_has_words(state: TileState, language: str) -> None:
    set_language("zh" if language == "zh" else "en")
    words = words_for(state, NOW)
    assert all(line and "{" not in line for line in words.lines)
    silent = state.silent_ms is None or state.silent_ms >= 1_000
    assert words.dims == (state.state is not StreamState.LIVE and silent)


def test_a_stalled_picture_says_since_when_and_what_comes() -> None:
    state = TileState(
        StreamState.RECONNECTING, Reason.TIMEOUT, 2, NOW + 2_400, 0.0, NOW - 1_400, 1_400, "vlc"
    )
    assert words_for(state, NOW).lines == (
        "卡顿 1.4 s",
        "画面停在 03:47:24",
        "第 2 次重连·3 s 后",
        "摄像机没有回应",
    )
    set_language("en")
    assert words_for(state, NOW).lines[2] == "Retry 2 · in 3 s"


def test_without_libvlc_the_package_is_named() -> None:
    alone = TileState(StreamState.FAILED, Reason.NO_LIBVLC, 1, because="libvlc5")
    assert "libvlc5" in words_for(alone, NOW).lines[1]
    other = TileState(StreamState.LIVE, engine="av", because="libvlc5")
    assert "libvlc5" in words_for(other, NOW).tip
    assert not words_for(other, NOW).lines


def test_both_languages_say_the_same_things() -> None:
    mine = {key for key in catalogue("zh") if key.startswith("video.")}
    assert mine == {key for key in catalogue("en") if key.startswith("video.")}
    for kind in ("reason", "advice"):
        assert {f"video.{kind}.{reason}" for reason in Reason} <= mine
    assert {f"video.state.{state}" for state in StreamState} <= mine
