"""The denoiser: architecture, forward pass, weights and card."""
