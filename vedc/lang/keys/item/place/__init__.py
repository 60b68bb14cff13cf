"""Keys that place an item on its canvas."""
