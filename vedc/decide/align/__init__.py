"""Alignment: which frames of raw footage a finished film shows."""
