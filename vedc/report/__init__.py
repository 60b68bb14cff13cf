"""What commands print and write for people and tools."""
