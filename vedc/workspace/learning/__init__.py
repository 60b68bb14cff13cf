"""``vedc learn``: from raw files and finished films to a style."""
