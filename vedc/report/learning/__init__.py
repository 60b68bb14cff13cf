"""Styles for people and for programs."""
