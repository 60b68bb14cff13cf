if __name__ == "kernels":
    raise ImportError("import vedc.kernels: this folder is installed inside the vedc package")
__doc__ = """Kernels that are not per-pixel (resampling, blur, scans), each with its CPU twin."""
