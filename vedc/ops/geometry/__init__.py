"""Geometry: pictures moved, turned, scaled, bent and repeated."""
