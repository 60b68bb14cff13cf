if __name__ == "models":
    raise ImportError("import vedc.models: this folder is installed inside the vedc package")
__doc__ = """A folder per network: architecture, forward pass, weights and card."""
