"""What commands ask of a spec."""
