"""What turns an address into pictures: `pyav` (FFmpeg) and `libvlc`, both run in a worker's thread.

An engine is a function `play(url, sink) -> Reason`: it publishes pictures into the sink until the
sink is stopped or the stream ends, and returns why it ended. Faults of the stream are reasons, not
exceptions.
"""
