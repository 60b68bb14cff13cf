"""Training of the grade space, and of the networks that decide colour."""
