"""Commands that learn from finished films."""
