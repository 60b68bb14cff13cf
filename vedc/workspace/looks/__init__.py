"""Folders of raw and graded footage."""
