"""Tables, pictures and films of a review."""
