"""Commands about what is said in recordings."""
