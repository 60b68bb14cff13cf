"""Deflicker: keyframes of exposure against the breathing of an automatic exposure."""
