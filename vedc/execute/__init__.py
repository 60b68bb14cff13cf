"""Executing a plan: decoders, kernels, encoders, the segment store."""
