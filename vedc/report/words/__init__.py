"""Meanings of the words of the language."""
