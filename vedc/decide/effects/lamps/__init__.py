"""Lamps in films: where they are in each frame, how much of them is seen, and what tells a lamp
from a white thing."""
