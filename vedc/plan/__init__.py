"""The execution plan: segments, fused kernels, keys. Data only; rendering decides nothing."""
