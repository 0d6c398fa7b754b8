"""The electronic grid map: canvas, layer switches, tools, legend and scale."""
