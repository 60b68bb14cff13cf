"""Encoding a film more than once, to meet a bit rate."""
