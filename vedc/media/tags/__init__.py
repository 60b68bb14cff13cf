"""Metadata of a file besides its streams."""
