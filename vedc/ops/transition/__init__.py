"""Transitions: from picture a to picture b while progress runs from 0 to 1."""
