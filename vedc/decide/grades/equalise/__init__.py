"""Shots of a scene made alike."""
