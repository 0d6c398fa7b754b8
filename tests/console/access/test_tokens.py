"""Device tokens: good after a restart, never stored, old ones retired."""

from __future__ import annotations

from pathlib import Path

from console.access.tokens import TOKENS_PER_UNIT, DeviceTokens
from console.clock import ManualClock


def test_a_token_is_good_for_its_unit_only_and_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "devices"
    tokens = DeviceTokens(path, ManualClock(1))
    one, two = tokens.issue("U-0001"), tokens.issue("U-0002")
    assert (tokens.unit_of(one), tokens.unit_of(two)) == ("U-0001", "U-0002")
    assert tokens.unit_of(one[:-1]) is None
    tokens.close()
    again = DeviceTokens(path, ManualClock(2))
    assert (again.unit_of(one), again.unit_of(two)) == ("U-0001", "U-0002")
    again.close()
    assert one.encode() not in path.read_bytes()


def test_old_tokens_of_a_unit_are_retired_and_the_file_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "devices"
    issued: list[str] = []
    for _ in range(3):
        tokens = DeviceTokens(path, ManualClock(1))
        issued += [tokens.issue("U-0001") for _ in range(TOKENS_PER_UNIT)]
        tokens.close()
    size = path.stat().st_size
    tokens = DeviceTokens(path, ManualClock(1))
    good = [t for t in issued if tokens.unit_of(t) == "U-0001"]
    assert good == issued[-TOKENS_PER_UNIT:]
    tokens.close()
    assert path.stat().st_size < size


def test_in_memory() -> None:
    tokens = DeviceTokens(None, ManualClock(1))
    assert tokens.unit_of(tokens.issue("U-0003")) == "U-0003"
    tokens.close()
