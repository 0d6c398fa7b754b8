"""The only place where sockets, workers and callbacks become Qt signals."""
