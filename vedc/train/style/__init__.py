"""Training of style networks: the picture's texture from a painting, its drawing from the clip."""
