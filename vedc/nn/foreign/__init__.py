"""ONNX models supplied by users: checked without running them, then run in a separate process."""
