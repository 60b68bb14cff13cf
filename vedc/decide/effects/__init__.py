"""Deciding effects, and saying them as steps that a person can read."""
