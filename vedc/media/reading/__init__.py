"""Readers of all files with a picture: they give the picture shown at a time."""
