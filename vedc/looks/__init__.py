"""Colour files of other programs: read, checked and written through OpenColorIO."""
