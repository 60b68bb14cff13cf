"""Checks that listen."""
