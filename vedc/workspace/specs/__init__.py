"""Checks of a spec for commands."""
