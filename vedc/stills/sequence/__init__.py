"""Image sequences: pictures in files of their own, one for each frame."""
