"""Contact sheets of a file, and pictures of it."""
