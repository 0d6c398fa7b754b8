"""A small city package with named streets, a river, a school and ten units."""

from __future__ import annotations

from pathlib import Path

from console.intake.osm import import_osm
from console.intake.rows import Options
from console.intake.units import import_units
from tests.helpers.osm import OsmFile

WEST, SOUTH = 120.1, 30.1
STEP = 0.002
STREETS = 8
"""Streets each way, about 200 m apart."""

RIVER_SOUTH, RIVER_NORTH = SOUTH + 0.0004, SOUTH + 0.0016

UNITS = """\
unit_id,name_zh,name_en,kind,lon,lat,base_zh,base_en
U-0001,甲,A,foot,{c},{r},一站,Base 1
U-0002,乙,B,foot,{c},{r},一站,Base 1
U-0003,丙,C,car,{c},{r},一站,Base 1
U-0004,丁,D,moto,{c},{r},一站,Base 1
U-0005,戊,E,fire,{c},{r},二站,Base 2
U-0006,己,F,fire,{c},{r},二站,Base 2
U-0007,庚,G,ambulance,{c},{r},二站,Base 2
U-0008,辛,H,drone,{c},{r},二站,Base 2
U-0009,壬,I,boat,{c},{river},码头,Pier
U-0010,癸,J,car,{c},{r},一站,Base 1
"""


def make_field_city(folder: Path) -> Path:
    """The package, made in `folder`."""
    package = folder / "city"
    import_osm(_streets().save(folder / "small.osm.pbf"), package)
    middle = 3.5 * STEP
    table = UNITS.format(c=WEST + middle, r=SOUTH + middle, river=(RIVER_SOUTH + RIVER_NORTH) / 2)
    units = folder / "units.csv"
    units.write_text(table, "utf-8")
    import_units(units, package, Options("EPSG:4326"))
    return package


def _streets() -> OsmFile:
    drawing = OsmFile()
    lines = [round(i * STEP, 7) for i in range(STREETS)]
    for i, off in enumerate(lines):
        kind = "primary" if i == 4 else "residential"
        names = {"name": f"东{i}路", "name_zh": f"东{i}路", "name_en": f"East {i} Rd"}
        drawing.way([_at(c, off) for c in lines], highway=kind, **names)
        names = {"name": f"北{i}路", "name_zh": f"北{i}路", "name_en": f"North {i} Rd"}
        drawing.way([_at(off, r) for r in lines], highway=kind, **names)
    east = lines[-1] + WEST
    bank = [(WEST, RIVER_SOUTH), (east, RIVER_SOUTH), (east, RIVER_NORTH), (WEST, RIVER_NORTH)]
    drawing.way([*bank, bank[0]], natural="water", water="river")
    east, north = _at(2.5 * STEP, 5.4 * STEP)
    drawing.node(
        east, north, amenity="school", name="第一小学", name_zh="第一小学", name_en="First School"
    )
    return drawing


def _at(east: float, north: float) -> tuple[float, float]:
    return round(WEST + east, 7), round(SOUTH + north, 7)
