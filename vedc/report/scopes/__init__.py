"""Scopes: what a colourist measures of a picture."""
