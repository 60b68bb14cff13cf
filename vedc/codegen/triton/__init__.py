"""GPU kernels: Triton source."""
