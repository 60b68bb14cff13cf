"""Settings of a sound besides its level: loudness, cleaning filters."""
