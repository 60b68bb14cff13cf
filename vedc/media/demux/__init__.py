"""What a media file holds in packets: opening it, its streams, and when its packets are shown."""
