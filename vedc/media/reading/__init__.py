"""Readers of everything that has a picture: they give the picture that is shown at a time."""
