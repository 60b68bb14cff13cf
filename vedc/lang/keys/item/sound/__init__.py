"""Keys of an item's sound."""
