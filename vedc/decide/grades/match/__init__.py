"""Making a shot look like a reference."""
