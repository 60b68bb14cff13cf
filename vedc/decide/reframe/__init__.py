"""Which part of a picture a film of another shape shows."""
