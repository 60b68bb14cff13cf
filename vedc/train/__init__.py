"""Training: from footage and edits to weights with a card. Loads torch."""
