"""Scanning files for footage that can be copied."""
