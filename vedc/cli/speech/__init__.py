"""Commands about speech in recordings."""
