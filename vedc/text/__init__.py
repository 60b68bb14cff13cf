"""Titles and stills to premultiplied RGBA bitmaps."""
