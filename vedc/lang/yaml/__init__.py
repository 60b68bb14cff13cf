"""Spec text to a tree in which every value knows its source location, and back to text."""
