"""Analyses, decisions and the lock file that holds them."""
