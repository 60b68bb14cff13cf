"""Filters in generated code."""
