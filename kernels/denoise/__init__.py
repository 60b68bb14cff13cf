"""Filters that take noise away."""
