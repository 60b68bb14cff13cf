"""Executes a plan: readers, kernels, encoders, the segment store."""
