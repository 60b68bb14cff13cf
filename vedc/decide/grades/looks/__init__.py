"""Looks learned from many pairs of raw and graded footage."""
