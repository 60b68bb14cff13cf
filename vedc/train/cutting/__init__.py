"""Training of the weights that score cuts and pieces, on a person's own films."""
