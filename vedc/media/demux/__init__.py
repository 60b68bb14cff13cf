"""The packets of a media file: opening it, its streams, and the times of its packets."""
