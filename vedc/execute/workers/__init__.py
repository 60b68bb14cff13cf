"""Worker processes: their number, the work of each, and recovery when one dies."""
