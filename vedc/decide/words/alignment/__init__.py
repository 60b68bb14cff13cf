"""Forced alignment of a script, with what is said beside it."""
