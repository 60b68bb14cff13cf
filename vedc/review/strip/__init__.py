"""A stretch of footage or of a film in one picture: pictures, sound, speech, and where to cut."""
