"""The system without a screen: model, journal, server, city, video. No Qt anywhere."""
