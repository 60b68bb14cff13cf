"""What contact sheets look like."""
