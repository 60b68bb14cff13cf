"""Captions made from speech: their questions, and how answers are inserted."""
