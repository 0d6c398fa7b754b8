"""The city package: streets, cells, cameras, units and places, ready to be drawn and searched."""
