"""A stretch of footage or of a film in one picture: what is seen, heard and said, and where to
cut."""
