"""The shot network: architecture, forward pass, weights and card."""
