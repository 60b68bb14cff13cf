"""Fusion: the graph of a piece becomes a chain of kernels and filters."""
