"""Frozen values, the fold that makes a picture of them, and the pure decisions.

Standard library only; numpy where arrays are the value (`geo`).
"""
