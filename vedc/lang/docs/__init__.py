"""Generated files: the JSON Schema, the reference, the index of ops."""
