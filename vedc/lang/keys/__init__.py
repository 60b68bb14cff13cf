"""The language itself: every key of every item, declared once."""
