"""Execution of plans: decoders, kernels, encoders, the segment store."""
