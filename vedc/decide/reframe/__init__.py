"""Choosing the part of a picture that a film of another aspect ratio shows."""
