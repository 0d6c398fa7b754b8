"""The queue of incidents on the left."""
