"""Lamps in films: their position and visible share in each frame, and what distinguishes a lamp
from a white object."""
