"""A film for each row of a table."""
