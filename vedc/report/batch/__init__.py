"""What became of the rows of a table: JSON, lines and a page."""
