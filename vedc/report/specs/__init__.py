"""Reports on a spec: its validity, its plan, the result of a render."""
