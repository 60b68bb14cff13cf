"""Checks that watch the frames."""
