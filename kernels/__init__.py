if __name__ == "kernels":
    raise ImportError("import vedc.kernels: this folder is installed inside the vedc package")
__doc__ = (
    """Filters that are not per-pixel, each as a NumPy reference, for the CPU and in Triton."""
)
