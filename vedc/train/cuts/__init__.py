"""Training of the shot network."""
