"""Ops that a spec brings along in Python files."""
