"""Balance: the exposure, white balance and contrast of a shot, where they are clear."""
