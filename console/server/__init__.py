"""HTTP and WebSockets round the service: desks, devices, and nothing of Qt."""
