"""Training of the weights that score cuts and pieces, on an editor's own films."""
