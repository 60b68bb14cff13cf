"""Decoded pictures: filtered, deinterlaced, and how they are to be shown."""
