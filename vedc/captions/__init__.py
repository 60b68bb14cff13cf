"""Caption files: their encodings and formats, and captions as streams of a film."""
