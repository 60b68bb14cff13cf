"""Generators: pictures computed from parameters alone."""
