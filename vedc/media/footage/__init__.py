"""Scanning files for what can be copied of them."""
