"""The simulated field: units that live in a city and answer commands, and people who call.

It speaks to the server through the same HTTP and WebSocket API as a real phone, and knows nothing
that a phone could not know.
"""
