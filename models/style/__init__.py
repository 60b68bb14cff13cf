"""The style networks: architecture, forward pass, weights and cards."""
