"""Measurements of a file: thumbnails, curves, speech, beats. Results are cached by content."""
