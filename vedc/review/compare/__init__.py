"""Differences between two edits, or two films: text, plan, frames, sound."""
