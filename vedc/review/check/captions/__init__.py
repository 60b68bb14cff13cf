"""Checks of captions and titles."""
