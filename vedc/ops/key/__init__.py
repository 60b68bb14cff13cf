"""Keys: which colours become transparent."""
