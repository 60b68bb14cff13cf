"""Crops that vedc decides: what is asked, and how answers take their places."""
