"""Blends: a source over a backdrop."""
