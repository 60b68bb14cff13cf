"""Worker processes: how many there are, what each renders, and what becomes of one that dies."""
