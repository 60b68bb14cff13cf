"""What a sound may be given beside its level: loudness, cleaning filters."""
