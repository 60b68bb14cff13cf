"""Parsing and rewriting H.264 and HEVC streams, as far as copying packets needs it."""
