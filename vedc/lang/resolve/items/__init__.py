"""Items of a timeline: their times and their values."""
