"""The strip at the bottom right: how much happened, when."""
