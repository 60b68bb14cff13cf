"""Helpers that know nothing about films: caches, files, spelling, start-up."""
