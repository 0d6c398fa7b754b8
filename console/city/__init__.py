"""The city package: streets, cells, cameras, units and places, ready to be drawn and searched.

    city = open_city(path)          # milliseconds: everything is mapped, nothing is parsed
    city.basemap.levels[0].lines("primary", bounds)
    city.roads.reach(x, y, profile_of(UnitKind.CAR)).seconds_from(xy)
    cameras_that_see(city, x, y, limit=6)

Positions are world metres (EPSG:3857, y north); lengths, ranges and speeds are on the ground.
"""

from console.city.basemap import FILL_CLASSES, LINE_CLASSES, BaseMap, Labels, Level
from console.city.catalogue import Cameras, Cells, Places, UnitRoster, short_cell_code
from console.city.errors import CityError
from console.city.graph import RoadGraph
from console.city.manifest import Manifest
from console.city.package import City, open_city
from console.city.reach import Reach, Route
from console.city.sight import Sighting, Visibility, cameras_that_see
from console.city.travel import TravelProfile, profile_of

__all__ = [
    "FILL_CLASSES",
    "LINE_CLASSES",
    "BaseMap",
    "Cameras",
    "Cells",
    "City",
    "CityError",
    "Labels",
    "Level",
    "Manifest",
    "Places",
    "Reach",
    "RoadGraph",
    "Route",
    "Sighting",
    "TravelProfile",
    "UnitRoster",
    "Visibility",
    "cameras_that_see",
    "open_city",
    "profile_of",
    "short_cell_code",
]
