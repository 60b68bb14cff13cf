"""Training of the balance network."""
