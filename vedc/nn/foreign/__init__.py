"""Models that a user brings, as ONNX: checked unrun, then run in a process of their own."""
