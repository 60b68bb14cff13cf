"""The pictures on both sides of a join, and parameters of transitions from them."""
