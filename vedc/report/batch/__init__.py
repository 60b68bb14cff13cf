"""The outcome of a table's rows: JSON, lines and a page."""
