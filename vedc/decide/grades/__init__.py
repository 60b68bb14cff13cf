"""Decisions about colour, written as steps that a person can read."""
