from __future__ import annotations

import numpy as np
import pytest

from console.intake.errors import IntakeError
from console.intake.reference import choose_reference, reference_of


@pytest.mark.parametrize(
    ("declared", "xy", "lonlat", "within_deg"),
    [
        ("EPSG:4326", (118.78, 32.05), (118.78, 32.05), 0),
        ("EPSG:4490", (118.78, 32.05), (118.78, 32.05), 1e-9),
        ("epsg:3857", (20037508.342789244 / 3, 0.0), (60.0, 0.0), 1e-9),
        ("EPSG:4548", (500000.0, 3320113.398), (117.0, 30.0), 1e-8),  # the meridian's arc to 30°
        ("GCJ-02", (118.785162, 32.047930), (118.78, 32.05), 1e-4),
    ],
)
def test_known_places(
    declared: str, xy: tuple[float, float], lonlat: tuple[float, float], within_deg: float
) -> None:
    found = reference_of(declared).lonlat(np.array(xy[:1]), np.array(xy[1:]))
    assert np.abs(np.concatenate(found) - lonlat).max() <= within_deg


def test_the_datum_shift_of_an_old_system_is_applied_and_its_accuracy_said() -> None:
    beijing = reference_of("EPSG:2436")
    assert "good to 15 m" in beijing.exactness.en
    assert "15 米" in beijing.exactness.zh


def test_a_system_whose_shift_is_not_known_says_so() -> None:
    assert "about 100 m" in reference_of("EPSG:4610").exactness.en, "Xian 1980"
    assert "centimetres" in reference_of("EPSG:4548").exactness.en, "CGCS2000"
    assert not reference_of("EPSG:4326").exactness


def test_what_lies_outside_a_projection_is_not_finite_and_does_not_raise() -> None:
    lon, lat = reference_of("EPSG:4548").lonlat(np.array([1e30, np.nan]), np.array([0.0, 1.0]))
    assert not (np.isfinite(lon) & np.isfinite(lat)).any()


def test_the_users_word_goes_before_the_files() -> None:
    reference, remark = choose_reference("EPSG:4490", "EPSG:3857", None)
    assert "4490" in reference.name
    assert "as you said" in remark.en


@pytest.mark.parametrize("name", ["EPSG:0", "hello", "EPSG:5703", "EPSG:4978"])
def test_names_that_lead_nowhere(name: str) -> None:
    with pytest.raises(IntakeError, match="not a coordinate system"):
        reference_of(name)
