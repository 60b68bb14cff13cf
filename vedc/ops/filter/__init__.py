"""Filters: ops that look at neighbouring pixels or earlier frames."""
