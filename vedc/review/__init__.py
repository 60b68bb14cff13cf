"""Reviewing edits: what changed, whether that is meant, and specs in one form."""
