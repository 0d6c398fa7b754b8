"""Schools, hospitals, police, fire stations, offices, markets, and the names of quarters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.model.text import Text
from console.practice.city.administration import Administration
from console.practice.city.cells import Cell
from console.practice.city.layout import Layout
from console.practice.city.names import Words, numbered_zh, ordinal_en
from console.practice.city.nametables import DISTRICTS
from console.practice.city.streams import stream

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A named place at ground metres (x, y); `block` is the block that it fills, or -1.

    `kind` is school, hospital, clinic, police, fire_station, townhall, marketplace, library,
    university, station, suburb, quarter …
    """

    kind: str
    name: Text
    x: float
    y: float
    block: int = -1


class _Sites:
    """Blocks that are still free, and where they are."""

    def __init__(self, layout: Layout, uses: tuple[str, ...]) -> None:
        self.free = [k for k, b in enumerate(layout.blocks) if b.use in uses]
        uv = [layout.middle(layout.blocks[k]) for k in self.free]
        self.xy: FloatArray = layout.on_ground(np.array(uv)) if uv else np.empty((0, 2))
        self.used = np.zeros(len(self.free), bool)

    def take_near(self, x: float, y: float) -> tuple[int, float, float] | None:
        """The nearest free block, taken, and its middle."""
        if self.used.all():
            return None
        away = np.hypot(self.xy[:, 0] - x, self.xy[:, 1] - y)
        away[self.used] = np.inf
        return self._take(int(np.argmin(away)))

    def take_far(self, others: list[Place]) -> tuple[int, float, float] | None:
        """The free block farthest from all `others`, taken: stations that spread out."""
        if self.used.all():
            return None
        away = np.full(len(self.free), 1e9)
        for p in others:
            away = np.minimum(away, np.hypot(self.xy[:, 0] - p.x, self.xy[:, 1] - p.y))
        # Out in the fields a station would serve nobody.
        away -= 0.55 * np.hypot(self.xy[:, 0], self.xy[:, 1])
        away[self.used] = -np.inf
        return self._take(int(np.argmax(away)))

    def _take(self, i: int) -> tuple[int, float, float]:
        self.used[i] = True
        return self.free[i], float(self.xy[i, 0]), float(self.xy[i, 1])


def settle_places(
    layout: Layout, administration: Administration, words: Words, seed: int
) -> list[Place]:
    """All places of the city, in a fixed order."""
    rng = stream(seed, "places")
    civic = _Sites(layout, ("civic",))
    shops = _Sites(layout, ("business", "slabs", "oldtown"))
    area = 4e-6 * layout.half_m**2
    streets = _middles(layout, administration, "street")
    places = _spread(civic, shops, "fire_station", max(2, round(area / 9)), _fire_name)
    places += _spread(civic, shops, "hospital", max(2, round(area / 10)), _hospital_name)
    places += _street_offices(civic, shops, streets)
    places += _schools(layout, words, rng)
    places += _universities(layout)
    places += _clinics_and_markets(layout, administration, shops, streets, rng)
    places += _remaining_civic(civic, words)
    return places + _quarters(layout, administration, streets)


def _spread(civic: _Sites, shops: _Sites, kind: str, count: int, name: NameOf) -> list[Place]:
    places: list[Place] = []
    for number in range(1, count + 1):
        site = civic.take_far(places) or shops.take_far(places)
        if site:
            block, x, y = site
            places.append(Place(kind, name(number), x, y, block))
    return places


class NameOf:
    """A name from a number (two patterns: for the first ones, and for the rest)."""

    def __init__(self, zh: str, en: str, first: tuple[Text, ...] = ()) -> None:
        self.zh, self.en, self.first = zh, en, first

    def __call__(self, number: int) -> Text:
        """The name of the `number`th, counted from one."""
        if number <= len(self.first):
            return self.first[number - 1]
        serial = number - len(self.first)
        en = self.en.format(number=serial, ordinal=ordinal_en(serial))
        return Text(self.zh.format(numbered_zh(serial)), en)


_fire_name = NameOf("消防救援{}站", "Fire Station No. {number}")
_hospital_name = NameOf(
    "澜湾市第{}人民医院",
    "Lanwan {ordinal} People's Hospital",
    (
        Text("澜湾市中心医院", "Lanwan Central Hospital"),
        Text("澜湾市中医院", "Lanwan TCM Hospital"),
        Text("澜湾市妇幼保健院", "Lanwan Maternity Hospital"),
        Text("澜湾市儿童医院", "Lanwan Children's Hospital"),
    ),
)


