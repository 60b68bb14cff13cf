"""Keys of what follows the outline of an item."""
