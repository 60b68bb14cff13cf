"""Training of the grade space."""
