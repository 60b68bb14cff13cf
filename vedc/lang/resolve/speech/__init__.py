"""Captions made of speech: what they ask, and their answers in their places."""
