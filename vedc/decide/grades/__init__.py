"""Deciding colour, and saying it as steps that a person can read."""
