"""What is seen on both sides of a join, and what transitions make of it."""
