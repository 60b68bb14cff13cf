"""Checks of the file itself: what it holds, and how long it is."""
