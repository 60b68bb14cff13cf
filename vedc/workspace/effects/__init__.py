"""Effects found between files."""
