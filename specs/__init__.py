if __name__ == "specs":
    raise ImportError("import vedc.specs: this folder is installed inside the vedc package")
__doc__ = """The language as data: generated JSON Schema, reference, stock templates."""
