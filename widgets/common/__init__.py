"""What all panels share: the look, the selection, small widgets, wording of numbers."""
