"""The balance network: architecture, forward pass, weights and card."""
