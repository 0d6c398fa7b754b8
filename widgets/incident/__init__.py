"""The column of the selected incident on the right."""
