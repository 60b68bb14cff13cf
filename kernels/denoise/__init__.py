"""Filters that remove noise."""
