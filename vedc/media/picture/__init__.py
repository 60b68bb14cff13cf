"""Decoded pictures: filters, deinterlacing, and orientation."""
