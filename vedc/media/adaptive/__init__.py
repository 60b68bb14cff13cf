"""Adaptive streams: HLS and DASH, from the segments of several renditions."""
