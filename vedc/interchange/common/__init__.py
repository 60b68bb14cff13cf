"""Shared by all formats: losses, files, words, and the draft of a spec."""
