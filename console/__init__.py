"""The system without a screen: model, journal, server, city, video. No Qt anywhere."""

__version__ = "0.1.0"