def _middles(
    layout: Layout, administration: Administration, level: str
) -> dict[tuple[str, str], tuple[float, float]]:
    """Ground position of the middle of every street or community, by its (zh, en) name."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for cell in administration.cells:
        text: Text = getattr(cell, level)
        found.setdefault((text.zh, text.en), []).append(cell.middle)
    middles = layout.on_ground(np.array([np.mean(m, axis=0) for m in found.values()]))
    return {name: (float(x), float(y)) for name, (x, y) in zip(found, middles, strict=True)}


def _street_offices(
    civic: _Sites, shops: _Sites, streets: dict[tuple[str, str], tuple[float, float]]
) -> list[Place]:
    """A police station and an office in every street."""
    places = []
    for (zh, en), (x, y) in streets.items():
        stem, latin = zh.removesuffix("街道"), en.removesuffix(" Subdistrict")
        wanted = (
            ("police", Text(f"{stem}派出所", f"{latin} Police Station")),
            ("townhall", Text(f"{stem}街道办事处", f"{latin} Subdistrict Office")),
        )
        for kind, name in wanted:
            site = civic.take_near(x, y)
            if site is None or np.hypot(site[1] - x, site[2] - y) > 1500:
                site = shops.take_near(x, y)
            if site:
                places.append(
                    Place(kind, name, site[1], site[2], -1 if kind == "townhall" else site[0])
                )
    return places


def _schools(layout: Layout, words: Words, rng: np.random.Generator) -> list[Place]:
    sites = _Sites(layout, ("school",))
    places = []
    middle_schools = 0
    for i in rng.permutation(len(sites.free)):
        block = sites.free[i]
        if layout.area_m2(layout.blocks[block]) > 22_000 and middle_schools < 48:
            middle_schools += 1
            name = Text(
                f"澜湾市第{numbered_zh(middle_schools)}中学",
                f"Lanwan {ordinal_en(middle_schools)} High School",
            )
        else:
            zh, en = words.compound()
            name = Text(f"{zh}小学", f"{en} Primary School")
        places.append(Place("school", name, float(sites.xy[i, 0]), float(sites.xy[i, 1]), block))
    return places


def _universities(layout: Layout) -> list[Place]:
    sites = _Sites(layout, ("campus",))
    names = (
        Text("澜湾大学", "Lanwan University"),
        Text("江东理工大学", "Jiangdong University of Technology"),
    )
    if len(sites.free) < 6:
        return []
    order = np.argsort(sites.xy[:, 1], kind="stable")
    places = []
    for name, part in zip(names, np.array_split(order, 2), strict=True):
        x, y = np.median(sites.xy[part], axis=0)
        places.append(Place("university", name, float(x), float(y)))
    return places


def _clinics_and_markets(
    layout: Layout,
    administration: Administration,
    shops: _Sites,
    streets: dict[tuple[str, str], tuple[float, float]],
    rng: np.random.Generator,
) -> list[Place]:
    places = []
    for (zh, en), (x, y) in _middles(layout, administration, "community").items():
        if rng.random() < 0.5 and (site := shops.take_near(x, y)):
            stem, latin = zh.removesuffix("社区"), en.removesuffix(" Community")
            name = Text(f"{stem}社区卫生服务站", f"{latin} Community Clinic")
            places.append(Place("clinic", name, site[1], site[2]))
    for (zh, en), (x, y) in streets.items():
        if site := shops.take_near(x + 200, y - 150):
            name = Text(
                zh.removesuffix("街道") + "农贸市场", en.removesuffix(" Subdistrict") + " Market"
            )
            places.append(Place("marketplace", name, site[1], site[2]))
    return places


def _remaining_civic(civic: _Sites, words: Words) -> list[Place]:
    """The single houses of a city, then neighbourhood halls on what is left."""
    single = [
        ("townhall", Text("澜湾市人民政府", "Lanwan City Hall")),
        ("library", Text("澜湾市图书馆", "Lanwan Library")),
        ("museum", Text("澜湾博物馆", "Lanwan Museum")),
        ("theatre", Text("澜湾大剧院", "Lanwan Grand Theatre")),
        ("sports_centre", Text("澜湾体育中心", "Lanwan Sports Centre")),
        ("courthouse", Text("澜湾市中级人民法院", "Lanwan Intermediate Court")),
    ]
    places = []
    for kind, name in single:
        if site := civic.take_near(0.0, 900.0):
            places.append(Place(kind, name, site[1], site[2], site[0]))
    while (site := civic.take_near(0.0, 0.0)) is not None:
        zh, en = words.compound()
        name = Text(f"{zh}文化活动中心", f"{en} Community Centre")
        places.append(Place("community_centre", name, site[1], site[2], site[0]))
    return places


def _quarters(
    layout: Layout,
    administration: Administration,
    streets: dict[tuple[str, str], tuple[float, float]],
) -> list[Place]:
    """Names on the map of the city, its districts (suburb) and its streets (quarter)."""
    by_district: dict[int, list[Cell]] = {}
    for cell in administration.cells:
        by_district.setdefault(cell.district, []).append(cell)
    places = [Place("city", Text("澜湾市", "Lanwan"), 0.0, 0.0)]
    for d, cells in by_district.items():
        middle = np.median(np.array([c.middle for c in cells]), axis=0)[None]
        x, y = layout.on_ground(middle)[0]
        zh, en = DISTRICTS[d]
        places.append(Place("suburb", Text(f"{zh}区", f"{en} District"), float(x), float(y)))
    for (zh, en), (x, y) in streets.items():
        name = Text(zh, en.removesuffix(" Subdistrict"))
        places.append(Place("quarter", name, x, y))
    return places
