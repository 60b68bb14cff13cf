"""Training: turns footage and edits into weights with a model card. Loads torch."""
