"""A checked spec to its canonical form, and without what it does not use."""
