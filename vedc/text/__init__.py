"""Titles to premultiplied RGBA bitmaps."""
