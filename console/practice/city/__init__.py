"""The practice city: a fictional 澜湾市 (Lanwan), made from a seed by our own code.

It is written as an OpenStreetMap extract and catalogues, so that it goes through the same import
as any real city.
"""

from console.practice.city.bones import FULL_HALF_M
from console.practice.city.making import PracticeFiles, generate

__all__ = ["FULL_HALF_M", "PracticeFiles", "generate"]
