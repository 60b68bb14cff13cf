"""Image sequences: one picture file per frame."""
