"""The layout of contact sheets."""
