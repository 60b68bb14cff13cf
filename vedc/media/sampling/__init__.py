"""What is seen between two frames of a file, and of the frames that a fast clip passes."""
