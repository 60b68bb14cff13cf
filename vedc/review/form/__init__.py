"""The form of specs: one way to write them, and bringing old ones up to date."""
