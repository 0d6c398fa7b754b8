"""The map's machinery: viewport, tiles and their painters, symbols, text, scene, picking."""
