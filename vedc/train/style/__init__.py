"""Training of style networks: texture comes from a painting, drawing from the clip."""
