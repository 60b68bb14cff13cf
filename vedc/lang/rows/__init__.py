"""Tables of data, a film for each row: CSV, JSON Lines and Excel workbooks."""
