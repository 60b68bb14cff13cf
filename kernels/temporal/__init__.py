"""Filters on a window of frames."""
