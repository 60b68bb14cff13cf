"""Training of the denoiser: pictures, noise, training, figures and card."""
