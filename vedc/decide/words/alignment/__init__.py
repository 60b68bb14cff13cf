"""Forced alignment of a script, with asides."""
