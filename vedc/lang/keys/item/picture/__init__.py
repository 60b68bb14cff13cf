"""Keys of an item's picture."""
