"""Tracks of cuts and joins, as all editing programs have them; to and from specs."""
