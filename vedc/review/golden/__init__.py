"""Films held to stored values: pictures, lengths, loudness, captions."""
