"""The top bar: mode, city, clock, load, link, settings."""
