"""The language: load, validate, expand and resolve an edit spec."""
