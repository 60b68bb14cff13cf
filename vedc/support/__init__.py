"""Helpers that know nothing of films: caches, files, spelling, start-up."""
