"""Weights of the scores that choose cuts and transitions."""
