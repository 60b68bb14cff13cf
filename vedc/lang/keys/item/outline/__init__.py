"""Keys of everything that follows the outline of an item."""
