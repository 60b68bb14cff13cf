if __name__ == "models":
    raise ImportError("import vedc.models: this folder is installed inside the vedc package")
__doc__ = """One network per file, with its card, its weights and its training."""
