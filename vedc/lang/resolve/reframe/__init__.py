"""Decided crops: the questions, and how answers are inserted."""
