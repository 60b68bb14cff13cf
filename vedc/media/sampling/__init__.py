"""Pictures between two frames of a file, and means of frames that a fast clip skips."""
