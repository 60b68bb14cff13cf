"""Deciding colour: the space of grades, fitting, matching, balancing, and steps a person can read."""
