"""Masks: where on the canvas something applies."""
